"""Why a row is refused or warned: a stable key for programs, a sentence in zh and en for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from osteogait.words import sentence

REFUSED = (
    "missing-column",
    "unknown-column",
    "wrong-cell-count",
    "unknown-person",
    "no-consent",
    "bad-time",
    "no-zone",
    "not-a-number",
    "bad-comparator",
    "unknown-code",
    "name-code-mismatch",
    "bad-check-digit",
    "unknown-unit",
    "code-unit-clash",
    "out-of-hard-range",
    "missing-site",
    "missing-brand",
    "missing-reference-db",
    "missing-scanner",
    "bad-fasting",
    "bad-allele",
    "ambiguous-strand",
    "bad-status",
    "formula",
    "duplicate-row",
    "conflicts-with-stored",
)
WARNED = (
    "out-of-soft-range",
    "censored",
    "name-code-mismatch",
    "fasting-unknown",
    "not-fasting",
    "old-value",
    "reference-mismatch",
    "assumed-zone",
    "sign-dropped",
    "d3-only",
    "not-counted",
)
IGNORED = (
    "example-row",
    "blank-row",
    "unread-row",
    "other-resource",
    "other-code",
    "no-value",
    "not-final",
    "other-type",
    "other-content",
    "other-sheet",
)
SHOWN = 80  # characters of an offending text that are repeated


@dataclass(frozen=True, slots=True)
class Said:
    """A reason: `reason` is the stable key, `code` the sentence in words.yaml, `fields` what it names."""

    reason: str
    fields: Mapping[str, object] = field(default_factory=dict)
    variant: str = ""

    @property
    def code(self) -> str:
        """Key of the sentence."""
        tail = self.variant or self.reason.replace("-", "_")
        return f"intake_{tail}"

    def message(self, lang: str) -> str:
        """What is wrong and what to do, in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)


class RowRefused(Exception):
    """Carries the reason out of the depth of one row; never leaves the door."""

    def __init__(self, reason: str, *, variant: str = "", **fields: object) -> None:
        self.said = Said(reason, fields, variant)
        super().__init__(reason)

    @classmethod
    def of(cls, said: Said) -> RowRefused:
        """The refusal that says `said`."""
        refusal = cls(said.reason)
        refusal.said = said
        return refusal


def ignored_message(kind: str, lang: str, count: int) -> str:
    """What was passed over and how often, in `lang`."""
    return sentence(f"intake_ignored_{kind.replace('-', '_')}", lang, {"count": count})


def shown(text: object) -> str:
    """`text` on one line, not longer than people read."""
    line = " ".join(str(text).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
