"""What must not show: walking and balance say nothing of bone density, neither measured nor drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion.heads import sigmoid
from osteofusion.lab import rivals
from osteofusion.lab.figures import enough
from osteofusion.lab.fracture_figures import SimulatedPeople
from osteofusion.lab.metrics import auc
from osteofusion.lab.out_of_fold import OutOfFold
from osteofusion.lab.status_figures import Status

LARGEST_GAIN = 0.005  # AUC that sensors may add to osteoporosis without DXA
ODDS_RATIO = (0.95, 1.05)  # of a low status by one SD slower gait or larger sway, given age and sex


def tables(oof: OutOfFold, status: Status, simulated: SimulatedPeople) -> dict[str, Any]:
    """Each null with its figure, its bound and whether it holds."""
    found = {"sensors add to osteoporosis without DXA, completed people (S)": _sensors(oof, simulated)}
    strength = _strength(status)
    if strength is not None:
        found["grip adds to osteoporosis without DXA, measured people (R)"] = strength
    for name in ("gait_speed", "sway_rms_acc_ml"):
        for held in (("age", "sex"), ("age", "sex", "weight", "height")):
            what = f"odds ratio of osteoporosis by one SD more {name}, {', '.join(held)} held (S)"
            found[what] = _odds(oof, simulated, name, held)
    return found


def _gain(figure: float, what: str) -> dict[str, Any]:
    return {
        "figure": round(figure, 4),
        "bound": f"{what} within {LARGEST_GAIN}",
        "holds": abs(figure) < LARGEST_GAIN,
    }


def _sensors(oof: OutOfFold, simulated: SimulatedPeople) -> dict[str, Any]:
    """AUC with the sensor group less without it, bone density hidden in both."""
    views = [oof.hide_groups(simulated.z, groups) for groups in (["bmd"], ["bmd", "sensor"])]
    areas = [
        auc(oof.answer(view, simulated.fold).outcome("osteoporosis").int8, simulated.label) for view in views
    ]
    return _gain(areas[0] - areas[1], "change of AUC")


def _strength(status: Status) -> dict[str, Any] | None:
    """The same for grip on the people who squeezed, by a logistic regression of age, sex, weight and height."""
    grip = status.value("grip_one_hand")
    known = ~np.isnan(grip)
    if not enough(status.label[known]):
        return None
    body = [status.value(name)[known] for name in ("age", "sex", "weight", "height")]
    label, fold = status.label[known], status.fold[known]
    areas = [auc(rivals.few_inputs(columns, label, fold), label) for columns in ([*body, grip[known]], body)]
    return _gain(areas[0] - areas[1], "change of AUC")


def _odds(oof: OutOfFold, simulated: SimulatedPeople, name: str, held: tuple[str, ...]) -> dict[str, Any]:
    """Logistic regression of status on one sensor value with `held` values beside it, age with square and sex."""
    column = {other: simulated.z[:, oof.schema.column[other]] for other in (name, *held)}
    age, male = column["age"], column["sex"]
    own = (column[name] - column[name].mean()) / column[name].std()
    others = [column[other] for other in held]
    design = np.column_stack([own, *others, age * male, age**2, np.ones_like(age)])
    beta = np.zeros(design.shape[1])
    for _ in range(25):
        p = sigmoid(design @ beta)
        information = (design * (p * (1 - p))[:, None]).T @ design
        beta += np.linalg.solve(information, design.T @ (simulated.label - p))
    ratio, error = np.exp(beta[0]), np.sqrt(np.linalg.inv(information)[0, 0])
    low, high = np.exp(beta[0] - 1.96 * error), np.exp(beta[0] + 1.96 * error)
    return {
        "figure": round(float(ratio), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "bound": f"{ODDS_RATIO[0]} to {ODDS_RATIO[1]}",
        "holds": bool(ODDS_RATIO[0] <= ratio <= ODDS_RATIO[1]),
    }
