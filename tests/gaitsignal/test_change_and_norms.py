"""Real change, reference values, reliability of sway, Romberg ratios: only what somebody published or measured."""

from __future__ import annotations

import json
import re
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.change import real_change, rules_of
from gaitsignal.measures.catalogue import catalogue
from gaitsignal.measures.romberg import KEYS, ratios
from gaitsignal.measures.sway_catalogue import NOT_FOR_FLAGGING
from gaitsignal.measures.sway_reliability import CONDITIONS, LOW_ICC, RELIABILITY, may_be_flagged
from gaitsignal.norms import norm_beside, norms, norms_for
from gaitsignal.pipeline import measure
from gaitsignal.synthetic import stander


@pytest.mark.parametrize(
    ("key", "before", "after", "real"),
    [
        ("walking_speed", 1.00, 1.14, True),
        ("walking_speed", 1.00, 1.12, False),
        ("walking_speed", 1.00, 0.85, True),
        ("tug_total", 10.0, 11.6, True),
        ("tug_total", 10.0, 11.5, False),
        ("tug_turn_1_peak_rate", 100.0, 70.0, True),
        ("tug_turn_2_peak_rate", 100.0, 80.0, False),
    ],
)
def test_real_is_beyond_the_limit(key: str, before: float, after: float, real: bool) -> None:
    assert real_change(key, before, after).real is real


@pytest.mark.parametrize(
    ("after", "grade"), [(1.04, None), (1.05, "small"), (1.10, "substantial"), (0.9, "substantial")]
)
def test_what_matters_has_its_grade(after: float, grade: str | None) -> None:
    change = real_change("walking_speed", 1.0, after)
    assert change.important == grade
    assert change.real is False


def test_sway_needs_its_condition_and_is_judged_by_ratio() -> None:
    assert real_change("rms", 0.10, 0.15, "open_firm").real is False
    assert real_change("rms", 0.10, 0.16, "open_firm").real is True
    assert real_change("rms", 0.16, 0.10, "open_firm").real is True
    assert real_change("rms", 0.10, 0.16, "closed_firm").real is False
    assert real_change("rms", 0.10, 0.16).reason == "condition_unknown"
    with pytest.raises(ValueError, match="no condition 'dark'"):
        real_change("rms", 0.1, 0.2, "dark")


def test_nothing_is_said_without_a_verified_rule() -> None:
    stands = real_change("total_time", 12.0, 20.0)
    assert stands.real is None
    assert "not been verified" in str(stands.reason)
    assert real_change("cadence", 100.0, 130.0).reason == "no_rule"
    assert real_change("sppb", 0.0, 1.0).important == "substantial"


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_impossible_values_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="judged on"):
        real_change("walking_speed", 1.0, value)
    with pytest.raises(ValueError, match="positive"):
        real_change("tug_total", 0.0, 10.0)


@pytest.mark.parametrize("key", ["walking_speed", "tug_total", "tug_turn_1_peak_rate"])
def test_rules_bear_the_unit_of_the_catalogue_and_a_source(key: str) -> None:
    rules, _ = rules_of(key)
    assert rules
    for rule in rules:
        assert rule.unit == catalogue()[key].unit
        assert rule.source
        assert rule.population


def test_norms_are_given_by_age_sex_and_method() -> None:
    women = norms_for("gait_speed", "stopwatch_20ft", 74.6, "female")
    assert [norm.median for norm in women] == [0.89]
    assert {norm.source[:7] for norm in norms_for("tug", "stopwatch", 72)} == {
        "Bohanno",
        "Tan 202",
        "J Am Me",
    }
    assert norms_for("one_leg_closed", "stopwatch", 70, "male") == ()
    assert norms_for("one_leg_closed", "stopwatch", 66) == ()


def test_values_of_the_sensor_have_no_norms_of_the_stopwatch() -> None:
    for key in ("walking_speed", "rms", "tug_total"):
        assert not [norm for norm in norms() if norm.measure == key]
    assert norms_for("gait_speed", "sensor", 72, "female") == ()


def test_every_norm_is_a_whole_row() -> None:
    for norm in norms():
        assert norm.source
        assert set(norm.population) == {"en", "zh"}
        assert all(norm.population.values())
        assert norm.ages[0] < norm.ages[1]
        assert any(x is not None for x in (norm.mean, norm.median, norm.worse_than_average))
        for pair, middle in ((norm.mean_ci95, norm.mean), (norm.p5_p95, norm.median)):
            assert pair is None or (middle is not None and pair[0] < middle < pair[1])


