"""The stored law: conditions on what is known, leaves it alone, keeps levels, moves smoothly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteofusion.errors import BundleError
from osteofusion.impute import KNOTS, Copula, GaussianImputer, balanced_normals
from osteofusion.schema import default_bundle, load_schema

SCHEMA = load_schema()
SHIPPED = GaussianImputer.load(default_bundle())
COUNT = len(SCHEMA.inputs)
WOMAN, MAN = -1.0, 1.0


def small() -> GaussianImputer:
    """Sex, two related values (the second skewed: exp of its score), and a yes-no value related to the first."""
    correlation = np.array([[1.0, 0, 0, 0], [0, 1, 0.8, 0.6], [0, 0.8, 1, 0.48], [0, 0.6, 0.48, 1]])
    knots = np.stack([KNOTS, KNOTS, np.exp(KNOTS), KNOTS])
    cuts = np.array([[np.inf] * 2, [np.inf] * 2, [np.inf] * 2, [0.0, np.inf]])
    half = np.sqrt(2 / np.pi)  # mean of the upper half of a standard normal
    scores = np.zeros((4, 3))
    scores[3] = np.array([-half, half, half]) / half**2
    noise = np.array([0, 0, 0, 1 / half**2 - 1])
    levels = np.full((4, 3), np.nan)
    levels[0], levels[3] = (WOMAN, MAN, MAN), (0, 1, 1)
    women = Copula(correlation, knots, cuts.copy(), scores, noise)
    men_cuts = cuts.copy()
    men_cuts[0] = (-np.inf, np.inf)
    men = Copula(np.eye(4), knots, men_cuts, scores, noise)
    bounds = np.tile([-4.0, 4.0], (4, 1))
    return GaussianImputer((women, men), levels, bounds, 0, 0.25, np.array([2.0]), np.array([3.0]))


def test_draws_follow_the_conditional_law() -> None:
    drawn = small().draws(np.array([WOMAN, 1.5, np.nan, np.nan]), 40_000, np.random.default_rng(1))
    below, middle = np.quantile(np.log(drawn[:, 2]), (0.1587, 0.5))
    assert middle == pytest.approx(0.8 * 1.5, abs=0.03)
    assert below == pytest.approx(0.8 * 1.5 - 0.6, abs=0.03)


def test_a_known_level_says_what_the_latent_law_says() -> None:
    rng = np.random.default_rng(2)
    latent = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 200_000)
    for level in (0.0, 1.0):
        drawn = small().draws(np.array([WOMAN, np.nan, np.nan, level]), 40_000, rng)[:, 1]
        truth = latent[(latent[:, 1] > 0) == bool(level), 0]
        assert drawn.mean() == pytest.approx(truth.mean(), abs=0.02)
        assert drawn.std() == pytest.approx(truth.std(), abs=0.02)


def test_known_values_stay() -> None:
    z = np.array([WOMAN, 1.5, np.nan, 1.0])
    drawn = small().draws(z, 50, np.random.default_rng(1))
    assert np.all(drawn[:, [0, 1, 3]] == z[[0, 1, 3]])


def test_yes_no_values_are_drawn_as_levels_at_their_conditional_frequency() -> None:
    drawn = small().draws(np.array([WOMAN, 1.5, 1.0, np.nan]), 20_000, np.random.default_rng(2))[:, 3]
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert drawn.mean() == pytest.approx(0.87, abs=0.015)  # P(N(0.9, 0.64) > 0)


def test_an_unknown_sex_is_drawn_at_its_frequency() -> None:
    drawn = small().draws(np.full(4, np.nan), 20_000, np.random.default_rng(3))
    assert np.mean(drawn[:, 0] == MAN) == pytest.approx(0.25, abs=0.01)
    women = drawn[drawn[:, 0] == WOMAN]
    assert np.corrcoef(women[:, 1], np.log(women[:, 2]))[0, 1] == pytest.approx(0.8, abs=0.03)


def test_nothing_missing_nothing_drawn() -> None:
    z = np.array([WOMAN, 0.1, 0.2, 0.0])
    np.testing.assert_array_equal(small().draws(z, 3, np.random.default_rng(1)), np.tile(z, (3, 1)))


def test_scores_invert_the_values() -> None:
    z = np.array([WOMAN, -2.2, np.exp(0.7), 1.0])
    scores = small().scores(z)
    assert scores[1] == pytest.approx(-2.2, abs=1e-9)
    assert scores[2] == pytest.approx(0.7, abs=0.01)
    assert small().scores(np.array([WOMAN, 5.0, np.nan, np.nan]))[1] == pytest.approx(5.0)


def test_a_small_change_moves_the_draws_a_little() -> None:
    normals = balanced_normals(64, 4, 1)
    first, second = (small().complete(np.array([WOMAN, x, np.nan, 0.0]), normals)[:, 2] for x in (0.3, 0.31))
    assert 0 < np.abs(first - second).max() < 0.1


def test_balanced_normals_are_normal_in_every_feature() -> None:
    normals = balanced_normals(64, 30, 5)
    assert normals.shape == (64, 2, 30)
    np.testing.assert_allclose(normals.mean(axis=0), 0, atol=1e-12)
    assert np.abs(normals.std(axis=0) - 1).max() < 0.02
    np.testing.assert_array_equal(normals, balanced_normals(64, 30, 5))


def test_the_shipped_law_is_a_law() -> None:
    everything = SHIPPED.draws(np.full(COUNT, np.nan), 200, np.random.default_rng(0))
    assert np.all(np.abs(everything) <= 4)
    for copula in SHIPPED.copulas:
        assert np.linalg.eigvalsh(copula.correlation).min() > 0
        assert np.all(np.diff(copula.knots, axis=1) > 0)


def test_shipped_discrete_features_have_levels() -> None:
    kinds = np.array([feature.kind in ("bool", "category", "dosage") for feature in SCHEMA.inputs])
    np.testing.assert_array_equal(SHIPPED.discrete, kinds)


def test_drawn_values_are_possible_ones() -> None:
    drawn = SHIPPED.draws(np.full(COUNT, np.nan), 3000, np.random.default_rng(4))
    for column, feature in enumerate(SCHEMA.inputs):
        if SHIPPED.discrete[column]:
            assert set(np.unique(drawn[:, column])) <= set(SHIPPED.levels[column])
        elif feature.hard and feature.scaling and feature.scaling.transform == "none":
            stored = drawn[:, column] * feature.scaling.scale + feature.scaling.centre
            assert stored.min() >= feature.hard[0] - 1e-9
            assert stored.max() <= feature.hard[1] + 1e-9


@pytest.mark.parametrize("sex", [0, 1])
def test_gait_is_independent_of_bone_given_age_and_body_size(sex: int) -> None:
    columns = [SCHEMA.column[name] for name in ("fn_t", "gait_speed", "age", "weight", "height")]
    precision = np.linalg.inv(SHIPPED.copulas[sex].correlation[np.ix_(columns, columns)])
    partial = -precision[0, 1] / np.sqrt(precision[0, 0] * precision[1, 1])
    assert abs(partial) < 0.08


def test_arrays_round_trip(tmp_path: Path) -> None:
    np.savez(tmp_path / "imputer.npz", **small().arrays())  # type: ignore[arg-type]
    again = GaussianImputer.load(tmp_path)
    np.testing.assert_allclose(again.copulas[0].correlation, small().copulas[0].correlation, atol=1e-6)
    assert (again.sex, again.men) == (0, 0.25)


def test_a_missing_or_damaged_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        GaussianImputer.load(tmp_path)
    (tmp_path / "imputer.npz").write_bytes(b"PK nothing")
    with pytest.raises(BundleError):
        GaussianImputer.load(tmp_path)
    arrays = small().arrays() | {"noise": np.zeros(3)}
    np.savez(tmp_path / "imputer.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(BundleError, match="noise"):
        GaussianImputer.load(tmp_path)
