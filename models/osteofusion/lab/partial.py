"""Partial bone density: the network's monotone path or the closed equations, judged on people neither has seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion import heads
from osteofusion.encode import standardise
from osteofusion.lab.calibrate import SITES, fit_logistic, fit_platt, out_of_fold
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.metrics import auc
from osteofusion.lab.network import Weights
from osteofusion.lab.tables import Flags, Values

OLD, CUT = 50.0, -2.5
PATTERNS = {"neck only": ("fn_t",), "hip only": ("fn_t", "th_t"), "spine only": ("ls_t",)}
WAYS = ("network", "equations")


def compare(cohort: Cohort, members: list[Weights]) -> dict[str, Any]:
    """Figures of both ways by pattern, and which `answers`: the one with the smaller summed Brier score.

    Notes
    -----
    People of 50 and over with all three sites, some hidden, none of those left at or below -2.5. The equations are
    fitted anew without each fold, so that neither way has seen the people it answers.
    """
    found: dict[str, Any] = {name: _pattern(cohort, members, known) for name, known in PATTERNS.items()}
    total = {way: sum(found[name][way]["brier"] for name in PATTERNS) for way in WAYS}
    return {"answers": min(WAYS, key=lambda way: total[way]), "patterns": found}


def _pattern(cohort: Cohort, members: list[Weights], known: tuple[str, ...]) -> dict[str, Any]:
    at, values = cohort.schema.column, cohort.bone.values
    t = values[:, [at[name] for name in SITES]]
    lowest = t[:, [SITES.index(name) for name in known]].min(axis=1)
    rows = ~np.isnan(t).any(axis=1) & (values[:, at["age"]] >= OLD) & (lowest > CUT)
    rows &= ~np.isnan(values[:, at["weight"]])
    label = (t.min(axis=1) <= CUT).astype(float)
    ways = {"network": _network(cohort, members, known), "equations": _equation(cohort, lowest, label, rows)}
    return {way: _figures(p[rows], label[rows]) for way, p in ways.items()}


def _network(cohort: Cohort, members: list[Weights], known: tuple[str, ...]) -> Values:
    z = standardise(cohort.schema, cohort.bone.values, 1)
    z[:, [cohort.schema.column[name] for name in SITES if name not in known]] = np.nan
    return heads.sigmoid(out_of_fold(cohort, members, z, cohort.bone_fold)[:, heads.OSTEOPOROSIS])


def _equation(cohort: Cohort, lowest: Values, label: Values, rows: Flags) -> Values:
    """The form of osteofusion.partial_dxa, fitted on the people outside each fold."""
    at, values = cohort.schema.column, cohort.bone.values
    design = np.column_stack(
        [
            np.ones(len(values)),
            lowest,
            values[:, at["age"]] - 65,
            values[:, at["sex"]],
            values[:, at["weight"]] - 70,
        ]
    )
    p = np.full(len(values), np.nan)
    for fold in range(MEMBERS):
        inside = rows & (cohort.bone_fold == fold)
        taught = rows & (cohort.bone_fold != fold)
        p[inside] = heads.sigmoid(design[inside] @ fit_logistic(design[taught], label[taught]))
    return p


def _figures(p: Values, label: Values) -> dict[str, Any]:
    platt = fit_platt(heads.logit(p), label)
    return {
        "n": len(label),
        "cases": int(label.sum()),
        "auc": round(auc(p, label), 4),
        "slope": round(platt.slope, 3),
        "mean_predicted": round(float(p.mean()), 4),
        "observed": round(float(label.mean()), 4),
        "brier": round(float(np.mean((p - label) ** 2)), 5),
    }
