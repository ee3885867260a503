"""Verdicts of rule sets on a case: which rules speak, on which values, and when they keep silent."""

from __future__ import annotations

import pytest

from gaitsignal.result import Events, Measures, Value
from gaitsignal.scoring.rule_set import RULE_SETS, rule_set
from osteofusion.schema import load_schema
from osteogait.assessment.inputs import KnownValue, MeasuredRecording
from osteogait.assessment.verdicts import (
    COUNTED,
    DEFAULT_RULE_SETS,
    FEATURES,
    rule_values,
    verdict_part,
    verdicts,
)
from osteogait.clinic.case import Person

WOMAN = Person(72.0, "female")


def known(**values: float) -> dict[str, KnownValue]:
    schema = load_schema()
    return {name: KnownValue(value, schema.by_id[name].unit, "typed") for name, value in values.items()}


def said(person: Person = WOMAN, **values: float) -> dict[tuple[str, str], bool | None]:
    found = verdicts(rule_values(known(**values), (), person))
    return {(verdict.rule_set, verdict.item): verdict.met for verdict in found}


def stands(count: float, *, usable: bool = True, protocol: str = "chair_stand_30s") -> MeasuredRecording:
    measures = Measures(protocol, usable, (), {"repetitions": Value(count, "1")}, Events())
    return MeasuredRecording(f"{count}.csv", protocol, measures)


def test_each_value_reaches_the_rules_that_use_it() -> None:
    assert said(gait_speed=0.79) == {
        ("awgs2019", "low_performance"): True,
        ("awgs2019", "possible_sarcopenia"): True,
        ("china2018", "slow_gait"): True,
    }
    assert said(tug=11.9) == {("steadi", "tug_at_risk"): False}
    assert said(one_leg_stance=7.0) == {
        ("china2018", "balance_impaired"): True,
        ("china2018", "high_fall_risk"): False,
        ("china2018", "one_leg_open_not_normal"): True,
    }


@pytest.mark.parametrize(("sex", "met"), [("female", False), ("male", True)])
def test_limits_follow_sex(sex: str, met: bool) -> None:
    assert said(Person(72.0, sex), grip_one_hand=20.0)["awgs2019", "low_strength"] is met


def test_nothing_known_nothing_said() -> None:
    assert verdicts(rule_values({}, (), WOMAN)) == ()
    assert said(cadence=104.0) == {}


def test_counted_stands_come_from_usable_recordings_of_their_own_test() -> None:
    recordings = [
        stands(8.0),
        stands(11.0),
        stands(30.0, usable=False),
        stands(5.0, protocol="chair_stand_5x"),
    ]
    values = rule_values({}, recordings, WOMAN)
    assert values.numbers == {"stands_30s": 9.5}
    (verdict,) = verdicts(values)
    assert (verdict.item, verdict.met) == ("stands_below_average", True)  # CDC: women of 70-74 below 10
    assert verdicts(rule_values({}, recordings, Person(59.0, "female"))) == ()


def test_the_european_rules_speak_when_asked() -> None:
    values = rule_values(known(gait_speed=0.8, grip_one_hand=15.0), (), WOMAN)
    assert "ewgsop2" not in {verdict.rule_set for verdict in verdicts(values)}
    found = {verdict.item: verdict.met for verdict in verdicts(values, ("ewgsop2",))}
    assert found == {"low_strength": True, "low_performance": True}


def test_every_name_exists_in_the_rules_and_in_the_schema() -> None:
    used = frozenset().union(*(rule_set(name).values for name in RULE_SETS))
    assert used >= set(FEATURES) | set(COUNTED)
    assert set(FEATURES.values()) <= set(load_schema().by_id)
    assert set(DEFAULT_RULE_SETS) <= set(RULE_SETS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_document_says_what_was_compared_in_words_of_people(lang: str) -> None:
    (verdict, *_) = verdicts(rule_values(known(grip_one_hand=17.5), (), WOMAN))
    part = verdict_part(verdict, lang)
    assert part["message"] == verdict.message(lang)
    assert "17.5 kg < 18 kg" in part["message"]
    assert part["because"] == ["grip 17.5 kg < 18 kg"]
    (compared,) = part["compared"]
    assert compared == {
        "value": "grip",
        "feature": "grip_one_hand",
        "comparison": "below",
        "limit": 18,
        "unit": "kg",
        "met": True,
    }
