"""What a typed bone density rests on: maker of the scanner and reference population, as the report names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.web.call import Call

BONE_SOURCE = "bone"
"""The part of the form that asks for it."""
NOT_SAID = "not said"
NOT_ON_REPORT = N_("not on the report")
BRANDS = (
    ("Hologic", "Hologic"), ("GE Lunar", "GE Lunar"), ("Norland", "Norland"), ("OsteoSys", "OsteoSys"),
    ("other", N_("another maker")), (NOT_SAID, NOT_ON_REPORT),
)  # fmt: skip
REFERENCES = (
    ("NHANES III", "NHANES III"), ("China", N_("Chinese")), ("Asia", N_("Asian")), ("Caucasian", N_("Caucasian")),
    ("other", N_("another population")), (NOT_SAID, NOT_ON_REPORT),
)  # fmt: skip
"""Values are kept in English, as files write them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One question: its name in the form, its words, its answers, what was chosen, what is wrong."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    chosen: str
    error: str


QUESTIONS = (
    ("brand", N_("Maker of the scanner"), BRANDS),
    ("reference_db", N_("Reference population of the T-scores"), REFERENCES),
)


def source_fields(call: Call, errors: Mapping[str, str]) -> tuple[Choice, ...]:
    """The questions as the page shows them."""
    return tuple(
        Choice(
            name,
            call.say(label),
            (("", call.say("please choose")), *((key, call.say(text)) for key, text in answers)),
            call.form.text(name),
            errors.get(name, ""),
        )
        for name, label, answers in QUESTIONS
    )


def read_source(call: Call, errors: dict[str, str]) -> dict[str, str]:
    """The answers as notes of a value; what is not on the report is no note. Errors where nothing was chosen."""
    found = {}
    for name, _, answers in QUESTIONS:
        chosen = call.form.text(name)
        if chosen not in dict(answers):
            errors[name] = call.say("Please choose: densities and T-scores mean nothing without it.")
        elif chosen != NOT_SAID:
            found[name] = chosen
    return found
