"""Everything that can go wrong in the app, as one tree.

OsteogaitError                 base: code, fields, a sentence in zh and en, an exit code
├── UsageError                 the command was called wrongly (exit 2)
├── Rejected                   the input is refused (exit 3)
│   ├── CaseError              a case file or a value in it
│   └── DecodeError            bytes from a sensor that mean nothing
├── QualityGateFailed          a recording cannot carry a number (exit 4)
├── DeviceNotFound             no sensor, no adapter (exit 5)
├── NotPermitted               no permission or no consent (exit 6)
├── ConfigError                the configuration file cannot be used (exit 1)
├── StoreError                 the database is newer, damaged or full (exit 1)
├── ModelError                 the bundle or every engine failed its check (exit 1)
└── MissingExtra               an optional part is not installed (exit 1)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from osteogait.words import Speaks, sentence


class OsteogaitError(Exception):
    """Base of all errors of the app: `code` names the reason, `fields` say what and where."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields: Mapping[str, object] = fields
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """What is wrong, where, and what to do, in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)


class UsageError(OsteogaitError):
    """The command was called with words that do not fit."""

    exit_code = 2


class Rejected(OsteogaitError):
    """The input is refused; nothing was computed from it and nothing was stored."""

    exit_code = 3


class CaseError(Rejected):
    """A case file, a column map or a value in them is refused."""


class DecodeError(Rejected):
    """Bytes of a sensor that no decoder takes; carries model, length and hex."""

    def __init__(self, model: str, packet: bytes, reason: Speaks) -> None:
        self.model, self.length, self.hex, self.reason = model, len(packet), packet.hex(), reason
        super().__init__("decode", model=model, length=len(packet), hex=packet.hex(), reason=reason)


class QualityGateFailed(OsteogaitError):
    """A recording failed its quality gate, so no number comes from it."""

    exit_code = 4


class DeviceNotFound(OsteogaitError):
    """No sensor or no Bluetooth adapter was found."""

    exit_code = 5


class NotPermitted(OsteogaitError):
    """The system or the person did not allow it."""

    exit_code = 6


class ConfigError(OsteogaitError):
    """The configuration file cannot be read, or a line of it is unknown or wrong; the defaults are not used instead."""


class StoreError(OsteogaitError):
    """The database cannot be used as it is; no byte of it was changed."""


class ModelError(OsteogaitError):
    """No engine reproduces the golden vectors, or the bundle is not what its manifest says."""


class MissingExtra(OsteogaitError):
    """An optional part of the product is not installed."""

    def __init__(self, extra: str) -> None:
        super().__init__("missing_extra", extra=extra)
