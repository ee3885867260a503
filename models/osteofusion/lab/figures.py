"""One row of a table: the integers' figures with intervals, the float weights' beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from osteofusion.heads import logit, sigmoid
from osteofusion.lab.generator import Index
from osteofusion.lab.metrics import (
    FEWEST_CASES,
    SMALLEST_P,
    at_cut,
    auc,
    auc_gain,
    brier,
    calibration_curve,
    describe,
    logistic_line,
    net_benefit,
    roc,
    sensitive_cut,
    youden_cut,
)
from osteofusion.lab.out_of_fold import Answer
from osteofusion.lab.tables import Flags, Values


def enough(label: Values) -> bool:
    """Whether there are cases and non-cases enough for a figure (20 of each)."""
    cases = int(label.sum())
    return cases >= FEWEST_CASES and len(label) - cases >= FEWEST_CASES


def figure(answer: Answer, label: Values) -> dict[str, Any]:
    """`describe` of the integers; AUC, slope and Brier of the float weights; how far the two are apart."""
    found = describe(answer.int8, label)
    if not enough(label):
        return found
    other = describe(answer.float, label)
    return found | {
        "float": {name: other[name] for name in ("auc", "slope", "brier")},
        "int8_less_float": {
            "auc": round(auc(answer.int8, label) - auc(answer.float, label), 4),
            "brier": round(brier(answer.int8, label) - brier(answer.float, label), 5),
            "p99_change": round(float(np.quantile(np.abs(answer.int8 - answer.float), 0.99)), 4),
        },
    }


def by_group(answer: Answer, label: Values, groups: Mapping[str, Flags], rival: Values) -> dict[str, Any]:
    """`figure` of each group of people, with the AUC of a `rival` score on the same people and the gain."""
    found: dict[str, Any] = {}
    for name, rows in groups.items():
        found[name] = figure(answer.take(rows), label[rows])
        known = rows & ~np.isnan(rival)
        if enough(label[known]):
            found[name]["rival_auc"] = round(auc(rival[known], label[known]), 4)
            found[name]["gain"] = auc_gain(answer.int8[known], rival[known], label[known])
    return found


def score_figure(score: Values, label: Values, positive: Flags | None = None) -> dict[str, Any]:
    """AUC of a score that is no probability and, where it has a published cut-off, what the cut-off does."""
    known = ~np.isnan(score)
    found: dict[str, Any] = {"n": int(known.sum()), "cases": int(label[known].sum())}
    if not enough(label[known]):
        return found
    found["auc"] = round(auc(score[known], label[known]), 4)
    return found if positive is None else found | at_cut(positive[known], label[known])


def operating_points(answer: Answer, label: Values, fold: Index) -> dict[str, Any]:
    """Sensitivity, specificity, accuracy at two cuts, each chosen on the other folds' people."""
    found: dict[str, Any] = {}
    for name, choose in (("Youden", youden_cut), ("90 % sensitivity", sensitive_cut)):
        both = {}
        for kind, p in (("int8", answer.int8), ("float", answer.float)):
            positive, cuts = np.zeros(len(label), bool), []
            for number in np.unique(fold):
                here = fold == number
                cuts.append(choose(p[~here], label[~here]))
                positive[here] = p[here] >= cuts[-1]
            both[kind] = at_cut(positive, label) | {"cut": round(float(np.mean(cuts)), 4)}
        found[name] = both
    return found


def cross_fitted(p: Values, label: Values, fold: Index) -> dict[str, float]:
    """Slope and shift of a probability recalibrated, for each fold, on the people of the other folds alone.

    The calibration that ships was fitted on all out-of-fold answers, so its own slope of 1 proves nothing; this
    one is what two calibration numbers are worth on people they were not fitted on.
    """
    z = logit(np.clip(p, SMALLEST_P, 1 - SMALLEST_P))
    moved = np.zeros(len(z))
    for number in np.unique(fold):
        here = fold == number
        slope, intercept = logistic_line(z[~here], label[~here])
        moved[here] = slope * z[here] + intercept
    found = describe(sigmoid(moved), label)
    return {name: found[name] for name in ("slope", "in_the_large", "brier")}


def roc_points(answer: Answer, label: Values, rivals: Mapping[str, Values]) -> dict[str, Any]:
    """ROC curves read off at every hundredth of false positives."""
    grid = np.linspace(0, 1, 101)
    found = {"false_positive": np.round(grid, 2).tolist()}
    for name, score in {"int8": answer.int8, "float": answer.float, **rivals}.items():
        known = ~np.isnan(score)
        found[name] = np.round(np.interp(grid, *roc(score[known], label[known])), 4).tolist()
    return found


def curve(answer: Answer, label: Values) -> dict[str, Any]:
    """Calibration by tenths of the forecast, of the integers and of the float weights."""
    return {
        "int8": calibration_curve(answer.int8, label),
        "float": calibration_curve(answer.float, label),
    }


def decision_curve(forecasts: Mapping[str, Values], label: Values, thresholds: Values) -> dict[str, Any]:
    """Net benefit of each forecast over `thresholds`, beside treating everybody and nobody."""
    known = np.all([~np.isnan(p) for p in forecasts.values()], axis=0)
    share = float(label[known].mean())
    table = {name: net_benefit(p[known], label[known], thresholds) for name, p in forecasts.items()}
    table["everybody"] = share - (1 - share) * thresholds / (1 - thresholds)
    return {
        "n": int(known.sum()),
        "threshold": np.round(thresholds, 4).tolist(),
        "net_benefit": {name: np.round(values, 5).tolist() for name, values in table.items()},
    }


def int8_against_float(answer: Answer, points: int = 250) -> dict[str, Any]:
    """How far rounding moves a probability: median, 99th percentile, largest, and some people for a picture."""
    change = np.abs(answer.int8 - answer.float)
    some = np.random.default_rng(1).choice(len(change), min(points, len(change)), replace=False)
    return {
        "n": len(change),
        "p50_change": round(float(np.median(change)), 5),
        "p99_change": round(float(np.quantile(change, 0.99)), 4),
        "max_change": round(float(change.max()), 4),
        "points": [
            [round(float(answer.float[row]), 4), round(float(answer.int8[row]), 4)] for row in np.sort(some)
        ],
    }
