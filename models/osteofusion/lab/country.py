"""A country whose rows nobody may use: US people given its ages and body size, and one shift an outcome.

Notes
-----
Height and weight come first: in women the gap in density between Asian and white Americans is body size (evidence of
NHANES 2013-14, 93 women, 83 men). Density moves with height and weight as it does in the cohort, the rest stays as it
is. What then remains between the model and the country's published prevalence and incidence is one number per outcome,
added to the logits; of other fractures nothing is published, so they share the number of the hip. Smoking is left as it
is: at the country's own frequency the two sexes would need numbers that differ more (told among the anchors). It is a
scale, not a validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.lab.anchor import Anchor
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.hazard_fit import SEXES
from osteofusion.lab.hazards import People, bone_factor
from osteofusion.lab.tables import Values
from osteofusion.schema import Schema

HOME = "US"
STEP = 5.0
INCIDENCE_TOLERANCE, PREVALENCE_TOLERANCE = 0.10, 0.01
PER = 100_000

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Population:
    """US people with the ages, body size and smoking of a country: values (n, F), hazard factors, weights in people."""

    values: Values
    people: People


@dataclass(frozen=True, slots=True)
class Scale:
    """Shifts of one country in logits, its anchors regenerated with them, and the hip shift of each sex alone."""

    hip: float
    other: float
    osteoporosis: float
    hip_by_sex: Mapping[str, float]
    anchors: tuple[Anchor, ...]


def scales(cohort: Cohort) -> dict[str, Any]:
    """Entry `countries` of a bundle's metadata: label, shifts, age structure and sources of each country."""
    result = {}
    for name, item in cohort.parameters["countries"].items():
        found = Scale(0.0, 0.0, 0.0, {}, ()) if name == HOME else scale(cohort, item)
        result[name] = {
            "label": item["label"],
            "hip_shift": round(found.hip, 4),
            "other_shift": round(found.other, 4),
            "osteoporosis_shift": round(found.osteoporosis, 4),
            "hip_shift_of_each_sex": {sex: round(shift, 4) for sex, shift in found.hip_by_sex.items()},
            "age_structure": _age_structure(name, item),
            "source": _sources(name, item),
            "status": "training people" if name == HOME else "scaled to published figures, not validated",
            "anchors": [anchor.to_json() for anchor in found.anchors],
        }
    return result


def scale(cohort: Cohort, item: Mapping[str, Any]) -> Scale:
    """The shifts of one country; one number an outcome, both sexes together."""
    population = populated(cohort, item)
    people = population.people
    logit = status_logit(cohort, population)
    hip = cohort.hazards[0].yearly_of("hip", people)[:, 0]
    rate = [_per_100000(people, hip, 55.0, male) for male in (0, 1)]
    wanted = [item["hip_per_100000"][f"{sex}_55"] for sex in SEXES]
    shifts = np.log(np.array(wanted) / rate)
    hip_shift, status_shift = float(shifts.mean()), _status_shift(item, people, logit)
    anchors = (
        *_prevalence_anchors(item, people, logit + status_shift),
        *_incidence_anchors(item, people, hip * np.exp(hip_shift)),
    )
    smokers = _with_smoking(cohort, people, item)
    smoked = cohort.hazards[0].yearly_of("hip", smokers)[:, 0] * np.exp(hip_shift)
    told = tuple(
        replace(anchor, cell=f"{anchor.cell}, smoking as there", measure="told")
        for anchor in _incidence_anchors(item, smokers, smoked)[:2]
    )
    return Scale(
        hip_shift, hip_shift, status_shift, dict(zip(SEXES, shifts.tolist(), strict=True)), anchors + told
    )


def _with_smoking(cohort: Cohort, people: People, item: Mapping[str, Any]) -> People:
    """The same people smoking as often as the country's women and men do."""
    luck = np.random.default_rng([cohort.seed, 400]).random(len(people))
    share = np.where(people.male == 1, item["smoking"]["men"], item["smoking"]["women"])
    return replace(people, factor=dict(people.factor) | {"current_smoking": (luck < share).astype(float)})


