"""Head math: incidences with death competing, coherent and stable."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion import heads

RNG = np.random.default_rng(3)


def brute_incidence(event: np.ndarray, death: np.ndarray) -> float:
    alive, total = 1.0, 0.0
    for z, d in zip(event, death, strict=True):
        whole = 1 + np.exp(z) + np.exp(d)
        total += alive * np.exp(z) / whole
        alive /= whole
    return float(total)


def test_incidence_equals_the_year_by_year_sum() -> None:
    event, death = RNG.normal(-4, 2, (50, 10)), RNG.normal(-4, 2, (50, 10))
    expected = [brute_incidence(z, d) for z, d in zip(event, death, strict=True)]
    np.testing.assert_allclose(heads.cumulative_incidence(event, death), expected, rtol=1e-12)


def test_hip_never_exceeds_major_osteoporotic_fracture() -> None:
    chances = heads.probabilities(RNG.normal(-3, 4, (20_000, heads.WIDTH)))
    assert np.all(chances[:, 2] <= chances[:, 1])


def test_a_higher_event_logit_never_lowers_the_incidence() -> None:
    event, death = RNG.normal(-3, 2, (500, 10)), RNG.normal(-3, 2, (500, 10))
    before = heads.cumulative_incidence(event, death)
    for year in range(10):
        raised = event.copy()
        raised[:, year] += 0.5
        assert np.all(heads.cumulative_incidence(raised, death) >= before - 1e-15)


@pytest.mark.parametrize("size", [-800.0, 800.0])
def test_extreme_logits_stay_probabilities(size: float) -> None:
    chances = heads.probabilities(np.full((1, heads.WIDTH), size))
    assert np.all((chances > 0) & (chances < 1))
    assert np.isfinite(heads.logit(chances)).all()


def test_logit_inverts_the_sigmoid() -> None:
    z = np.linspace(-12, 12, 25)
    np.testing.assert_allclose(heads.logit(heads.sigmoid(z)), z, atol=1e-9)


def test_one_row_and_many_rows_are_worked_out_alike() -> None:
    logits = RNG.normal(-3, 3, (3000, heads.WIDTH))
    many = heads.probabilities(logits)
    one = np.concatenate([heads.probabilities(row[None, :]) for row in logits[:200]])
    np.testing.assert_allclose(one, many[:200], rtol=1e-13)
    np.testing.assert_array_equal(heads.probabilities(logits.reshape(600, 5, -1)).reshape(-1, 4), many)
    assert heads.probabilities(np.zeros((0, heads.WIDTH))).shape == (0, 4)
