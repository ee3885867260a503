"""A falling problem in twelve months, on real people and real labels (tier R)."""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion.lab import rivals
from osteofusion.lab.figures import by_group, cross_fitted, curve, decision_curve, figure, operating_points
from osteofusion.lab.metrics import auc_gain, describe
from osteofusion.lab.out_of_fold import Answer, OutOfFold
from osteofusion.lab.tables import Flags, Values

PERSON = ("age", "sex")
THRESHOLDS = np.arange(0.01, 0.31, 0.01)
TAUGHT, JUDGED = 1999, 2003  # first years of the two surveys with this question


def tables(oof: OutOfFold, z: Values) -> dict[str, Any]:
    """All figures of this outcome; `timed` people walked against the clock, the others did not."""
    cohort = oof.cohort
    label, fold = cohort.function.falls, cohort.function_fold
    views = _views(oof, z)
    answers = {name: oof.answer(view, fold).outcome("falls_12m") for name, view in views.items()}
    timed = ~np.isnan(z[:, cohort.schema.column["gait_speed"]])
    groups, everything = _groups(oof, timed), answers["everything measured"]
    age = cohort.function.values[:, cohort.schema.column["age"]]
    by_age = rivals.few_inputs([age], label, fold)
    return {
        "by_what_is_known": {
            name: {"timed": figure(answer.take(timed), label[timed]), "everybody": figure(answer, label)}
            for name, answer in answers.items()
        },
        "gain_over_age": _gains(answers, by_age, label, timed),
        "by_group": by_group(everything, label, groups, by_age),
        "operating_points": {
            name: operating_points(everything.take(rows), label[rows], fold[rows])
            for name, rows in (("timed", timed), ("everybody", np.ones(len(label), bool)))
        },
        "recalibrated_elsewhere": {"everybody": cross_fitted(everything.int8, label, fold)},
        "comparators": _rivals(oof, label, timed),
        "transport": _transport(oof, everything),
        "calibration": {
            "everybody": curve(everything, label),
            "timed": curve(everything.take(timed), label[timed]),
        },
        "decision": {
            "everybody": decision_curve(
                {"network": everything.int8, "network, float": everything.float, "age alone": by_age},
                label,
                THRESHOLDS,
            )
        },
    }


def _views(oof: OutOfFold, z: Values) -> dict[str, Values]:
    sensor = ["sensor"]
    return {
        "age and sex": oof.only(z, PERSON),
        "age, sex, gait speed": oof.only(z, (*PERSON, "gait_speed")),
        "age, sex, gait speed, foam, walking aid": oof.only(
            z, (*PERSON, "gait_speed", "romberg_foam_ec", "walk_aid")
        ),
        "all but the sensor group": oof.hide_groups(z, sensor),
        "everything measured": z,
    }


def _groups(oof: OutOfFold, timed: Flags) -> dict[str, Flags]:
    rows, at = oof.cohort.function, oof.schema.column
    age, male = rows.values[:, at["age"]], rows.values[:, at["sex"]] == 1
    groups = {"everybody 40+": age > 0, "timed walkers": timed, "women": ~male, "men": male}
    groups |= {
        "40-64": age < 65,
        "65+": age >= 65,
        "women 65+": ~male & (age >= 65),
        "men 65+": male & (age >= 65),
    }
    return groups | {
        f"survey {year}-{year + 1}": rows.cycle == year for year in np.unique(rows.cycle).tolist()
    }


def _gains(answers: dict[str, Answer], by_age: Values, label: Values, timed: Flags) -> dict[str, Any]:
    """What gait adds among timed walkers, and whether more tests ever take something away."""
    named = {name: answer.int8[timed] for name, answer in answers.items()}
    own = label[timed]
    gait = named["age, sex, gait speed"]
    return {
        "gait over age alone": auc_gain(gait, by_age[timed], own),
        "gait over age and sex": auc_gain(gait, named["age and sex"], own),
        "more tests over gait": auc_gain(named["age, sex, gait speed, foam, walking aid"], gait, own),
        "everything over gait": auc_gain(named["everything measured"], gait, own),
        "everything over age alone": auc_gain(named["everything measured"], by_age[timed], own),
    }


def _rivals(oof: OutOfFold, label: Values, timed: Flags) -> dict[str, Any]:
    """Rivals on the same folds: everything measured, and age with sex with gait speed of timed walkers."""
    cohort = oof.cohort
    x = rivals.inputs(cohort.schema, cohort.function)
    few = cohort.function.values[:, oof.columns((*PERSON, "gait_speed"))]
    found: dict[str, Any] = {}
    for name, fit in {**rivals.RIVALS, "gradient boosting, gaps filled": rivals.boosting_filled}.items():
        p = rivals.out_of_fold(fit, x, label, cohort.function_fold)
        gait = rivals.out_of_fold(fit, few, label, cohort.function_fold, timed.astype(float))
        found[name] = {
            "everything, timed": describe(p[timed], label[timed]),
            "everything, everybody": describe(p, label),
            "age, sex, gait speed, timed": describe(gait[timed], label[timed]),
        }
    return found


def _transport(oof: OutOfFold, everything: Answer) -> dict[str, Any]:
    """Taught by 1999-2000 and judged by 2003-2004, where gait was not timed."""
    rows = oof.cohort.function
    teach, judge = rows.cycle == TAUGHT, rows.cycle == JUDGED
    if not (teach.any() and judge.any()):
        return {}
    both = rivals.in_common(rivals.inputs(oof.schema, rows, without=("bmd",)), (teach, judge))
    label = rows.falls
    found: dict[str, Any] = {
        f"{name}, taught by 1999-2000": describe(
            rivals.transported(fit, both, label, teach, judge), label[judge]
        )
        for name, fit in rivals.RIVALS.items()
    }
    found["network, out of fold (both years)"] = figure(everything.take(judge), label[judge])
    return {"2003-2004": found}
