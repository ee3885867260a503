"""The stored Gaussian: conditions on what is known, leaves it alone, keeps levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteofusion.errors import BundleError
from osteofusion.impute import GaussianImputer
from osteofusion.schema import default_bundle, load_schema

SCHEMA = load_schema()
SHIPPED = GaussianImputer.load(default_bundle())


def small() -> GaussianImputer:
    covariance = np.array([[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 0.21]])
    levels = np.array([[np.nan] * 3, [np.nan] * 3, [0.0, 1.0, 1.0]])
    cuts = np.array([[np.inf] * 2, [np.inf] * 2, [0.3, np.inf]])
    return GaussianImputer(np.zeros(3), covariance, levels, cuts)


def test_draws_follow_the_conditional_law() -> None:
    drawn = small().draws(np.array([1.5, np.nan, np.nan]), 20_000, np.random.default_rng(1))
    assert drawn[:, 1].mean() == pytest.approx(0.8 * 1.5, abs=0.02)
    assert drawn[:, 1].std() == pytest.approx(0.6, abs=0.02)


def test_known_values_stay() -> None:
    z = np.array([1.5, np.nan, 1.0])
    drawn = small().draws(z, 50, np.random.default_rng(1))
    assert np.all(drawn[:, [0, 2]] == z[[0, 2]])


def test_yes_no_values_are_drawn_as_levels() -> None:
    drawn = small().draws(np.array([0.0, 0.0, np.nan]), 500, np.random.default_rng(2))
    assert set(np.unique(drawn[:, 2])) == {0.0, 1.0}


def test_nothing_missing_nothing_drawn() -> None:
    z = np.array([0.1, 0.2, 0.0])
    np.testing.assert_array_equal(small().draws(z, 3, np.random.default_rng(1)), np.tile(z, (3, 1)))


def test_same_seed_same_draws() -> None:
    z = np.full(3, np.nan)
    first, second = (small().draws(z, 5, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_shipped_covariance_is_a_covariance() -> None:
    assert SHIPPED.mean.shape == (len(SCHEMA.inputs),)
    assert np.linalg.eigvalsh(SHIPPED.covariance).min() > -1e-6
    everything = SHIPPED.draws(np.full(len(SCHEMA.inputs), np.nan), 200, np.random.default_rng(0))
    assert np.all(np.abs(everything) <= 4)


def test_shipped_discrete_features_have_levels() -> None:
    for column, feature in enumerate(SCHEMA.inputs):
        discrete = feature.kind in ("bool", "category", "dosage")
        assert discrete == (not np.isnan(SHIPPED.levels[column, 0]))


def test_gait_is_independent_of_bone_given_age_and_sex() -> None:
    columns = [SCHEMA.column[name] for name in ("fn_t", "gait_speed", "age", "sex")]
    precision = np.linalg.inv(SHIPPED.covariance[np.ix_(columns, columns)])
    partial = -precision[0, 1] / np.sqrt(precision[0, 0] * precision[1, 1])
    assert abs(partial) < 0.06


def test_a_missing_or_damaged_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        GaussianImputer.load(tmp_path)
    (tmp_path / "imputer.npz").write_bytes(b"PK nothing")
    with pytest.raises(BundleError):
        GaussianImputer.load(tmp_path)
