"""What published rule sets say on the values of an assessment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from osteogait.assessment.inputs import KnownValue, MeasuredRecording

if TYPE_CHECKING:
    from gaitsignal.scoring.verdict import Verdict
    from osteogait.clinic.case import Person

DEFAULT_RULE_SETS = ("awgs2019", "steadi", "china2018")
"""Asian and Chinese rules; `ewgsop2` may be asked for beside or in place of them."""
FEATURES = {
    "grip": "grip_one_hand",
    "gait_speed": "gait_speed",
    "gait_speed_6m": "gait_speed",  # the 6 m of AWGS 2019 are walked at usual pace
    "tug": "tug",
    "chair_stand_5x": "chair_stand_5x",
    "one_leg_open": "one_leg_stance",
}
"""Value of the rules -> feature of the assessment."""
COUNTED = {"stands_30s": ("chair_stand_30s", "repetitions")}
"""Value of the rules -> protocol and measure, where no feature holds it."""


@dataclass(frozen=True, slots=True)
class RuleValues:
    """What the rules look at, by their own names."""

    numbers: Mapping[str, float]
    sex: str
    age: float


def rule_values(
    known: Mapping[str, KnownValue], recordings: Iterable[MeasuredRecording], person: Person
) -> RuleValues:
    """The values of a case by the names of the rules; of several counted trials the mean."""
    numbers = {}
    for value, feature in FEATURES.items():
        held = known[feature].value if feature in known else None
        if isinstance(held, int | float):
            numbers[value] = float(held)
    usable = [recording for recording in recordings if recording.measures.usable]
    for value, (protocol, key) in COUNTED.items():
        found = [
            r.measures.values[key].value
            for r in usable
            if r.protocol == protocol and key in r.measures.values
        ]
        if found:
            numbers[value] = fmean(found)
    return RuleValues(numbers, person.sex, person.age)


def verdicts(values: RuleValues, rule_sets: Iterable[str] = DEFAULT_RULE_SETS) -> tuple[Verdict, ...]:
    """What `rule_sets` say on `values`, met or not; items on which they say nothing are left out."""
    from gaitsignal.scoring.rule_set import rule_set
    from gaitsignal.scoring.verdict import judge

    said: list[Verdict] = []
    for name in rule_sets:
        used = rule_set(name).values
        numbers = {value: number for value, number in values.numbers.items() if value in used}
        said += [
            verdict for verdict in judge(name, numbers, values.sex, values.age) if verdict.met is not None
        ]
    return tuple(said)


def verdict_part(verdict: Verdict, lang: str) -> dict[str, Any]:
    """`verdict` as the document of the contract holds it, its message in `lang`."""
    return {
        "rule_set": verdict.rule_set,
        "version": verdict.version,
        "citation": verdict.citation,
        "item": verdict.item,
        "met": verdict.met,
        "because": list(verdict.because),
        "message": verdict.message(lang),
        "compared": [
            {
                "value": compared.value,
                "feature": FEATURES.get(compared.value),
                "comparison": compared.comparison,
                "limit": compared.limit,
                "unit": compared.unit,
                "met": compared.met,
            }
            for compared in verdict.comparisons
        ],
    }
