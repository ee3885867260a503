"""The search for hazards finds what it is asked for, on simulated people."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.lab.cohort import parameters
from osteofusion.lab.hazard_fit import SEXES, calibrate, members
from osteofusion.lab.hazards import HARMFUL, People
from osteofusion.lab.regenerate import cells, poisson, probes, regenerated

PARAMETERS = parameters()


def invented(count: int = 6000) -> People:
    """People with independent risk factors."""
    rng = np.random.default_rng(1)
    factor = {name: rng.standard_normal(count) for name in HARMFUL}
    factor["fn_t"] = rng.normal(-0.3, 1.0, count)
    for name in PARAMETERS["target_hazard_ratio"]["hip"]:
        if name not in factor:
            factor[name] = (rng.random(count) < 0.15).astype(float)
    age, male = rng.uniform(40, 90, count), (rng.random(count) < 0.5).astype(float)
    weight = rng.uniform(0.5, 2.0, count)
    return People(age, male, rng.normal(27, 5, count), weight, factor, rng.random(count) < 0.2)


PEOPLE = invented()
CENTRE = calibrate(PEOPLE, PARAMETERS, rounds=10)


def test_published_hazard_ratios_are_regenerated() -> None:
    found = regenerated(CENTRE, PEOPLE)
    for outcome, targets in PARAMETERS["target_hazard_ratio"].items():
        for name, target in targets.items():
            assert found[outcome][name] == pytest.approx(target["value"], rel=0.10), (outcome, name)


def test_ten_year_incidences_meet_their_anchors() -> None:
    found = cells(CENTRE, PEOPLE)
    for number, sex in enumerate(SEXES):
        death = PARAMETERS["death"]["ten_year"][sex]["value"]
        np.testing.assert_allclose(found["death"][number], death, atol=0.002)
        for outcome in ("hip", "mof"):
            level = PARAMETERS["ten_year_fracture"][outcome][sex]["value"]
            np.testing.assert_allclose(found[outcome][number][:4] / level[:4], 1.0, atol=0.30)


def test_members_differ_but_centre_on_the_published_ratios() -> None:
    drawn = members(CENTRE, PEOPLE, PARAMETERS, 5, np.random.default_rng(2))
    ratios = np.array([[member.ratio["hip"][name] for name in CENTRE.ratio["hip"]] for member in drawn])
    assert ratios.std(axis=0).min() > 0.02
    np.testing.assert_allclose(ratios.mean(axis=0), list(CENTRE.ratio["hip"].values()), atol=1e-9)


def test_poisson_regression_finds_the_ratio_it_was_given() -> None:
    rng = np.random.default_rng(3)
    years = rng.uniform(5, 10, len(PEOPLE))
    rate = 0.01 * np.exp(0.7 * PEOPLE.factor["prior_fracture"] + 0.05 * (PEOPLE.age - 65))
    found = poisson(PEOPLE, ("prior_fracture",), rate * years, years, with_bmi=True)
    assert found["prior_fracture"] == pytest.approx(np.exp(0.7), rel=1e-6)


def test_probes_are_people_without_risk_factor_at_the_wanted_bone() -> None:
    found = probes(PEOPLE, 1, 70.0, [0.0, -3.0])
    half = len(found) // 2
    assert set(found.age) == {70.0}
    assert set(found.male) == {1.0}
    assert not found.factor["prior_fracture"].any()
    np.testing.assert_allclose(found.factor["fn_t"], np.repeat([-1.0, 2.0], half))
