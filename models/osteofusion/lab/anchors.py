"""Published figures of the home country that the cohort must give back, regenerated on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from osteofusion.encode import standardise
from osteofusion.lab.anchor import ROUNDING, Anchor, beyond_rounding
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import COPIES
from osteofusion.lab.hazard_fit import SEXES
from osteofusion.lab.hazards import CLINICAL, Hazards, People, chances
from osteofusion.lab.regenerate import (
    AROUND,
    DECADES,
    FRACTURES,
    cell_means,
    cells,
    marginal,
    probes,
    regenerated,
)
from osteofusion.lab.tables import Values

ENOUGH_PEOPLE = 100  # behind a published mean that is held to its tolerance
HR_TOLERANCE, SINGLE_TOLERANCE, LEVEL_TOLERANCE, FORM_TOLERANCE = 0.15, 0.15, 0.20, 0.25
DEATH_TOLERANCE, FOAM_TOLERANCE, PREVALENCE_TOLERANCE = 0.01, 0.05, 0.01
DENSITY_TOLERANCE, GAIT_TOLERANCE, CORRELATION_TOLERANCE = 0.01, 0.03, 0.05
CLEARLY = np.log(1.25)  # cells of the UK table further apart than this must keep their order
FN_MEAN, FN_SD = 0.858, 0.120  # g/cm2, Looker 1998: the scale of the T-scores here
SIXTY_TO_SEVENTY = (55.0, 75.0)  # people who stand for the ages 60 and 70 of the UK table


def all_anchors(cohort: Cohort) -> list[Anchor]:
    """Every anchor of the home country, regenerated on `cohort`."""
    hazards, people, parameters = cohort.hazards[0], cohort.pooled[1], cohort.parameters
    return [
        *_hazard_ratios(hazards, people, parameters),
        *_gradients(hazards, people, parameters["gradient_of_bone"]),
        *_single_factors(hazards, people, parameters["single_risk_factor"]),
        *uk_form(hazards, people, parameters["uk_with_bone_density"]),
        *_levels(hazards, people, parameters),
        *_means(cohort, parameters["means_by_decade"]),
        *_correlations(cohort, parameters["correlation"]),
        *_prevalence(cohort, parameters["prevalence_50"]),
    ]


def _hazard_ratios(hazards: Hazards, people: People, parameters: Mapping[str, Any]) -> Iterator[Anchor]:
    found = regenerated(hazards, people)
    for outcome in FRACTURES:
        for name, item in parameters["target_hazard_ratio"][outcome].items():
            yield Anchor(
                "marginal hazard ratio",
                f"{outcome} {name}",
                item["value"],
                found[outcome][name],
                HR_TOLERANCE,
                "ratio",
                item["source"],
                item["status"],
            )


def _gradients(hazards: Hazards, people: People, table: Mapping[str, Any]) -> Iterator[Anchor]:
    by_age = table["hip_by_age"]
    for age, value in zip(by_age["ages"], by_age["value"], strict=True):
        found = _gradient(hazards, people, "hip", age, None)
        yield _gradient_anchor(f"hip at {age}", value, found, by_age)
    for outcome in FRACTURES:
        for male, sex in enumerate(SEXES):
            item = table[f"{outcome}_at_65"]
            yield _gradient_anchor(
                f"{outcome} at 65, {sex}", item[sex], _gradient(hazards, people, outcome, 65, male), item
            )


def _gradient(hazards: Hazards, people: People, outcome: str, age: float, male: int | None) -> float:
    rows = np.abs(people.age - age) <= AROUND
    if male is not None:
        rows &= people.male == male
    return marginal(hazards, people, outcome, ("fn_t",), rows, with_bmi=False)["fn_t"]


def _gradient_anchor(cell: str, value: float, found: float, item: Mapping[str, Any]) -> Anchor:
    return Anchor(
        "gradient of bone density", cell, value, found, HR_TOLERANCE, "ratio", item["source"], item["status"]
    )


def _single_factors(hazards: Hazards, people: People, table: Mapping[str, Any]) -> Iterator[Anchor]:
    rows = (people.age >= SIXTY_TO_SEVENTY[0]) & (people.age < SIXTY_TO_SEVENTY[1])
    for outcome in FRACTURES:
        found = marginal(hazards, people, outcome, CLINICAL, rows, with_bmi=True)
        for name, item in table[outcome].items():
            ends = np.atleast_1d(item["value"]).astype(float)
            nearest = float(np.clip(found[name], ends.min(), ends.max()))
            yield Anchor(
                "single risk factor without bone density",
                f"{outcome} {name} at 60-70",
                nearest,
                found[name],
                SINGLE_TOLERANCE,
                "ratio",
                item["source"],
                item["status"],
            )


def uk_form(hazards: Hazards, people: People, table: Mapping[str, Any]) -> Iterator[Anchor]:
    """Cells of the UK table with bone density after one scale per sex and outcome, and its order."""
    ages = [age for age in table["fitted_ages"] if age <= 80]
    for outcome in FRACTURES:
        for male, sex in enumerate(SEXES):
            found = np.array([_of_probes(hazards, people, outcome, male, a, table["t_scores"]) for a in ages])
            published = np.array([table[outcome][sex][age] for age in ages], dtype=float)
            scaled = found / _scale(found, published)
            for row, age in enumerate(ages):
                for column, t in enumerate(table["t_scores"]):
                    yield Anchor(
                        "form of the UK table",
                        f"{outcome} {sex} {age} T {t:+d}",
                        float(published[row, column]),
                        float(scaled[row, column]),
                        FORM_TOLERANCE,
                        "form",
                        table["source"],
                        table["status"],
                    )
            yield Anchor(
                "order of the UK table",
                f"{outcome} {sex}, pairs of cells reversed",
                0.0,
                float(_reversed(found, published)),
                0.0,
                "points",
                table["source"],
                table["status"],
            )


def _of_probes(
    hazards: Hazards, people: People, outcome: str, male: int, age: float, t_scores: list[float]
) -> Values:
    who = probes(people, male, age, t_scores)
    chance = chances(hazards.yearly(who))[outcome].reshape(len(t_scores), -1)
    result: Values = 100 * chance.mean(axis=1)
    return result


def _scale(found: Values, published: Values) -> float:
    """The one scale that makes the largest deviation smallest."""
    steps = np.exp(np.linspace(-1.0, 1.0, 401)) * np.exp(np.mean(np.log(found / published)))
    worst = [
        max(abs(beyond_rounding(p, f / step)) for p, f in zip(published.flat, found.flat, strict=True))
        for step in steps
    ]
    return float(steps[int(np.argmin(worst))])


def _reversed(found: Values, published: Values) -> int:
    """Pairs of cells of one age or one T-score, clearly apart in print, that stand the other way round here."""
    low, high = np.log(np.maximum(published - ROUNDING, 1e-3)), np.log(published + ROUNDING)
    rows, columns = np.indices(published.shape)
    line = (rows.ravel()[:, None] == rows.ravel()) | (columns.ravel()[:, None] == columns.ravel())
    clearly = low.ravel()[:, None] - high.ravel() > CLEARLY
    return int((line & clearly & (found.ravel()[:, None] <= found.ravel())).sum())


def _levels(hazards: Hazards, people: People, parameters: Mapping[str, Any]) -> Iterator[Anchor]:
    own = people.take(people.published)
    for who, crowd in (("all people", people), ("the same people", own)):
        found = cells(hazards, crowd)
        for outcome in FRACTURES:
            for male, sex in enumerate(SEXES):
                item = parameters["ten_year_fracture"][outcome][sex]
                for number, (value, n) in enumerate(zip(item["value"], item["n"], strict=True)):
                    yield Anchor(
                        f"mean US probability, {who}",
                        f"{outcome} {sex} {_decade(number)}",
                        100 * value,
                        100 * float(found[outcome][male, number]),
                        LEVEL_TOLERANCE,
                        "ratio" if n >= ENOUGH_PEOPLE else "told",
                        item["source"],
                        item["status"],
                    )
    death = cells(hazards, people)["death"]
    for male, sex in enumerate(SEXES):
        item = parameters["death"]["ten_year"][sex]
        for number, value in enumerate(item["value"]):
            yield Anchor(
                "ten-year death",
                f"{sex} {_decade(number)}",
                value,
                float(death[male, number]),
                DEATH_TOLERANCE,
                "points",
                item["source"],
                item["status"] if number else "j",
            )


def _decade(number: int) -> str:
    return "80+" if number == len(DECADES) - 2 else f"{DECADES[number]:.0f}s"


def _means(cohort: Cohort, table: Mapping[str, Any]) -> Iterator[Anchor]:
    values, people = cohort.pooled
    at = cohort.schema.column
    columns = {name: values[:, at[name]] for name in ("gait_speed", "romberg_foam_ec")}
    columns["fn_bmd"] = FN_MEAN + FN_SD * values[:, at["fn_t"]]
    found = cell_means(columns, people)
    allowed = {
        "fn_bmd": (DENSITY_TOLERANCE, "ratio"),
        "gait_speed": (GAIT_TOLERANCE, "ratio"),
        "romberg_foam_ec": (FOAM_TOLERANCE, "points"),
    }
    for name, item in table.items():
        first = int(np.flatnonzero(item["first"] == DECADES)[0])
        for male, sex in enumerate(SEXES):
            for number, value in enumerate(item[sex], start=first):
                yield Anchor(
                    f"mean of {name}",
                    f"{sex} {_decade(number)}",
                    value,
                    float(found[name][male, number]),
                    *allowed[name],
                    item["source"],
                    item["status"],
                )


def _correlations(cohort: Cohort, table: Mapping[str, Any]) -> Iterator[Anchor]:
    values, people = cohort.pooled
    z = standardise(cohort.schema, values, 1)
    surveyed = np.tile(cohort.bone.values[:, cohort.schema.column["age"]], COPIES)  # top-coded, as in print
    for pair, item in table.items():
        first, second = pair.split()
        for male, sex in enumerate(SEXES):
            rows = (people.male == male) & (surveyed >= 50)
            a = z[rows, cohort.schema.column[first]]
            if second == "age":
                # hangs on the spread of ages, so on whom the survey stands for: weighted
                found = correlation(a, surveyed[rows], None, people.weight[rows])
            else:
                found = correlation(a, z[rows, cohort.schema.column[second]], surveyed[rows], np.ones(len(a)))
            yield Anchor(
                "correlation",
                f"{first} with {second}, {sex}",
                item[sex],
                found,
                CORRELATION_TOLERANCE,
                "points",
                item["source"],
                item["status"],
            )


def correlation(a: Values, b: Values, age: Values | None, weight: Values) -> float:
    """Weighted correlation, after age and age squared where `age` is given."""
    if age is not None:
        design = np.column_stack([np.ones_like(age), age, age**2])
        a, b = (x - design @ np.linalg.lstsq(design, x, rcond=None)[0] for x in (a, b))
    both = np.cov(a, b, aweights=weight)
    return float(both[0, 1] / np.sqrt(both[0, 0] * both[1, 1]))


def _prevalence(cohort: Cohort, table: Mapping[str, Any]) -> Iterator[Anchor]:
    at = cohort.schema.column
    t = {name: cohort.bone.values[:, at[name]] for name in ("fn_t", "th_t", "ls_t")}
    age, male, weight = (
        cohort.bone.values[:, at["age"]],
        cohort.bone.values[:, at["sex"]],
        cohort.bone.weight,
    )
    low = {
        "any_site": np.fmin(np.fmin(t["fn_t"], t["th_t"]), t["ls_t"]) <= -2.5,
        "neck_or_spine": np.fmin(t["fn_t"], t["ls_t"]) <= -2.5,
    }
    for name, item in table.items():
        for number, sex in enumerate(SEXES):
            rows = (age >= 50) & (male == number)
            yield Anchor(
                "prevalence of T <= -2.5 at 50 and over",
                f"{sex}, {name.replace('_', ' ')}",
                item[sex],
                float(np.average(low[name][rows], weights=weight[rows])),
                PREVALENCE_TOLERANCE,
                "points",
                item["source"],
                item["status"],
            )
