"""Competing hazards: the incidence is right, and the search finds what it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.lab.cohort import parameters
from osteofusion.lab.hazards import (
    HARMFUL,
    People,
    anchors,
    calibrate,
    cells,
    incidence,
    members,
    regenerated,
)

PARAMETERS = parameters()


def invented(count: int = 6000) -> People:
    """People with independent risk factors: nobody real."""
    rng = np.random.default_rng(1)
    factor = {name: rng.standard_normal(count) for name in HARMFUL}
    factor["fn_t"] = rng.normal(-0.3, 1.0, count)
    for name in PARAMETERS["target_hazard_ratio"]["hip"]:
        if name not in factor:
            factor[name] = (rng.random(count) < 0.15).astype(float)
    return People(
        age=rng.uniform(40, 90, count),
        male=(rng.random(count) < 0.5).astype(float),
        bmi=rng.normal(27, 5, count),
        weight=rng.uniform(0.5, 2.0, count),
        factor=factor,
    )


PEOPLE = invented()
CENTRE = calibrate(PEOPLE, PARAMETERS)


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


def test_published_hazard_ratios_are_regenerated() -> None:
    found = regenerated(CENTRE, PEOPLE)
    for outcome, targets in PARAMETERS["target_hazard_ratio"].items():
        for name, target in targets.items():
            assert found[outcome][name] == pytest.approx(target, rel=0.15), (outcome, name)


def test_ten_year_incidences_meet_their_anchors() -> None:
    found, wanted = cells(CENTRE, PEOPLE), anchors(PARAMETERS)
    np.testing.assert_allclose(found["death"], wanted["death"], atol=0.01)
    for outcome in ("hip", "mof"):
        # the fifties of the hip anchor jump (195 people): a smooth curve passes them by up to 30 %
        np.testing.assert_allclose(found[outcome] / wanted[outcome], 1.0, atol=0.30)


def test_members_differ_but_centre_on_the_published_ratios() -> None:
    drawn = members(CENTRE, PEOPLE, PARAMETERS, 5, np.random.default_rng(2))
    ratios = np.array([[member.ratio["hip"][name] for name in CENTRE.ratio["hip"]] for member in drawn])
    assert ratios.std(axis=0).min() > 0.02
    np.testing.assert_allclose(ratios.mean(axis=0), list(CENTRE.ratio["hip"].values()), atol=1e-9)


def test_every_parameter_names_its_status() -> None:
    for block in ("correlation_with_bone", "correlation_with", "age_slope_z_per_decade"):
        assert all(item["status"] in "VDMJ" for item in PARAMETERS[block].values())
    assert set(PARAMETERS["target_source"]) == set(PARAMETERS["target_hazard_ratio"]["hip"])
