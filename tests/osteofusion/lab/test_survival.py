"""Ten-year figures with death competing: a case worked by hand, and the generator as the truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion.lab import survival
from osteofusion.lab.hazards import incidence
from osteofusion.lab.metrics import auc
from osteofusion.lab.survival import CENSORED, DEATH, EVENT, Followed

# Five people, worked by hand. Censored: one at 4 y, when four are still under observation, so that
# G falls from 1 to 3/4 at 4 y. Event at 2 y: weight 1. Event at 6 y: 1 / (3/4). Death at 8 y: 4/3, a non-case.
# Seen to 12 y: 4/3, a non-case. Lost at 4 y: weight 0.
HAND = Followed(
    np.array([2.0, 4.0, 6.0, 8.0, 12.0]),
    np.array([EVENT, CENSORED, EVENT, DEATH, CENSORED], float),
)
FORECAST = np.array([0.5, 0.9, 0.3, 0.1, 0.2])


def test_weights_of_the_case_worked_by_hand() -> None:
    outcome, weight = survival.weights(HAND)
    np.testing.assert_allclose(outcome, [1, 0, 1, 0, 0])
    np.testing.assert_allclose(weight, [1, 0, 4 / 3, 4 / 3, 4 / 3])


def test_brier_of_the_case_worked_by_hand() -> None:
    wanted = (0.25 + 4 / 3 * 0.49 + 4 / 3 * 0.01 + 4 / 3 * 0.04) / 5
    assert survival.ipcw_brier(FORECAST, HAND) == pytest.approx(wanted, abs=1e-12)


def test_auc_and_incidence_of_the_case_worked_by_hand() -> None:
    # both cases lie above both non-cases
    assert survival.ipcw_auc(FORECAST, HAND) == pytest.approx(1.0)
    assert survival.ipcw_auc(-FORECAST, HAND) == pytest.approx(0.0)
    assert survival.incidence_seen(HAND) == pytest.approx((1 + 4 / 3) / 5)


def test_without_censoring_the_figures_are_the_plain_ones() -> None:
    rng = np.random.default_rng(2)
    time, label = rng.uniform(0, 10, 400), rng.random(400) < 0.3
    seen = Followed(np.where(label, time, 20.0), np.where(label, EVENT, CENSORED).astype(float))
    p = np.clip(0.3 + 0.2 * label + rng.normal(0, 0.2, 400), 0.01, 0.99)
    assert survival.ipcw_brier(p, seen) == pytest.approx(float(np.mean((p - label) ** 2)))
    assert survival.ipcw_auc(p, seen) == pytest.approx(auc(p, label.astype(float)))


def test_the_dead_are_known_non_cases_not_lost() -> None:
    dead = Followed(np.array([1.0, 3.0, 11.0]), np.array([DEATH, EVENT, CENSORED], float))
    outcome, weight = survival.weights(dead)
    np.testing.assert_allclose(outcome, [0, 1, 0])
    np.testing.assert_allclose(weight, [1, 1, 1])


def people(count: int) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(5)
    risk = rng.gamma(1.5, 1 / 1.5, (count, 1))
    rise = np.linspace(0.7, 1.4, 10)
    return {
        "hip": 0.004 * risk**1.5 * rise,
        "other": 0.012 * risk * rise,
        "death": 0.03 * rng.gamma(2.0, 0.5, (count, 1)) * rise,
    }


@pytest.fixture(scope="module")
def simulated() -> tuple[dict[str, NDArray[np.float64]], dict[str, Followed]]:
    hazards = people(40_000)
    return hazards, survival.draw(hazards, np.random.default_rng(1))


@pytest.mark.parametrize("outcome", ["mof_10y", "hip_10y"])
def test_drawn_lives_return_their_incidence(
    simulated: tuple[dict[str, NDArray[np.float64]], dict[str, Followed]], outcome: str
) -> None:
    hazards, seen = simulated
    event = hazards["hip"] if outcome == "hip_10y" else hazards["hip"] + hazards["other"]
    truth = incidence(event, hazards["death"])[0]
    assert survival.incidence_seen(seen[outcome]) == pytest.approx(truth.mean(), rel=0.05)
    # the true probability has the Brier score that its own spread gives, whatever was censored
    assert survival.ipcw_brier(truth, seen[outcome]) == pytest.approx(
        float((truth * (1 - truth)).mean()), rel=0.05
    )


def test_a_first_fracture_comes_no_later_than_a_hip_fracture(
    simulated: tuple[dict[str, NDArray[np.float64]], dict[str, Followed]],
) -> None:
    hip, either = simulated[1]["hip_10y"], simulated[1]["mof_10y"]
    assert (either.time <= hip.time).all()
    broken = hip.status == EVENT
    assert broken.any()
    assert (either.status[broken] == EVENT).all()


def test_drawing_is_reproducible() -> None:
    hazards = people(200)
    first, second = (survival.draw(hazards, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first["hip_10y"].time, second["hip_10y"].time)
