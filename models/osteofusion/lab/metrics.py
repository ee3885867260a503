"""Figures of merit in NumPy, with bootstrap intervals over people (the survey design is ignored)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.heads import logit, sigmoid
from osteofusion.lab.tables import Flags, Values

FEWEST_CASES = 20
BOOTSTRAPS = 300
SMALLEST_P = 1e-6  # a probability of exactly 0 or 1 (a rule, a tree) has no logit


def auc(score: Values, label: Values, weight: Values | None = None) -> float:
    """Area under the ROC curve; ties count half; `weight` counts people (or weighs them)."""
    _, place = np.unique(score, return_inverse=True)
    weight = np.ones(len(label)) if weight is None else weight
    cases = np.bincount(place, weight * label)
    others = np.bincount(place, weight * (1 - label))
    below = np.cumsum(others) - others / 2
    return float(cases @ below / (cases.sum() * others.sum()))


def resamples(count: int) -> NDArray[np.int64]:
    """How often each of `count` people was drawn in each bootstrap sample, (BOOTSTRAPS, count)."""
    rng = np.random.default_rng(0)
    draws = [np.bincount(rng.integers(count, size=count), minlength=count) for _ in range(BOOTSTRAPS)]
    return np.stack(draws)


def auc_interval(score: Values, label: Values) -> list[float]:
    """[AUC, low, high], 95 % bootstrap over people."""
    return _interval(auc(score, label), _auc_bootstraps(score, label))


def auc_gain(score: Values, other: Values, label: Values) -> list[float]:
    """[AUC of `score` less that of `other`, low, high] on the same people, bootstrapped in pairs."""
    difference = _auc_bootstraps(score, label) - _auc_bootstraps(other, label)
    return _interval(auc(score, label) - auc(other, label), difference)


def _auc_bootstraps(score: Values, label: Values) -> Values:
    """AUC of each bootstrap sample; people with one score are counted together."""
    levels, place = np.unique(score, return_inverse=True)
    found = []
    for count in resamples(len(label)):
        cases = np.bincount(place, count * label, len(levels))
        others = np.bincount(place, count, len(levels)) - cases
        both = cases.sum() * others.sum()
        found.append(cases @ (np.cumsum(others) - others / 2) / both if both else np.nan)
    return np.array(found)


def _interval(value: float, bootstraps: Values) -> list[float]:
    low, high = np.nanquantile(bootstraps, [0.025, 0.975])
    return [round(float(number), 4) for number in (value, low, high)]


def brier(p: Values, label: Values) -> float:
    """Mean squared distance of forecast and outcome."""
    return float(np.mean((p - label) ** 2))


def skill(p: Values, label: Values) -> float:
    """1 - Brier / Brier of the base rate: 0 says nothing, 1 knows everything; comparable between samples."""
    base = float(label.mean())
    return 1 - brier(p, label) / (base * (1 - base))


def describe(p: Values, label: Values) -> dict[str, Any]:
    """n, cases, AUC with interval, calibration slope and intercept, Brier, skill; n and cases alone below
    20 cases.

    Notes
    -----
    `slope` and `intercept` are of the logistic regression of the outcome on the logit; `in_the_large` is the
    shift of the logit at slope 1 that makes the mean right.
    """
    found: dict[str, Any] = {"n": len(label), "cases": int(label.sum())}
    if found["cases"] < FEWEST_CASES or len(label) - found["cases"] < FEWEST_CASES:
        return found
    z = logit(np.clip(p, SMALLEST_P, 1 - SMALLEST_P))
    slope, intercept = logistic_line(z, label)
    return found | {
        "auc": auc_interval(p, label),
        "slope": round(slope, 3),
        "intercept": round(intercept, 3),
        "in_the_large": round(_in_the_large(z, label), 3),
        "mean_predicted": round(float(p.mean()), 4),
        "observed": round(float(label.mean()), 4),
        "brier": round(brier(p, label), 4),
        "skill": round(skill(p, label), 4),
    }


def logistic_line(z: Values, label: Values) -> tuple[float, float]:
    """Slope and intercept of the logistic regression of `label` on logits `z` (Newton); any sign."""
    design = np.column_stack([z, np.ones_like(z)])
    beta = np.array([0.0, np.log(label.mean() / (1 - label.mean()))])
    for _ in range(25):
        p = sigmoid(design @ beta)
        information = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(2)
        beta += np.linalg.solve(information, design.T @ (label - p))
    return float(beta[0]), float(beta[1])


def _in_the_large(z: Values, label: Values) -> float:
    """Shift of the logits that makes mean predicted equal mean observed (Newton)."""
    shift = 0.0
    for _ in range(30):
        p = sigmoid(z + shift)
        shift += float((label - p).sum() / (p * (1 - p)).sum())
    return shift


def calibration_curve(p: Values, label: Values, groups: int = 10) -> list[dict[str, float]]:
    """By tenths of the forecast: n, mean predicted, observed share with its 95 % Wilson interval."""
    order = np.argsort(p, kind="stable")
    return [_band(p[part], label[part]) for part in np.array_split(order, groups) if len(part)]


def _band(p: Values, label: Values) -> dict[str, float]:
    low, high = wilson(float(label.sum()), len(label))
    return {
        "n": len(label),
        "predicted": round(float(p.mean()), 4),
        "observed": round(float(label.mean()), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def wilson(cases: float, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927 J Am Stat Assoc 22:209)."""
    z = 1.959964
    middle, spread = (
        cases / n + z**2 / (2 * n),
        z * np.sqrt(cases / n * (1 - cases / n) / n + z**2 / (4 * n**2)),
    )
    scale = 1 + z**2 / n
    return float((middle - spread) / scale), float((middle + spread) / scale)


