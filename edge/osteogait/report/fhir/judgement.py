"""What a clinician concluded otherwise, in words that go out with the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from osteogait.report.fhir import codes
from osteogait.report.judgement import conclusions

if TYPE_CHECKING:
    from osteogait.storage.signatures import Signature

CONCLUSIONS = {
    "higher": {"en": "a clinician judges it higher than the estimate", "zh": "医生判断高于估计值"},
    "lower": {"en": "a clinician judges it lower than the estimate", "zh": "医生判断低于估计值"},
    "other": {"en": "a clinician concludes otherwise", "zh": "医生另有结论"},
    "not_usable": {"en": "a clinician decided that it must not be used", "zh": "医生认为不可采用"},
}
COLON = {"en": ": ", "zh": "："}


def sentences(acts: Iterable[Signature], lang: str) -> Mapping[str, str]:
    """By outcome, what was concluded and why."""
    said = {}
    for act in acts:
        for outcome, conclusion in conclusions([act]).items():
            name = codes.tables()["outcomes"][outcome]["text"][lang]
            parts = (name, CONCLUSIONS[conclusion][lang], act.comment or "")
            said[outcome] = COLON[lang].join(part for part in parts if part)
    return said
