"""What a clinician concluded otherwise, in words that go out with the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from osteogait.report.document import OUTCOMES
from osteogait.report.fhir import codes

if TYPE_CHECKING:
    from osteogait.storage.signatures import Signature

CONCLUSIONS = {
    "higher": {"en": "a clinician judges it higher than the estimate", "zh": "医生判断高于估计值"},
    "lower": {"en": "a clinician judges it lower than the estimate", "zh": "医生判断低于估计值"},
    "other": {"en": "a clinician concludes otherwise", "zh": "医生另有结论"},
    "not_usable": {"en": "a clinician decided that it must not be used", "zh": "医生认为不可采用"},
}
COLON = {"en": ": ", "zh": "："}


def conclusions(acts: Iterable[Signature]) -> dict[str, str]:
    """By outcome, the last conclusion that overrode it."""
    found = (act.override for act in acts if act.override is not None)
    return {OUTCOMES[int(one["outcome"])]: str(one["conclusion"]) for one in found}


def sentences(acts: Iterable[Signature], lang: str) -> Mapping[str, str]:
    """By outcome, what was concluded and why."""
    said = {}
    for act in acts:
        for outcome, conclusion in conclusions([act]).items():
            name = codes.tables()["outcomes"][outcome]["text"][lang]
            parts = (name, CONCLUSIONS[conclusion][lang], act.comment or "")
            said[outcome] = COLON[lang].join(part for part in parts if part)
    return said
