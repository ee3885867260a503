"""Figures of merit and calibration, against scikit-learn and against themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from osteofusion import heads
from osteofusion.encode import layout, network_input
from osteofusion.lab import figures, metrics, network
from osteofusion.lab.calibrate import Platt, fit_event_shifts, fit_platt, fold_in
from osteofusion.lab.metrics import auc, auc_gain, auc_interval, describe, resamples
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
    status = Platt(1.3, -0.2, {"sex": 0.1}, {"weight": 0.4})
    after = np.asarray(forward(fold_in(schema, weights, status, Platt(0.8, 0.1), (0.3, -0.4)), x))
    sex = x[:, layout(schema).value[schema.column["sex"]]]
    moved = 0.1 * sex + 0.4 * x[:, layout(schema).mask[schema.column["weight"]]]
    np.testing.assert_allclose(after[:, 0], 1.3 * before[:, 0] - 0.2 + moved, rtol=1e-4, atol=1e-4)
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


def test_bootstrap_of_ranks_equals_bootstrap_of_rows() -> None:
    label, score = LABEL[:300], np.round(TRUTH[:300] + RNG.normal(0, 1, 300), 1)
    slow = []
    for count in resamples(300):
        pick = np.repeat(np.arange(300), count)
        slow.append(roc_auc_score(label[pick], score[pick]))
    low, high = np.quantile(slow, [0.025, 0.975])
    np.testing.assert_allclose(
        auc_interval(score, label), [roc_auc_score(label, score), low, high], atol=6e-5
    )


def test_weighted_auc_counts_people() -> None:
    weight = RNG.integers(0, 4, len(LABEL)).astype(float)
    wanted = roc_auc_score(LABEL, TRUTH, sample_weight=weight)
    assert auc(TRUTH, LABEL, weight) == pytest.approx(wanted, abs=1e-12)


def test_gain_of_the_same_score_is_nothing() -> None:
    assert auc_gain(TRUTH, TRUTH, LABEL) == [0.0, 0.0, 0.0]


def test_brier_and_roc_against_the_reference() -> None:
    p = heads.sigmoid(TRUTH)
    assert metrics.brier(p, LABEL) == pytest.approx(brier_score_loss(LABEL, p), abs=1e-12)
    false_positive, true_positive, _ = roc_curve(LABEL, np.round(p, 2), drop_intermediate=False)
    mine = metrics.roc(np.round(p, 2), LABEL)
    np.testing.assert_allclose(mine[0], false_positive)
    np.testing.assert_allclose(mine[1], true_positive)


def test_skill_of_the_base_rate_is_nothing() -> None:
    assert metrics.skill(np.full(len(LABEL), LABEL.mean()), LABEL) == pytest.approx(0.0)


def test_cuts() -> None:
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    label = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0])
    assert metrics.youden_cut(score, label) in (0.3, 0.5)  # both give 1.67
    assert metrics.sensitive_cut(score, label, 0.6) == 0.5
    assert metrics.sensitive_cut(score, label, 0.9) == 0.3
    found = metrics.at_cut(score >= 0.3, label)
    assert found["sensitivity"] == 1.0
    assert found["specificity"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["ppv"] == 0.75
    assert found["npv"] == 1.0


def test_net_benefit_by_hand() -> None:
    p, label = np.array([0.05, 0.2, 0.3, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])
    # at 0.25: two true, no false positives of four; at 0.1: two true, one false
    np.testing.assert_allclose(
        metrics.net_benefit(p, label, np.array([0.25, 0.1])), [0.5, 0.5 - 0.25 * 0.1 / 0.9]
    )


def test_wilson_interval_of_ten_in_a_hundred() -> None:
    low, high = metrics.wilson(10, 100)
    assert (low, high) == (pytest.approx(0.0552, abs=1e-4), pytest.approx(0.1744, abs=1e-4))


def test_calibration_curve_of_a_true_forecast_holds_the_line() -> None:
    bands = metrics.calibration_curve(heads.sigmoid(TRUTH), LABEL)
    assert sum(band["n"] for band in bands) == len(LABEL)
    inside = [band["low"] <= band["predicted"] <= band["high"] for band in bands]
    assert sum(inside) >= 8


def test_calibration_line_of_a_backward_forecast_is_told_not_refused() -> None:
    slope, _ = metrics.logistic_line(-TRUTH, LABEL)
    assert slope == pytest.approx(-1.0, abs=0.15)


def test_recalibration_elsewhere_mends_a_steep_forecast() -> None:
    p, fold = heads.sigmoid(2.0 * TRUTH + 0.5), np.arange(len(LABEL)) % 5
    assert describe(p, LABEL)["slope"] == pytest.approx(0.5, abs=0.05)
    assert figures.cross_fitted(p, LABEL, fold)["slope"] == pytest.approx(1.0, abs=0.03)