def roc(score: Values, label: Values) -> tuple[Values, Values]:
    """False-positive and true-positive share at every level of `score`, from (0, 0) to (1, 1)."""
    levels, place = np.unique(-score, return_inverse=True)
    cases, everyone = np.bincount(place, label, len(levels)), np.bincount(place, minlength=len(levels))
    others = everyone - cases
    return (
        np.r_[0.0, np.cumsum(others) / others.sum()],
        np.r_[0.0, np.cumsum(cases) / cases.sum()],
    )


def youden_cut(score: Values, label: Values) -> float:
    """The level whose sensitivity + specificity is largest (Youden 1950 Cancer 3:32); positive is >= it."""
    false_positive, true_positive = roc(score, label)
    best = int(np.argmax(true_positive[1:] - false_positive[1:]))
    return float(-np.unique(-score)[best])


def sensitive_cut(score: Values, label: Values, sensitivity: float = 0.9) -> float:
    """The highest level that still finds `sensitivity` of the cases; positive is >= it."""
    _, true_positive = roc(score, label)
    first = int(np.argmax(true_positive[1:] >= sensitivity - 1e-12))
    return float(-np.unique(-score)[first])


def at_cut(positive: Flags, label: Values) -> dict[str, float]:
    """Sensitivity, specificity, accuracy and predictive values of a decision already taken."""
    case = label == 1
    return {
        "sensitivity": round(float(positive[case].mean()), 4),
        "specificity": round(float((~positive[~case]).mean()), 4),
        "accuracy": round(float((positive == case).mean()), 4),
        "positive": round(float(positive.mean()), 4),
        "ppv": round(float(case[positive].mean()), 4) if positive.any() else float("nan"),
        "npv": round(float((~case[~positive]).mean()), 4) if (~positive).any() else float("nan"),
    }


def net_benefit(p: Values, label: Values, thresholds: Values) -> Values:
    """Net benefit of acting on people at or above each threshold (Vickers 2006 Med Decis Making 26:565)."""
    found = []
    for threshold in thresholds:
        positive = p >= threshold
        gain, harm = (label * positive).mean(), ((1 - label) * positive).mean()
        found.append(gain - harm * threshold / (1 - threshold))
    return np.array(found)
