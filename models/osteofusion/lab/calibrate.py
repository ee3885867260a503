"""Calibration on people a member has not seen, folded into the last layer: no cost at run time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osteofusion import heads
from osteofusion.lab.network import Weights
from osteofusion.lab.tables import Values


@dataclass(frozen=True, slots=True)
class Platt:
    """calibrated logit = slope * logit + intercept; a positive slope keeps order and monotone path."""

    slope: float
    intercept: float


def fit_platt(logits: Values, label: Values) -> Platt:
    """Logistic regression of the label on the logit (Newton)."""
    design = np.column_stack([logits, np.ones_like(logits)])
    beta = np.array([0.0, np.log(label.mean() / (1 - label.mean()))])
    for _ in range(25):
        p = heads.sigmoid(design @ beta)
        gradient = design.T @ (label - p)
        beta += np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design, gradient)
    if beta[0] <= 0:
        raise ValueError(f"calibration slope {beta[0]:.3f}: the head ranks people backwards")
    return Platt(float(beta[0]), float(beta[1]))


def fit_event_shifts(logits: Values, hip: Values, mof: Values) -> tuple[float, float]:
    """Shifts of hip and other logits that give the wanted mean ten-year incidences (hip, MOF)."""
    shift_hip, shift_other = 0.0, 0.0
    for _ in range(6):
        moved = logits.astype(np.float64).copy()
        moved[:, heads.HIP] += shift_hip
        moved[:, heads.OTHER] += shift_other
        found = heads.probabilities(moved).mean(axis=0)
        found_mof, found_hip = found[heads.OUTCOMES.index("mof_10y")], found[heads.OUTCOMES.index("hip_10y")]
        shift_hip += float(np.log(hip.mean() / found_hip))
        shift_other += float(np.log((mof.mean() - hip.mean()) / (found_mof - found_hip)))
    return shift_hip, shift_other


def fold_in(weights: Weights, osteoporosis: Platt, falls: Platt, shifts: tuple[float, float]) -> Weights:
    """The same member with its calibration inside the last layer."""
    result = {name: value.copy() for name, value in weights.items()}
    for head, platt in ((heads.OSTEOPOROSIS, osteoporosis), (heads.FALLS, falls)):
        for name in ("out_u", "out_c", "out_x"):
            result[name][:, head] *= platt.slope
        result["out_b"][head] = platt.slope * result["out_b"][head] + platt.intercept
    result["out_b"][heads.HIP] += shifts[0]
    result["out_b"][heads.OTHER] += shifts[1]
    return result