def test_at_most_one_norm_stands_beside_a_value_and_it_is_a_band() -> None:
    shown = [norm for norm in norms() if norm.beside_value]
    for key in {(norm.measure, norm.method) for norm in shown}:
        for sex in ("female", "male"):
            for age in range(20, 111):
                found = [norm for norm in norms_for(*key, age, sex) if norm.beside_value]
                assert len(found) <= 1
    for norm in shown:
        assert norm.band is not None
        assert norm.band.low < norm.band.mid < norm.band.high
        assert norm.n or norm.studies


def test_norms_beside_a_value_follow_sex_and_completed_years() -> None:
    def band(sex: str, age: float) -> tuple[str, float, float, float] | None:
        norm = norm_beside("gait_speed", "stopwatch_20ft", age, sex)
        return None if norm is None or norm.band is None else astuple(norm.band)

    assert band("female", 69.9) == band("female", 60) == ("percentile", 0.66, 0.97, 1.38)
    assert band("male", 70) == ("percentile", 0.55, 0.92, 1.27)
    assert band("female", 45) is None
    stands = norm_beside("chair_stand_5x", "stopwatch", 72, "female")
    assert stands is not None
    assert stands.band is not None
    assert astuple(stands.band) == ("sd", 7.49, 11.03, 14.57)
    assert (
        norm_beside("tug", "stopwatch", 55) is None
    )  # the mean of people of 21 to 85 says nothing on one decade


@pytest.mark.realdata
def test_speed_percentiles_are_those_of_the_survey(shared: Path) -> None:
    import pandas

    table = pandas.read_csv(shared / "data/cohort/nhanes_function_btm_1999_2000_2003_2004.csv")
    table = table[table["gait_speed_m_s"].notna()]
    decades = [norm for norm in norms() if norm.measure == "gait_speed"]
    assert len(decades) == 8
    for norm in decades:
        rows = table[(table["sex"] == str(norm.sex)[0].upper()) & table["age"].between(*norm.ages)]
        rows = rows.sort_values("gait_speed_m_s")
        weight = rows["wt_mec"].to_numpy()
        share = (np.cumsum(weight) - weight / 2) / weight.sum()
        found = np.interp([0.05, 0.5, 0.95], share, rows["gait_speed_m_s"])
        assert norm.band is not None
        assert len(rows) == norm.n
        assert [norm.band.low, norm.band.mid, norm.band.high] == pytest.approx(found, abs=0.0051)


@pytest.mark.realdata
def test_norms_are_those_of_the_oracle(shared: Path) -> None:
    text = (shared / "oracle" / "norms.json").read_text(encoding="utf-8")
    printed = {float(number) for number in re.findall(r"\d*\.?\d+", text)}
    unsure = [row["measure"] for row in json.loads(text) if "memory" in row["status"]]
    assert unsure == ["5xSTS MDC"]
    for norm in norms():
        if "NHANES" not in norm.source:
            numbers = [
                norm.mean,
                norm.sd,
                norm.median,
                norm.worse_than_average,
                *(norm.p5_p95 or ()),
                *(norm.mean_ci95 or ()),
            ]
            assert {number for number in numbers if number is not None} <= printed, norm


def test_only_reliable_sway_is_flagged() -> None:
    assert all(may_be_flagged(key, condition) for key in RELIABILITY for condition in CONDITIONS)
    assert not any(may_be_flagged(key, "open_firm") for key in NOT_FOR_FLAGGING)
    for stem, (low, _) in LOW_ICC.items():
        assert low < 0.75
        assert not any(may_be_flagged(f"{stem}{end}", "open_foam") for end in ("", "_ap", "_ml", "_res"))
    with pytest.raises(ValueError, match="no condition"):
        may_be_flagged("rms", "firm")


def test_romberg_ratios_of_a_person_who_sways_twice_as_much() -> None:
    easy, hard = (measure(stander(sway, seed=3).recording, "quiet_stance") for sway in (0.05, 0.10))
    found = ratios(hard, easy)
    assert set(found.values) == set(KEYS)
    assert found.values["rms"] == pytest.approx(2.0, rel=0.05)
    assert found.values["ellipse_area"] == pytest.approx(4.0, rel=0.1)
    assert ratios(easy, hard).values["rms"] == pytest.approx(1.0 / found.values["rms"])


def test_romberg_ratios_are_withheld_with_a_reason() -> None:
    long, short = (measure(stander(duration_s=s, seed=3).recording, "quiet_stance") for s in (30.0, 20.0))
    assert ratios(long, short).withheld == {"path": "unequal_length", "jerk": "unequal_length"}
    refused = replace(short, usable=False, values={})
    assert set(ratios(long, refused).withheld.values()) == {"not_usable"}
    clipped = replace(long, values={key: value for key, value in long.values.items() if key != "jerk"})
    assert ratios(long, clipped).withheld == {"jerk": "not_measured"}
