"""Competing hazards: the incidence is right, extremes are held, age shapes and knots do what they say."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from osteofusion.lab.hazards import KNOTS, STEEPEST, Hazards, People, Shape, bone_factor, chances, incidence

FLAT = Hazards(
    base={
        cause: np.full((2, len(KNOTS)), level)
        for cause, level in (("hip", -6.0), ("other", -5.0), ("death", -4.0))
    },
    ratio={"hip": {"fn_t": 1.0, "ctx": 0.5}, "other": {"fn_t": 0.2}, "death": {}},
    shape={"hip": {"fn_t": Shape(np.array([50.0, 80.0]), np.array([1.2, 0.6]), np.array([1.2, 0.4]))}},
    linear=1.5,
    ceiling=2.5,
)


def person(age: float, male: float = 0.0, t: float = -1.0, ctx: float = 0.0) -> People:
    factor = {"fn_t": bone_factor(np.array([t])), "ctx": np.array([ctx])}
    return People(*(np.array([x]) for x in (age, male, 27.0, 1.0)), factor, np.array([False]))


def test_incidence_against_a_fine_grid_of_time() -> None:
    event, death = np.full((1, 10), 0.02), np.full((1, 10), 0.05)
    steps = 200_000
    alive = np.exp(-0.07 * 10 * np.arange(steps) / steps)
    fine = float((alive * 0.02 * 10 / steps).sum())
    found, years = incidence(event, death)
    assert found[0] == pytest.approx(fine, rel=1e-4)
    assert years[0] == pytest.approx((1 - np.exp(-0.7)) / 0.07, rel=1e-9)


def test_without_death_the_incidence_is_one_minus_survival() -> None:
    found, _ = incidence(np.full((1, 10), 0.03), np.full((1, 10), 1e-12))
    assert found[0] == pytest.approx(1 - np.exp(-0.3), rel=1e-6)


def test_a_ratio_follows_its_shape_over_age_and_sex() -> None:
    for age, male, wanted in ((45.0, 0.0, 1.2), (65.0, 0.0, 0.9), (90.0, 0.0, 0.6), (90.0, 1.0, 0.4)):
        assert FLAT.log_ratio("hip", person(age, male, t=-2.0))[0] == pytest.approx(wanted)


def test_the_sum_of_other_ratios_is_held_below_its_ceiling() -> None:
    small, large, huge = (FLAT.log_ratio("hip", person(70, ctx=x))[0] for x in (2.0, 4.0, 400.0))
    assert small == pytest.approx(1.0)
    assert 1.5 < large < 2.0
    assert huge == pytest.approx(2.5)


def test_bone_below_the_published_tables_adds_nothing() -> None:
    assert bone_factor(np.array([-5.0, -7.0])).tolist() == [4.0, 4.0]


def test_rates_go_on_beyond_the_knots_at_a_bounded_slope() -> None:
    base = {**FLAT.base, "hip": np.tile(np.linspace(-8.0, 2.0, len(KNOTS)), (2, 1))}
    hazards = replace(FLAT, base=base)
    old = hazards.base_of("hip", person(100))[0]
    np.testing.assert_allclose(np.diff(np.log(old)), STEEPEST)
    young = np.log(hazards.base_of("hip", person(40))[0])
    assert young[0] < young[-1] < -8.0 + 2.0


def test_hip_never_above_major_fracture_and_lower_bone_never_safer() -> None:
    t_scores = np.linspace(2.0, -6.0, 60)
    for age in (45.0, 70.0, 92.0):
        found = [chances(FLAT.yearly(person(age, t=t))) for t in t_scores]
        hip, mof = (np.array([item[name][0] for item in found]) for name in ("hip", "mof"))
        assert np.all(hip <= mof)
        assert np.all(np.diff(hip) >= 0)
        assert np.all(np.diff(mof) >= 0)


def test_hazards_survive_their_file() -> None:
    again = Hazards.from_json(json.loads(json.dumps(FLAT.to_json())))
    who = person(77, 1.0, -3.0, 2.0)
    for cause, table in FLAT.yearly(who).items():
        np.testing.assert_array_equal(again.yearly_of(cause, who), table)
