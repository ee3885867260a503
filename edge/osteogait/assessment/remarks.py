"""A named remark on an assessment, with its sentence in zh and en."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from osteogait.words import sentence


@dataclass(frozen=True, slots=True)
class Remark:
    """`code` with `severity` (`info`, `warn`, `reject`); a field may itself be something that speaks."""

    code: str
    severity: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str) -> str:
        """What is remarked, in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)
