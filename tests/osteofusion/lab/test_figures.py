"""Figures of merit and calibration, against scikit-learn and against themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from osteofusion import heads
from osteofusion.encode import layout, network_input
from osteofusion.lab import network
from osteofusion.lab.calibrate import Platt, fit_event_shifts, fit_platt, fold_in
from osteofusion.lab.metrics import auc, describe
from osteofusion.lab.train import forward
from osteofusion.schema import load_schema

RNG = np.random.default_rng(4)
TRUTH = RNG.normal(-1.5, 1.2, 4000)
LABEL = (RNG.random(4000) < heads.sigmoid(TRUTH)).astype(float)


def test_auc_with_ties() -> None:
    score = np.round(TRUTH, 1)
    assert auc(score, LABEL) == pytest.approx(roc_auc_score(LABEL, score), abs=1e-12)


def test_platt_is_logistic_regression() -> None:
    logits = 0.5 * TRUTH + 1
    platt = fit_platt(logits, LABEL)
    reference = LogisticRegression(C=1e9, tol=1e-10).fit(logits[:, None], LABEL)
    assert platt.slope == pytest.approx(float(reference.coef_[0, 0]), rel=1e-3)
    assert platt.slope == pytest.approx(2.0, abs=0.25)


def test_levels_of_a_group_are_fitted_with_the_slope() -> None:
    group = (RNG.random(4000) < 0.3).astype(float)
    label = (RNG.random(4000) < heads.sigmoid(TRUTH - 0.8 * group)).astype(float)
    platt = fit_platt(TRUTH, label, {"black_ancestry": group})
    assert platt.moves["black_ancestry"] == pytest.approx(-0.8, abs=0.2)
    p = heads.sigmoid(platt.slope * TRUTH + platt.intercept + platt.moves["black_ancestry"] * group)
    assert p[group == 1].mean() == pytest.approx(label[group == 1].mean(), abs=1e-6)


def test_a_head_that_ranks_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="backwards"):
        fit_platt(-TRUTH, LABEL)


def test_a_true_forecast_is_described_as_calibrated() -> None:
    found = describe(heads.sigmoid(TRUTH), LABEL)
    assert found["slope"] == pytest.approx(1.0, abs=0.1)
    assert found["skill"] > 0
    assert found["auc"][1] < found["auc"][0] < found["auc"][2]


def test_too_few_cases_give_no_auc() -> None:
    assert "auc" not in describe(np.full(50, 0.1), np.r_[np.ones(5), np.zeros(45)])


def test_calibration_folded_into_the_last_layer_is_the_same_calibration() -> None:
    schema = load_schema()
    weights = network.initial(schema, np.random.default_rng(1))
    x = network_input(RNG.standard_normal((30, len(schema.inputs))), layout(schema))
    before = np.asarray(forward(weights, x))
    status = Platt(1.3, -0.2, {"sex": 0.1})
    after = np.asarray(forward(fold_in(schema, weights, status, Platt(0.8, 0.1), (0.3, -0.4)), x))
    sex = x[:, layout(schema).value[schema.column["sex"]]]
    np.testing.assert_allclose(after[:, 0], 1.3 * before[:, 0] - 0.2 + 0.1 * sex, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(after[:, 1], 0.8 * before[:, 1] + 0.1, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(after[:, heads.HIP], before[:, heads.HIP] + 0.3, atol=1e-4)
    np.testing.assert_allclose(after[:, heads.OTHER], before[:, heads.OTHER] - 0.4, atol=1e-4)
    np.testing.assert_allclose(after[:, heads.DEATH], before[:, heads.DEATH], atol=1e-5)


def test_event_shifts_meet_the_wanted_means() -> None:
    logits = RNG.normal(-5, 0.5, (500, heads.WIDTH))
    shifts = fit_event_shifts(logits, np.full(500, 0.03), np.full(500, 0.12))
    logits[:, heads.HIP] += shifts[0]
    logits[:, heads.OTHER] += shifts[1]
    found = heads.probabilities(logits).mean(axis=0)
    assert found[2] == pytest.approx(0.03, rel=1e-3)
    assert found[1] == pytest.approx(0.12, rel=1e-3)
