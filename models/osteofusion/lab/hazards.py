"""Fracture and death as three competing hazards: hip, other major fracture, death.

Notes
-----
hazard(t) = base(sex, age + t) * exp(bone + held(sum of the other log ratios)). The log ratio of a factor may change
with age (`shape`). Incidences count death as a competing event. How the numbers are found: hazard_fit.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import standardise
from osteofusion.lab.tables import Rows, Values
from osteofusion.schema import Schema

YEARS = 10
KNOTS = np.array([50.0, 60.0, 70.0, 80.0, 89.0, 97.0])  # five about the mean age of a decade, five years on
STEEPEST = 0.1  # log rate a year beyond the last knot: Gompertz slope of old people
CAUSES = ("hip", "other", "death")
PUBLISHED_CYCLE = 2013  # the survey that printed the US probabilities of its people
LOWEST_T = -5.0  # published tables end at -4: below, bone adds nothing more
CLINICAL = (
    "prior_fracture",
    "parent_hip_fracture",
    "current_smoking",
    "glucocorticoids",
    "rheumatoid_arthritis",
    "alcohol_3_units",
)
OTHER_HISTORY = ("diabetes_type2", "falls_past_year")
HARMFUL = {
    "fn_t": -1.0,
    "gait_speed": -1.0,
    "grip_one_hand": -1.0,
    "sway_rms_acc_ml": 1.0,
    "ctx": 1.0,
    "pinp": 1.0,
    "tb_sp": 1.0,
}


@dataclass(frozen=True, slots=True)
class People:
    """What the hazards need: age, sex, BMI, survey weight and the risk factors in their harmful direction.

    `published` marks the people whose own published probabilities make up the US means.
    """

    age: Values
    male: Values
    bmi: Values
    weight: Values
    factor: Mapping[str, Values]
    published: NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of people."""
        return len(self.age)

    def take(self, index: NDArray[Any]) -> People:
        """The people at `index`."""
        factor = {name: values[index] for name, values in self.factor.items()}
        age, male, bmi, weight = (getattr(self, name)[index] for name in ("age", "male", "bmi", "weight"))
        return People(age, male, bmi, weight, factor, self.published[index])


@dataclass(frozen=True, slots=True)
class Shape:
    """Multiplier of a log ratio over age for women and men, linear between `ages`, constant outside."""

    ages: Values
    women: Values
    men: Values

    def at(self, people: People) -> Values:
        """The multiplier of each person."""
        women, men = (np.interp(people.age, self.ages, factor) for factor in (self.women, self.men))
        return np.where(people.male == 1, men, women)


