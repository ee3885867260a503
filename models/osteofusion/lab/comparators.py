"""Published scores that the model is measured against: open formulas, each with its source.

Notes
-----
Every score here is turned so that *more means more likely osteoporosis* in `risk`, while `refer` follows the
published cut-off. NaN in, NaN out: a score is not guessed. Oestrogen is not part of the feature list; where
the survey's answer is at hand it is used, else the term is left out and the score is called reduced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.lab.tables import Flags, Values

POUND = 0.45359237  # kg
WHO_CUT = -2.5


@dataclass(frozen=True, slots=True)
class Tool:
    """A published score over people: `risk` (higher = worse), `refer` = at or beyond its published cut-off."""

    name: str
    citation: str
    cut_off: str
    risk: Values
    refer: Flags


def ost(age: Values, weight: Values) -> Values:
    """OST = OSTA: 0.2 (kg - years), truncated toward zero (Koh 2001 Osteoporos Int 12:699)."""
    return np.trunc(np.round(0.2 * (weight - age), 9))


def orai(age: Values, weight: Values, oestrogen_now: Values | None = None) -> Values:
    """ORAI (Cadarette 2000 CMAJ 162:1289): age, weight, no current oestrogen (2, left out when unknown)."""
    points = np.select([age >= 75, age >= 65, age >= 55], [15.0, 9.0, 5.0], 0.0)
    points = points + np.select([weight < 60, weight < 70], [9.0, 3.0], 0.0)
    points = points if oestrogen_now is None else points + 2.0 * (1 - oestrogen_now)
    return np.where(np.isnan(age + weight), np.nan, points)


def score(
    age: Values,
    weight: Values,
    black: Values | float,
    rheumatoid: Values,
    late_fractures: Values,
    oestrogen_ever: Values | float,
) -> Values:
    """SCORE (Lydick 1998 Am J Manag Care 4:37); `late_fractures` = hip, wrist, rib after 45, 0 to 3."""
    points = 5.0 * (1 - np.asarray(black)) + 4.0 * rheumatoid + 4.0 * np.minimum(late_fractures, 3)
    decades, pounds = np.floor(age / 10), np.floor(np.round(weight / POUND, 6) / 10)
    result: Values = points + 3.0 * decades + 1.0 * (1 - np.asarray(oestrogen_ever)) - pounds
    return result


def mores(age: Values, weight: Values, copd: Values) -> Values:
    """MORES of men from 60 (Shepherd 2007 Ann Fam Med 5:540; point values unverified)."""
    points = np.select([age >= 75, age > 55], [4.0, 3.0], 0.0)
    points = points + 3.0 * copd + np.select([weight <= 70, weight <= 80], [6.0, 4.0], 0.0)
    return np.where(np.isnan(age + weight), np.nan, points)


def who_rule(t_scores: Values) -> Values:
    """1 where any known T-score (n, sites) is -2.5 or lower, 0 where all known are higher, NaN without one
    (WHO Technical Report Series 843, 1994)."""
    known = ~np.isnan(t_scores)
    low = np.where(known, t_scores, np.inf).min(axis=1) <= WHO_CUT
    return np.where(known.any(axis=1), low.astype(float), np.nan)


def tools_for(people: Mapping[str, Values], male: bool) -> list[Tool]:
    """The scores that were published for this sex, from columns `age`, `weight`, `copd`,
    `rheumatoid_arthritis`, and where the survey has them `black`, `hormone_ever`, `late_fractures`."""
    age, weight = people["age"], people["weight"]
    osteo, steps = ost(age, weight), 0.2 * (age - weight)  # ranked before truncation: no ties to lose by
    if male:
        points = mores(age, weight, people["copd"])
        return [
            Tool("OST", "Koh 2001", "< 4", steps, osteo < 4),
            Tool("MORES", "Shepherd 2007", ">= 6", points, points >= 6),
        ]
    points = orai(age, weight)
    found = [
        Tool("OST", "Koh 2001", "< 2", steps, osteo < 2),
        Tool("OSTA", "Koh 2001", "<= -1", steps, osteo <= -1),
        Tool("ORAI (no oestrogen term)", "Cadarette 2000", ">= 9", points, points >= 9),
    ]
    return [*found, _score_tool(people)]


def _score_tool(people: Mapping[str, Values]) -> Tool:
    nothing = np.zeros_like(people["age"])
    complete = {"black", "hormone_ever", "late_fractures"} <= set(people)
    points = score(
        people["age"],
        people["weight"],
        people.get("black", nothing),
        np.nan_to_num(people["rheumatoid_arthritis"]),
        np.nan_to_num(people.get("late_fractures", nothing)),
        np.nan_to_num(people.get("hormone_ever", nothing)),
    )
    return Tool("SCORE" if complete else "SCORE (reduced)", "Lydick 1998", ">= 6", points, points >= 6)


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A regression on published ten-year US fracture probabilities: for comparison alone, never shown to a user.

    It is no implementation of any calculator and must not bear the name of one; it is read at run time from a
    file that is not part of this project.
    """

    equations: Mapping[str, Mapping[str, Any]]
    vectors: tuple[Mapping[str, float], ...]

    @classmethod
    def read(cls, path: Path) -> Surrogate:
        """The surrogate in `path` (a JSON file with `hip`, `mof` and test `vectors`)."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls({name: content[name] for name in ("hip", "mof")}, tuple(content["vectors"]))

    def probability(self, outcome: str, people: Mapping[str, Values]) -> Values:
        """Ten-year probability (n,); `people` has age in years, t_fn, and 0/1 factors by their short names."""
        equation = self.equations[outcome]
        terms = _terms(people)
        missing = np.zeros_like(np.asarray(people["age"], float))
        eta = equation["intercept"] + sum(
            coefficient * terms.get(name, missing) for name, coefficient in equation["coef"].items()
        )
        result: Values = -np.expm1(-np.exp(eta))
        return result


FACTORS = ("male", "prior", "parent_hip", "smoke", "gc", "ra", "alc3", "nh_black", "nh_asian", "hisp")


def _terms(people: Mapping[str, Values]) -> dict[str, Values]:
    """The surrogate's terms: powers, and products with age (a) and the T-score (t)."""
    decade, t = (np.asarray(people["age"], float) - 65) / 10, np.asarray(people["t_fn"], float)
    zero = np.zeros_like(decade)
    body = (np.asarray(people["bmi"], float) - 25) / 5 if "bmi" in people else zero
    terms = {name: np.asarray(people.get(name, zero), float) for name in FACTORS}
    terms |= {"age": decade, "age2": decade**2, "age3": decade**3, "t": t, "t2": t**2, "bmi": body}
    terms |= {"age_t": decade * t, "age2_t": decade**2 * t, "bmi_t": body * t}
    short = {name: terms[name] for name in ("male", "prior", "smoke", "gc")}
    short |= {"black": terms["nh_black"], "parent": terms["parent_hip"]}
    for name, factor in short.items():
        terms |= {f"{name}_age": factor * decade, f"{name}_age2": factor * decade**2, f"{name}_t": factor * t}
    return terms
