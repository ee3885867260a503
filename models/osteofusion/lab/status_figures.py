"""Osteoporosis without bone density, on real people and real labels (tier R), beside what else could answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from osteofusion.lab import comparators, rivals
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.figures import (
    by_group,
    cross_fitted,
    curve,
    decision_curve,
    figure,
    operating_points,
    roc_points,
    score_figure,
)
from osteofusion.lab.generator import Index
from osteofusion.lab.metrics import auc, describe
from osteofusion.lab.out_of_fold import Answer, OutOfFold
from osteofusion.lab.tables import ANCESTRIES, Flags, Rows, Values
from osteofusion.partial_dxa import p_missing_site

OLD = 50.0  # the WHO classes apply after menopause and in men from 50
SITES = ("fn_t", "th_t", "ls_t")
PATTERNS = {"neck only": ("fn_t",), "hip only": ("fn_t", "th_t"), "spine only": ("ls_t",)}
VIEWS = {
    "age and sex": ("age", "sex"),
    "age, sex, weight, height": ("age", "sex", "weight", "height"),
}
ANCESTRY_NAMES = {
    "nh_white": "white, not Hispanic",
    "nh_black": "Black, not Hispanic",
    "mexican_american": "Mexican American",
    "other_hispanic": "other Hispanic",
    "nh_asian": "Asian, not Hispanic",
    "other": "other or mixed",
}
THRESHOLDS = np.arange(0.01, 0.41, 0.01)
LAST_TEACHING_YEAR = 2007  # first year of the cycle: 2005-2008 teach, 2009-2010 and 2013-2014 judge


@dataclass(frozen=True)
class Status:
    """People of 50 and over with bone density: the network's answers without it, and the rivals'."""

    rows: Rows
    fold: Index
    answer: Answer
    rival: Mapping[str, Values]
    column: Mapping[str, int]

    @property
    def label(self) -> Values:
        """Lowest valid T-score <= -2.5."""
        return self.rows.osteoporosis

    def value(self, name: str) -> Values:
        """One feature of everybody, NaN where it was not measured."""
        values: Values = self.rows.values[:, self.column[name]]
        return values


def measure_status(oof: OutOfFold, z: Values) -> Status:
    """Answers of the network and of every rival for the people of 50 and over; rivals learn from them alone."""
    cohort = oof.cohort
    old = cohort.bone.values[:, cohort.schema.column["age"]] >= OLD
    rows, fold = cohort.bone.take(np.flatnonzero(old)), cohort.bone_fold[old]
    answer = oof.answer(oof.hide_groups(z[old], ["bmd"]), fold).outcome("osteoporosis")
    x = rivals.inputs(cohort.schema, rows, without=("bmd",))
    found = {name: rivals.out_of_fold(fit, x, rows.osteoporosis, fold) for name, fit in rivals.RIVALS.items()}
    age, weight, male = (rows.values[:, cohort.schema.column[name]] for name in ("age", "weight", "sex"))
    found |= {"OST": 0.2 * (age - weight), "age alone": age}
    for name, column in (("OST, as a probability", age - weight), ("age and sex", age)):
        found[name] = rivals.few_inputs([column, male, column * male], rows.osteoporosis, fold)
    return Status(rows, fold, answer, found, cohort.schema.column)


def people(status: Status) -> dict[str, Flags]:
    """Groups that a reader asks for: sex, age, ancestry, survey cycle."""
    age, male = status.value("age"), status.value("sex") == 1
    groups = {
        "everybody 50+": age >= OLD,
        "women": ~male,
        "men": male,
        "50-64": age < 65,
        "65+": age >= 65,
        "women 65+": ~male & (age >= 65),
        "men 65+": male & (age >= 65),
    }
    groups |= {f"{low}-{low + 9}": (age >= low) & (age < low + 10) for low in (50, 60, 70)}
    groups["80+"] = age >= 80
    groups |= {ANCESTRY_NAMES[name]: status.rows.ancestry == number for number, name in enumerate(ANCESTRIES)}
    groups |= {
        f"survey {year}-{year + 1}": status.rows.cycle == year
        for year in np.unique(status.rows.cycle).tolist()
    }
    return groups


def tables(status: Status, oof: OutOfFold, z: Values) -> dict[str, Any]:
    """All figures of this outcome that rest on real people."""
    sexes = {name: people(status)[name] for name in ("everybody 50+", "women", "men")}
    return {
        "by_group": by_group(status.answer, status.label, people(status), status.rival["OST"]),
        "operating_points": {
            name: operating_points(status.answer.take(rows), status.label[rows], status.fold[rows])
            for name, rows in sexes.items()
        },
        "recalibrated_elsewhere": {
            name: cross_fitted(status.answer.int8[rows], status.label[rows], status.fold[rows])
            for name, rows in sexes.items()
        },
        "roc": {
            name: roc_points(status.answer.take(rows), status.label[rows], {"OST": status.rival["OST"][rows]})
            for name, rows in sexes.items()
        },
        "by_what_is_known": by_what_is_known(status, oof, z),
        "comparators": {name: beside(status, rows) for name, rows in sexes.items()},
        "published_scores": published_scores(status),
        "dxa_alone": dxa_alone(status.rows, status.column),
        "partial_dxa": partial_dxa(oof, z),
        "transport": transport(status, oof.cohort),
        "calibration": {
            name: curve(status.answer.take(rows), status.label[rows]) for name, rows in sexes.items()
        },
        "decision": {name: decisions(status, rows) for name, rows in sexes.items()},
    }


def by_what_is_known(status: Status, oof: OutOfFold, z: Values) -> dict[str, Any]:
    """From age and sex alone to everything that the survey measured but bone density."""
    cohort = oof.cohort
    old = cohort.bone.values[:, status.column["age"]] >= OLD
    others = [group for group in cohort.schema.group_columns if group != "clinical"]
    views = {name: oof.only(z[old], features) for name, features in VIEWS.items()}
    views["clinical group"] = oof.hide_groups(z[old], others)
    views["clinical group and laboratory"] = oof.hide_groups(z[old], [g for g in others if g != "turnover"])
    views["all but bone density"] = oof.hide_groups(z[old], ["bmd"])
    return {
        name: figure(oof.answer(view, status.fold).outcome("osteoporosis"), status.label)
        for name, view in views.items()
    }


def beside(status: Status, rows: Flags) -> dict[str, Any]:
    """The network, the rivals trained on the same folds, and single values, on the same people."""
    label = status.label[rows]
    found: dict[str, Any] = {"network": figure(status.answer.take(rows), label)}
    for name in rivals.RIVALS:
        found[name] = describe(status.rival[name][rows], label)
    for name in ("OST", "age alone"):
        found[name] = score_figure(status.rival[name][rows], label)
    found["weight alone"] = score_figure(-status.value("weight")[rows], label)
    return found


def published_scores(status: Status) -> dict[str, Any]:
    """Published scores by sex against both labels, with sensitivity and specificity at their own cut-off."""
    found: dict[str, Any] = {}
    neck = (status.value("fn_t") <= comparators.WHO_CUT).astype(float)
    known = {name: status.value(name) for name in ("age", "weight", "copd", "rheumatoid_arthritis")}
    if "hormone_therapy" in status.column:
        known["hormone_ever"] = status.value("hormone_therapy")
    known["black"] = (status.rows.ancestry == ANCESTRIES.index("nh_black")).astype(float)
    for sex, name in ((0.0, "women"), (1.0, "men")):
        rows = (status.value("sex") == sex) & ~np.isnan(status.value("fn_t"))
        columns = {key: values[rows] for key, values in known.items()}
        for tool in comparators.tools_for(columns, male=sex == 1):
            found.setdefault(name, {})[tool.name] = {
                "citation": tool.citation,
                "cut_off": tool.cut_off,
                "any site": score_figure(tool.risk, status.label[rows], tool.refer),
                "femoral neck": score_figure(tool.risk, neck[rows], tool.refer),
            }
    return found


def dxa_alone(rows: Rows, column: Mapping[str, int]) -> dict[str, Any]:
    """One T-score against the label that it helps to define: what incorporation bias alone is worth."""
    found = {}
    for site in SITES:
        t = rows.values[:, column[site]]
        found[site] = score_figure(-t, rows.osteoporosis, t <= comparators.WHO_CUT)
    lowest = comparators.who_rule(rows.values[:, [column[site] for site in SITES]])
    found["WHO rule, sites measured"] = score_figure(lowest, rows.osteoporosis, lowest == 1)
    return found


def partial_dxa(oof: OutOfFold, z: Values) -> dict[str, Any]:
    """Sites hidden from people with all three, undecided by those left: network and equations."""
    rows, at = oof.cohort.bone, oof.schema.column
    t = rows.values[:, [at[name] for name in SITES]]
    weight = rows.values[:, at["weight"]]
    full = ~np.isnan(t).any(axis=1) & (rows.values[:, at["age"]] >= OLD) & ~np.isnan(weight)
    result: dict[str, Any] = {}
    for name, known in PATTERNS.items():
        seen = [SITES.index(site) for site in known]
        chosen = full & (t[:, seen].min(axis=1) > comparators.WHO_CUT)
        label = (t[chosen].min(axis=1) <= comparators.WHO_CUT).astype(float)
        hidden = z[chosen].copy()
        hidden[:, oof.columns(site for site in SITES if site not in known)] = np.nan
        answer = oof.answer(hidden, oof.cohort.bone_fold[chosen]).outcome("osteoporosis")
        result[name] = {
            "network": figure(answer, label),
            "equations": describe(_equations(rows.take(np.flatnonzero(chosen)), known, at), label),
        }
    return result


def _equations(rows: Rows, known: tuple[str, ...], at: Mapping[str, int]) -> Values:
    columns = [at[site] for site in known]
    return np.array(
        [
            p_missing_site(
                dict(zip(known, row[columns].tolist(), strict=True)),
                row[at["age"]],
                bool(row[at["sex"]]),
                row[at["weight"]],
            )
            for row in rows.values
        ]
    )


def transport(status: Status, cohort: Cohort) -> dict[str, Any]:
    """Rivals taught by 2005-2008 and judged by later surveys; the members out of fold on the same people."""
    everything = rivals.inputs(cohort.schema, status.rows, without=("bmd",))
    teach = status.rows.cycle <= LAST_TEACHING_YEAR
    found: dict[str, Any] = {}
    for year in (2009, 2013):
        judge = status.rows.cycle == year
        if not judge.any():
            continue
        x = rivals.in_common(everything, (teach, judge))
        label = status.label[judge]
        found[f"{year}-{year + 1}"] = {
            **{
                f"{name}, taught by 2005-2008": describe(
                    rivals.transported(fit, x, status.label, teach, judge), label
                )
                for name, fit in rivals.RIVALS.items()
            },
            "network, out of fold (all years)": figure(status.answer.take(judge), label),
        }
    return found


def decisions(status: Status, rows: Flags) -> dict[str, Any]:
    """Net benefit of sending people to DXA above a threshold."""
    forecasts = {
        "network": status.answer.int8[rows],
        "network, float": status.answer.float[rows],
        "logistic regression": status.rival["logistic regression"][rows],
        "OST": status.rival["OST, as a probability"][rows],
        "age and sex": status.rival["age and sex"][rows],
    }
    return decision_curve(forecasts, status.label[rows], THRESHOLDS)


def single_values(status: Status) -> dict[str, float]:
    """AUC of each single value outside the bone group, either way round: names a leaked column."""
    found = {}
    for name, column in status.column.items():
        values = status.rows.values[:, column]
        known = ~np.isnan(values)
        if name in SITES or not 0 < status.label[known].sum() < known.sum():
            continue
        area = auc(values[known], status.label[known])
        found[name] = round(max(area, 1 - area), 4)
    return found