def populated(cohort: Cohort, item: Mapping[str, Any]) -> Population:
    """The people of 40 and over with the country's ages, height and weight."""
    values, people = cohort.pooled[0].copy(), cohort.pooled[1]
    at, weight = cohort.schema.column, np.zeros(len(people))
    for male, sex in enumerate(SEXES):
        own = people.male == male
        weight[own] = _people(people.age[own], people.weight[own], item["population"], sex)
        _resize(values, own, people.age, item["body"], sex, at)
    factor = dict(people.factor) | {"fn_t": bone_factor(values[:, at["fn_t"]])}
    bmi = values[:, at["weight"]] / (values[:, at["height"]] / 100) ** 2
    return Population(values, replace(people, weight=weight, bmi=bmi, factor=factor))


def _people(age: Values, weight: Values, table: Mapping[str, Any], sex: str) -> Values:
    """Survey weights made to add up to the country's people of each five years of age."""
    step = np.minimum((age - table["first_age"]) // STEP, len(table[sex]) - 1).astype(int)
    total = np.bincount(step, weights=weight, minlength=len(table[sex]))
    result: Values = weight * np.array(table[sex])[step] * 1e6 / total[step]
    return result


def _resize(
    values: Values, rows: Flags, age: Values, body: Mapping[str, Any], sex: str, at: Mapping[str, int]
) -> None:
    """Height and weight of the country at the same place among their age; femoral neck as these say."""
    ages = np.column_stack([np.ones_like(age[rows]), age[rows], age[rows] ** 2])
    size = np.column_stack([values[rows, at["height"]], values[rows, at["weight"]]])
    neck = values[rows, at["fn_t"]]
    slope = np.linalg.lstsq(np.column_stack([ages, size]), neck, rcond=None)[0][3:]
    rest = size - ages @ np.linalg.lstsq(ages, size, rcond=None)[0]
    new = np.empty_like(size)
    for column, name in enumerate(("height", "weight")):
        mean, per_decade, sd = body[name][sex]
        new[:, column] = (
            mean + per_decade * (age[rows] - 60) / 10 + sd * rest[:, column] / rest[:, column].std()
        )
        values[rows, at[name]] = new[:, column]
    values[rows, at["fn_t"]] = neck + (new - size) @ slope


def status_logit(cohort: Cohort, population: Population) -> Values:
    """Logit of T <= -2.5 from age, sex and body size, learnt on the real labels, for the people of the country."""
    from sklearn.linear_model import LogisticRegression

    seen = ~cohort.bone.top_coded
    design = _status_design(cohort.schema, cohort.reference[0])[
        seen
    ]  # age, sex, body size: hardly anything drawn
    model = LogisticRegression(C=100.0, max_iter=500).fit(design, cohort.bone.osteoporosis[seen])
    result: Values = model.decision_function(_status_design(cohort.schema, population.values))
    return result


def _status_design(schema: Schema, values: Values) -> Values:
    at = schema.column
    age, male = (values[:, at["age"]] - 65.0) / 10.0, values[:, at["sex"]]
    height, weight = (values[:, at["height"]] - 165.0) / 10.0, (values[:, at["weight"]] - 75.0) / 15.0
    return np.column_stack([age, age**2, male, age * male, height, weight, weight**2, weight * male])


def _status_shift(item: Mapping[str, Any], people: People, logit: Values) -> float:
    """The shift whose larger error of both sexes is smallest."""
    steps = np.linspace(-2.0, 2.0, 401)
    worst = [
        max(abs(anchor.deviation) for anchor in _prevalence_anchors(item, people, logit + step))
        for step in steps
    ]
    return float(steps[int(np.argmin(worst))])


def _prevalence_anchors(item: Mapping[str, Any], people: People, logit: Values) -> list[Anchor]:
    table, p = item["prevalence_40"], 1 / (1 + np.exp(-logit))
    return [
        Anchor(
            "prevalence at 40 and over",
            sex,
            table[sex],
            float(np.average(p[people.male == male], weights=people.weight[people.male == male])),
            PREVALENCE_TOLERANCE,
            "points",
            table["source"],
            table["status"],
        )
        for male, sex in enumerate(SEXES)
    ]


def _incidence_anchors(item: Mapping[str, Any], people: People, hip: Values) -> list[Anchor]:
    urban, old, rise = item["hip_per_100000"], item["hip_per_100000_65"], item["hip_rise_per_decade"]
    family = "hip fractures per 100,000 a year"
    result = [
        Anchor(
            family,
            f"55 and over, {sex}",
            urban[f"{sex}_55"],
            _per_100000(people, hip, 55.0, male),
            INCIDENCE_TOLERANCE,
            "ratio",
            urban["source"],
            urban["status"],
        )
        for male, sex in enumerate(SEXES)
    ]
    both = _per_100000(people, hip, 65.0, None)
    possible = _most_at_65(item, people)
    result.append(
        Anchor(
            family,
            f"65 and over, both (at most {possible:.0f} by the figures above, these ages and a threefold rise)",
            old["both"],
            both,
            INCIDENCE_TOLERANCE,
            "told" if possible < old["both"] * (1 - INCIDENCE_TOLERANCE) else "ratio",
            old["source"],
            old["status"],
        )
    )
    factor = _rise(people, hip)
    nearest = float(np.clip(factor, *rise["value"]))
    result.append(
        Anchor(
            "rise of hip fractures per ten years",
            "50 to 84, both",
            nearest,
            factor,
            0.0,
            "ratio",
            rise["source"],
            rise["status"],
        )
    )
    return result


def _most_at_65(item: Mapping[str, Any], people: People) -> float:
    """Fractures per 100,000 at 65 and over if rates rise as steeply as published and 55 and over is as published."""
    steepest = max(item["hip_rise_per_decade"]["value"])
    cases = 0.0
    for male, sex in enumerate(SEXES):
        rows = (people.male == male) & (people.age >= 55)
        expected = people.weight[rows] * steepest ** (people.age[rows] / 10)
        late = expected[people.age[rows] >= 65].sum() / expected.sum()
        cases += late * item["hip_per_100000"][f"{sex}_55"] / PER * people.weight[rows].sum()
    return float(PER * cases / people.weight[people.age >= 65].sum())


def _per_100000(people: People, hazard: Values, first_age: float, male: int | None) -> float:
    rows = people.age >= first_age
    if male is not None:
        rows &= people.male == male
    return float(PER * np.average(hazard[rows], weights=people.weight[rows]))


def _rise(people: People, hip: Values) -> float:
    """Factor per ten years by a straight line through the log rates of five-year steps from 50 to 84."""
    first = np.arange(50.0, 85.0, STEP)
    rates = []
    for age in first:
        rows = (people.age >= age) & (people.age < age + STEP)
        rates.append(np.average(hip[rows], weights=people.weight[rows]))
    return float(np.exp(10 * np.polyfit(first, np.log(rates), 1)[0]))


def _age_structure(name: str, item: Mapping[str, Any]) -> str:
    if name == HOME:
        return "examined people of NHANES 2005-2010 and 2013-2014, weighted"
    table = item["population"]
    return f"{table['source']}: ages from {table['first_age']} in five-year steps, by sex"


def _sources(name: str, item: Mapping[str, Any]) -> list[str]:
    if name == HOME:
        return ["nhanes", "us_frax_2013", "nhanes_lmf"]
    found = {part["source"] for part in item.values() if isinstance(part, Mapping) and "source" in part}
    return sorted(found | {part["source"] for part in item["body"].values()})