@dataclass(frozen=True, slots=True)
class Hazards:
    """Log base rates at KNOTS by sex (2, 6) and log hazard ratios of hip, other fracture and death.

    `shape` holds the age shapes of some ratios; the sum of all ratios but that of bone is `held`: equal to itself
    up to `linear`, never above `ceiling`.
    """

    base: Mapping[str, NDArray[np.float64]]
    ratio: Mapping[str, Mapping[str, float]]
    shape: Mapping[str, Mapping[str, Shape]]
    linear: float
    ceiling: float

    def to_json(self) -> dict[str, Any]:
        """Plain lists and numbers."""
        shape = {
            cause: {
                name: [column.tolist() for column in (item.ages, item.women, item.men)]
                for name, item in table.items()
            }
            for cause, table in self.shape.items()
        }
        return {
            "base": {cause: table.tolist() for cause, table in self.base.items()},
            "ratio": {cause: dict(table) for cause, table in self.ratio.items()},
            "shape": shape,
            "linear": self.linear,
            "ceiling": self.ceiling,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Hazards:
        """The inverse of `to_json`."""
        base = {cause: np.array(table) for cause, table in content["base"].items()}
        shape = {
            cause: {name: Shape(*map(np.array, columns)) for name, columns in table.items()}
            for cause, table in content["shape"].items()
        }
        return cls(base, content["ratio"], shape, content["linear"], content["ceiling"])

    def yearly(self, people: People) -> dict[str, Values]:
        """Cumulative hazard of each of the ten years, (n, 10), for hip, other and death."""
        return {cause: self.yearly_of(cause, people) for cause in CAUSES}

    def yearly_of(self, cause: str, people: People) -> Values:
        """Cumulative hazard (n, 10) of one cause."""
        return self.base_of(cause, people) * np.exp(self.log_ratio(cause, people))[:, None]

    def base_of(self, cause: str, people: People) -> Values:
        """Base rate (n, 10) of one cause in each of the ten years."""
        year = people.age[:, None] + np.arange(YEARS) + 0.5
        women, men = (_log_rate(self.base[cause][sex], year) for sex in (0, 1))
        rate: Values = np.exp(np.where(people.male[:, None] == 1, men, women))
        return rate

    def log_ratio(self, cause: str, people: People) -> Values:
        """Log hazard ratio of each person against T = -1, average measures and no risk factor."""
        bone, rest = np.zeros(len(people)), np.zeros(len(people))
        for name, ratio in self.ratio[cause].items():
            shape = self.shape.get(cause, {}).get(name)
            effect = ratio * (shape.at(people) if shape else 1.0) * people.factor[name]
            if name == "fn_t":
                bone += effect
            else:
                rest += effect
        return bone + self._held(rest)

    def _held(self, total: Values) -> Values:
        room = self.ceiling - self.linear
        above = np.maximum(total - self.linear, 0.0)
        result: Values = np.minimum(total, self.linear) + room * np.tanh(above / room)
        return result


def _log_rate(knots: Values, age: Values) -> Values:
    """Linear between the knots; the first slope goes on below; above, a slope between 0 and STEEPEST."""
    first = (knots[1] - knots[0]) / (KNOTS[1] - KNOTS[0])
    last = np.clip((knots[-1] - knots[-2]) / (KNOTS[-1] - KNOTS[-2]), 0.0, STEEPEST)
    inside = np.interp(age, KNOTS, knots)
    below, above = np.minimum(age - KNOTS[0], 0.0), np.maximum(age - KNOTS[-1], 0.0)
    result: Values = inside + first * below + last * above
    return result


def people_of(schema: Schema, values: Values, rows: Rows) -> People:
    """Risk factors of completed rows; continuous ones as residuals of age and sex in SD, T-score per unit."""
    at, z = schema.column, standardise(schema, values, 1)
    age, male = values[:, at["age"]], values[:, at["sex"]]
    design = np.column_stack([np.ones_like(age), age, male, age * male, age**2])
    factor: dict[str, Values] = {}
    for name, sign in HARMFUL.items():
        column = z[:, at[name]]
        residual = column - design @ np.linalg.lstsq(design, column, rcond=None)[0]
        factor[name] = sign * residual / residual.std()
    factor["fn_t"] = bone_factor(values[:, at["fn_t"]])
    for name in (*CLINICAL, *OTHER_HISTORY):
        factor[name] = values[:, at[name]]
    bmi = values[:, at["weight"]] / (values[:, at["height"]] / 100) ** 2
    return People(age, male, bmi, rows.weight, factor, rows.cycle == PUBLISHED_CYCLE)


def bone_factor(t: Values) -> Values:
    """Units of femoral-neck T below -1, the form in which bone enters the hazards."""
    result: Values = -(np.maximum(t, LOWEST_T) + 1.0)
    return result


def incidence(event: Values, death: Values) -> tuple[Values, Values]:
    """Ten-year cumulative incidence of `event` with `death` competing, and the expected years at risk."""
    total = event + death
    before = np.exp(-(np.cumsum(total, axis=1) - total))
    happened = before * event / total * -np.expm1(-total)
    return happened.sum(axis=1), (before * -np.expm1(-total) / total).sum(axis=1)


def chances(yearly: Mapping[str, Values]) -> dict[str, Values]:
    """Ten-year probability of hip and major osteoporotic fracture (death competing) and of death."""
    return {
        "hip": incidence(yearly["hip"], yearly["death"])[0],
        "mof": incidence(yearly["hip"] + yearly["other"], yearly["death"])[0],
        "death": -np.expm1(-yearly["death"].sum(axis=1)),
    }
