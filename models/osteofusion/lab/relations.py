"""Relations the cohort must have (drawn values with their parents) and must not have (measured nulls)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from osteofusion.encode import standardise
from osteofusion.lab.anchor import Anchor
from osteofusion.lab.anchors import CORRELATION_TOLERANCE
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import MEMBERS, Index
from osteofusion.lab.metrics import auc
from osteofusion.lab.mice import HISTORY, LABORATORY, PERSON
from osteofusion.lab.modalities import bone_residual
from osteofusion.lab.tables import Values

ODDS_TOLERANCE, SLOPE_TOLERANCE, AUC_TOLERANCE = 0.05, 0.02, 0.005
NULL_MEASURES = {"gait_speed": -1.0, "sway_rms_acc_ml": 1.0}
NULL_VARIANT = "rs2228570"  # VDR FokI
SIZE = ("height", "weight")


def all_relations(cohort: Cohort) -> list[Anchor]:
    """Every such relation, regenerated on `cohort`."""
    return [*_drawn(cohort), *_null_odds(cohort), _null_variant(cohort), _sensors_add_nothing(cohort)]


def _drawn(cohort: Cohort) -> Iterator[Anchor]:
    """Correlation of each drawn value with its parents, after age and sex, on the reference copy."""
    values = cohort.reference[0]
    z = standardise(cohort.schema, values, 1)
    at = cohort.schema.column
    design = _age_and_sex(z[:, at["age"]], z[:, at["sex"]])
    bone = bone_residual(values, cohort.schema)
    for name, item in cohort.parameters["drawn"].items():
        own = _residual(z[:, at[name]], design)
        for parent, link in item["given"].items():
            other = bone if parent == "bone" else _residual(z[:, at[parent]], design)
            yield Anchor(
                "correlation of a drawn value",
                f"{name} with {parent}",
                link["r"],
                float(np.corrcoef(own, other)[0, 1]),
                CORRELATION_TOLERANCE,
                "points",
                link["source"],
                link["status"],
            )


def _null_odds(cohort: Cohort) -> Iterator[Anchor]:
    """Odds ratio of osteoporosis per SD of gait and sway, over all drawn copies of people of 50 and over."""
    for name, sign in NULL_MEASURES.items():
        for given, words, measure in (
            (SIZE, "given age, sex and body size", "ratio"),
            ((), "given age and sex alone: gait knows body mass, and body mass knows bone", "told"),
        ):
            log_odds = [_log_odds(cohort, fold, name, sign, given) for fold in range(MEMBERS)]
            yield Anchor(
                "null: odds ratio of osteoporosis per SD",
                f"{name}, {words}",
                1.0,
                float(np.exp(np.mean(log_odds))),
                ODDS_TOLERANCE,
                measure,
                "nhanes",
                "m",
            )


def _log_odds(cohort: Cohort, fold: int, name: str, sign: float, given: Sequence[str]) -> float:
    part, at = cohort.training_parts(fold)[0], cohort.schema.column
    rows = (part.label_weight > 0) & (cohort.age_of(part.z) >= 50)
    z = part.z[rows]
    design = _age_and_sex(z[:, at["age"]], z[:, at["sex"]])
    scaled = sign * z[:, at[name]] / _residual(z[:, at[name]], design).std()
    size = [z[:, at[other]] ** power for other in given for power in (1, 2)]
    columns = np.column_stack([scaled, design[:, 1:], *size, *(column * z[:, at["sex"]] for column in size)])
    model = _logistic(1e6).fit(columns, part.label[rows])
    return float(model.coef_[0, 0])


def _null_variant(cohort: Cohort) -> Anchor:
    """SD of femoral-neck density per allele of a VDR variant, over all drawn copies."""
    at, slopes = cohort.schema.column, []
    for fold in range(MEMBERS):
        z = cohort.training_parts(fold)[0].z
        design = np.column_stack([_age_and_sex(z[:, at["age"]], z[:, at["sex"]]), z[:, at[NULL_VARIANT]]])
        bone = z[:, at["fn_t"]] / z[:, at["fn_t"]].std()
        per_sd = float(np.linalg.lstsq(design, bone, rcond=None)[0][-1])
        scaling = cohort.schema.by_id[NULL_VARIANT].scaling
        slopes.append(per_sd / (scaling.scale if scaling else 1.0))
    item = cohort.parameters["snp"][NULL_VARIANT]
    return Anchor(
        "null: SD of bone density per allele",
        NULL_VARIANT,
        0.0,
        float(np.mean(slopes)),
        SLOPE_TOLERANCE,
        "points",
        item["source"],
        item["status"],
    )


def _sensors_add_nothing(cohort: Cohort) -> Anchor:
    """AUC of a five-fold logistic regression for the real status with all sensors, less that without."""
    at = cohort.schema.column
    z = standardise(cohort.schema, cohort.reference[0], 1)
    old = ~cohort.bone.top_coded & (cohort.age_of(z) >= 50)
    base = [at[name] for name in (*PERSON, *LABORATORY, *HISTORY)]
    found = [
        _out_of_fold_auc(z[old][:, columns], cohort.bone.osteoporosis[old], cohort.bone_fold[old])
        for columns in (base + list(cohort.schema.group_columns["sensor"]), base)
    ]
    return Anchor(
        "null: AUC added by all sensors without DXA",
        "logistic regression, 50 and over",
        0.0,
        found[0] - found[1],
        AUC_TOLERANCE,
        "points",
        "nhanes",
        "m",
    )


def _out_of_fold_auc(design: Values, label: Values, fold: Index) -> float:
    score = np.zeros(len(label))
    for number in np.unique(fold):
        inside = fold == number
        model = _logistic(0.5).fit(design[~inside], label[~inside])
        score[inside] = model.decision_function(design[inside])
    return float(auc(score, label))


def _logistic(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=500)


def _age_and_sex(age: Values, sex: Values) -> Values:
    return np.column_stack([np.ones_like(age), age, sex, age * sex, age**2])


def _residual(column: Values, design: Values) -> Values:
    result: Values = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
    return result
