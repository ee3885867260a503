"""A named remark on an assessment, with its sentence in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from osteogait.words import sentence


@runtime_checkable
class Speaks(Protocol):
    """Anything that can say itself in a language, such as a flag of a recording."""

    def message(self, lang: str) -> str:
        """The sentence in `lang`."""


@dataclass(frozen=True, slots=True)
class Remark:
    """`code` with `severity` (`info`, `warn`, `reject`); a field may itself be something that speaks."""

    code: str
    severity: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str) -> str:
        """What is remarked, in `lang` (`en` or `zh`)."""
        said = {name: value.message(lang) if isinstance(value, Speaks) else value for name, value in self.fields.items()}
        return sentence(self.code, lang, said)
