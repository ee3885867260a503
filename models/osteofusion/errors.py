"""Why the model gives no answer, as one tree.

FusionError                base: code, fields, a sentence in zh and en
├── BundleError            a file of the bundle is missing, altered or not understood
│   ├── SignatureError     the bundle is not signed by a key that counts here
│   ├── TrustError         the list of trusted keys or a private key cannot be used
│   └── InstallError       a bundle may not become the active one, or the active one is lost
├── EngineError            no inference runtime, or one that does not reproduce the golden vectors
└── ValuesError            values that no prediction can be made from
"""

from __future__ import annotations

from collections.abc import Mapping

from osteofusion.words import sentence


class FusionError(ValueError):
    """Base of all errors of the model: `code` names the reason, `fields` say what and where."""

    def __init__(self, code: str, **fields: object) -> None:
        self.code = code
        self.fields: Mapping[str, object] = fields
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """What is wrong, where, and what to do, in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)


class BundleError(FusionError):
    """A file of the model bundle is missing, altered or not understood; nothing was computed."""


class SignatureError(BundleError):
    """The bundle is not signed, or not by a key that counts here; nothing of it was read."""


class TrustError(BundleError):
    """The list of trusted keys, or a private key, cannot be used as it is."""


class InstallError(BundleError):
    """A bundle may not become the active one, or the active one is no longer what was installed."""


class EngineError(FusionError):
    """The inference runtime is absent, crashed, hung, or does not reproduce the golden vectors."""


class ValuesError(FusionError):
    """The values cannot be used: unknown, not finite, outside the hard range, or age or sex missing."""
