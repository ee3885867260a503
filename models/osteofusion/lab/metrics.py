"""Figures of merit in NumPy, with bootstrap intervals over people (the survey design is ignored)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from osteofusion.heads import logit
from osteofusion.lab.calibrate import fit_platt
from osteofusion.lab.tables import Values

FEWEST_CASES = 20
BOOTSTRAPS = 300


def auc(score: Values, label: Values) -> float:
    """Area under the ROC curve; ties count half."""
    order = np.argsort(score, kind="stable")
    _, inverse, counts = np.unique(score[order], return_inverse=True, return_counts=True)
    rank = np.empty(len(score))
    rank[order] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    cases = int(label.sum())
    return float((rank[label == 1].sum() - cases * (cases + 1) / 2) / (cases * (len(label) - cases)))


def with_interval(figure: Callable[[Values, Values], float], score: Values, label: Values) -> list[float]:
    """[value, low, high], 95 % bootstrap over people."""
    rng = np.random.default_rng(0)
    picks = (rng.integers(len(label), size=len(label)) for _ in range(BOOTSTRAPS))
    values = [figure(score[pick], label[pick]) for pick in picks if 0 < label[pick].sum() < len(pick)]
    low, high = np.quantile(values, [0.025, 0.975])
    return [round(figure(score, label), 4), round(float(low), 4), round(float(high), 4)]


def describe(p: Values, label: Values) -> dict[str, Any]:
    """n, cases, AUC with interval, calibration slope and intercept, Brier, skill over the base rate."""
    found: dict[str, Any] = {"n": len(label), "cases": int(label.sum())}
    if found["cases"] < FEWEST_CASES:
        return found
    platt, base = fit_platt(logit(p), label), float(label.mean())
    brier = float(np.mean((p - label) ** 2))
    return found | {
        "auc": with_interval(auc, p, label),
        "slope": round(platt.slope, 3),
        "intercept": round(platt.intercept, 3),
        "mean_predicted": round(float(p.mean()), 4),
        "observed": round(base, 4),
        "brier": round(brier, 4),
        "skill": round(1 - brier / (base * (1 - base)), 4),
    }
