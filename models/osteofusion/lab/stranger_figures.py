"""The five members together on people whom none of them has seen, as stage `rehearse` answered them (tier R)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from osteofusion import heads
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import Index
from osteofusion.lab.metrics import auc, describe
from osteofusion.lab.rehearsal import ANSWERS_FILE
from osteofusion.lab.status_figures import OLD
from osteofusion.lab.tables import Values

WORDS = {
    "sixth": "a random sixth, held out",
    "later": "later surveys, taught by 2005-2008 and 1999-2000",
}


def tables(work: Path, cohort: Cohort) -> dict[str, Any]:
    """Figures by rehearsal and group of people; nothing when the stage was not run."""
    if not (work / ANSWERS_FILE).exists():
        return {}
    found: dict[str, Any] = {}
    with np.load(work / ANSWERS_FILE, allow_pickle=False) as answers:
        for name, words in WORDS.items():
            held, p = answers[f"{name}/bone"], answers[f"{name}/bone/p"]
            found[words] = _status(cohort, held, p[:, heads.OUTCOMES.index("osteoporosis")])
            held, p = answers[f"{name}/function"], answers[f"{name}/function/p"]
            found[words] |= _falls(cohort, held, p[:, heads.OUTCOMES.index("falls_12m")])
    return found


def _status(cohort: Cohort, held: Index, p: Values) -> dict[str, Any]:
    rows, at = cohort.bone.take(held), cohort.schema.column
    age, male, weight = (rows.values[:, at[name]] for name in ("age", "sex", "weight"))
    groups = {
        "everybody 50+": age >= OLD,
        "women": (age >= OLD) & (male == 0),
        "men": (age >= OLD) & (male == 1),
        "50-64": (age >= OLD) & (age < 65),
        "65+": age >= 65,
    }
    groups |= {
        f"survey {year}-{year + 1}": (age >= OLD) & (rows.cycle == year) for year in np.unique(rows.cycle)
    }
    found = {}
    for name, group in groups.items():
        item = describe(p[group], rows.osteoporosis[group])
        weighed = group & ~np.isnan(weight)
        if "auc" in item:
            item["rival_auc"] = round(auc((age - weight)[weighed], rows.osteoporosis[weighed]), 4)
        found[f"osteoporosis, {name}"] = item
    return found


def _falls(cohort: Cohort, held: Index, p: Values) -> dict[str, Any]:
    rows, at = cohort.function.take(held), cohort.schema.column
    groups = {
        "everybody 40+": np.ones(len(rows), bool),
        "timed walkers": ~np.isnan(rows.values[:, at["gait_speed"]]),
        "women": rows.values[:, at["sex"]] == 0,
        "men": rows.values[:, at["sex"]] == 1,
    }
    found = {}
    for name, group in groups.items():
        if not group.any():
            continue
        item = describe(p[group], rows.falls[group])
        if "auc" in item:
            item["rival_auc"] = round(auc(rows.values[group, at["age"]], rows.falls[group]), 4)
        found[f"falls, {name}"] = item
    return found
