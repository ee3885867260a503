"""How often the 90 % sets hold the truth, by group, limits taken from four folds and judged on the fifth (tier R)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from osteofusion.lab.metrics import FEWEST_CASES, wilson
from osteofusion.lab.out_of_fold import OutOfFold
from osteofusion.lab.tables import Flags
from osteofusion.lab.uncertainty import Seen, kept_answers, limits, seen_people
from osteofusion.uncertainty import DECADES


def tables(oof: OutOfFold) -> dict[str, Any]:
    """Coverage by group for both outcomes with real labels."""
    return {name: _coverage(people) for name, people in seen_people(oof).items()}


def _coverage(people: Seen) -> dict[str, Any]:
    """Share of people whose set holds their label; `single` = the set leaves one answer."""
    kept = np.zeros((len(people.label), 2), bool)
    for fold in np.unique(people.fold):
        own = people.fold == fold
        kept[own] = kept_answers(limits(people.take(~own)), people.take(own))
    covered = np.where(people.label == 1, kept[:, 1], kept[:, 0])
    single = kept.sum(axis=1) == 1
    return {"by_group": {name: _share(covered[rows], single[rows]) for name, rows in _groups(people).items()}}


def _groups(people: Seen) -> Mapping[str, Flags]:
    groups = {"everybody": people.age > 0, "women": ~people.male, "men": people.male}
    groups |= {"with": people.label == 1, "without": people.label == 0}
    for low, high in zip(DECADES, (*DECADES[1:], 200), strict=True):
        groups[f"{low}-{high - 1}" if high < 200 else f"{low}+"] = (people.age >= low) & (people.age < high)
    return {name: rows for name, rows in groups.items() if rows.sum() >= FEWEST_CASES}


def _share(covered: Flags, single: Flags) -> dict[str, float]:
    low, high = wilson(float(covered.sum()), len(covered))
    return {
        "n": len(covered),
        "covered": round(float(covered.mean()), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "single": round(float(single.mean()), 4),
    }
