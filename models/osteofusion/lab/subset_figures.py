"""All 64 subsets of the six groups on completed people (tier S).

In a subset a group is there with all its values or not at all; without the clinical group age and sex are gone
too, which the app never allows: those 32 are shown for the explanation game, not for use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion.lab import survival
from osteofusion.lab.figures import enough
from osteofusion.lab.fracture_figures import SimulatedPeople
from osteofusion.lab.metrics import auc, brier
from osteofusion.lab.out_of_fold import Answer, OutOfFold
from osteofusion.lab.survival import Followed
from osteofusion.lab.tables import Values


def name_of(subset: int, groups: tuple[str, ...]) -> str:
    """The groups of a subset, joined by `+`."""
    return "+".join(group for bit, group in enumerate(groups) if subset >> bit & 1) or "nothing"


def ordered(groups: tuple[str, ...]) -> list[int]:
    """Subsets with the clinical group first, few groups before many."""
    clinical = 1 << groups.index("clinical")
    return sorted(range(2 ** len(groups)), key=lambda s: (not s & clinical, s.bit_count(), s))


def tables(oof: OutOfFold, simulated: SimulatedPeople) -> list[dict[str, Any]]:
    """Figures of every subset for status and both fractures."""
    groups = tuple(oof.schema.group_columns)
    table = []
    for subset in ordered(groups):
        absent = [group for bit, group in enumerate(groups) if not subset >> bit & 1]
        row: dict[str, Any] = {"known": name_of(subset, groups)}
        if subset:  # with nothing known the members differ by constants alone, which ranks nobody
            row |= _row(oof.answer(oof.hide_groups(simulated.z, absent), simulated.fold), simulated)
        table.append(row)
    return table


def _row(answer: Answer, simulated: SimulatedPeople) -> dict[str, Any]:
    status = answer.outcome("osteoporosis")
    found: dict[str, Any] = {"osteoporosis": _status(status, simulated.label)}
    for outcome, seen in simulated.seen.items():
        found[outcome] = _life(answer.outcome(outcome), seen)
    return found


def _status(answer: Answer, label: Values) -> dict[str, Any]:
    if not enough(label):
        return {"n": len(label)}
    return {
        "n": len(label),
        "auc": round(auc(answer.int8, label), 4),
        "auc_float": round(auc(answer.float, label), 4),
        "brier_loss": round(brier(answer.int8, label) - brier(answer.float, label), 5),
        "p99_change": _p99(answer),
    }


def _life(answer: Answer, seen: Followed) -> dict[str, Any]:
    outcome, weight = survival.weights(seen)
    if not enough(outcome[weight > 0]):
        return {"n": len(outcome)}
    return {
        "n": len(outcome),
        "auc": round(survival.ipcw_auc(answer.int8, seen), 4),
        "auc_float": round(survival.ipcw_auc(answer.float, seen), 4),
        "brier_loss": round(
            survival.ipcw_brier(answer.int8, seen) - survival.ipcw_brier(answer.float, seen), 5
        ),
        "p99_change": _p99(answer),
    }


def _p99(answer: Answer) -> float:
    return round(float(np.quantile(np.abs(answer.int8 - answer.float), 0.99)), 4)


def falls_table(oof: OutOfFold, z: Values) -> list[dict[str, Any]]:
    """A falling problem by subset on real people (tier R); only what the survey measured is there."""
    groups = tuple(oof.schema.group_columns)
    timed = ~np.isnan(z[:, oof.schema.column["gait_speed"]])
    rows, fold, label = z[timed], oof.cohort.function_fold[timed], oof.cohort.function.falls[timed]
    present = [
        group
        for group, columns in oof.schema.group_columns.items()
        if (~np.isnan(rows[:, list(columns)])).any()
    ]
    table = []
    for subset in ordered(groups):
        known = [group for bit, group in enumerate(groups) if subset >> bit & 1]
        if known and set(known) <= set(present):
            absent = [group for group in groups if group not in known]
            answer = oof.answer(oof.hide_groups(rows, absent), fold).outcome("falls_12m")
            table.append({"known": name_of(subset, groups), "falls_12m": _status(answer, label)})
    return table
