"""The search for hazards whose regenerated figures meet the published ones, and one draw of them a member.

Notes
-----
Log ratios move by 0.8 ln(target / regenerated) a round. Base rates are fitted by least squares in units of each
anchor's tolerance: the mean US probabilities of each sex and decade give the level, the UK table with bone density
(after one free scale per sex and outcome) the form over age. Death meets its ten-year table exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.lab.hazards import KNOTS, STEEPEST, Hazards, People, Shape, incidence
from osteofusion.lab.regenerate import DECADES, FRACTURES, cells, probes, regenerated
from osteofusion.lab.tables import Values

CAUSE_OF = {"hip": "hip", "mof": "other"}
SEXES = ("women", "men")
ROUNDING = 0.05  # the UK table gives tenths of a per cent
BUMP = 0.01  # step of the numerical derivative, in log rate
ENOUGH, MOST_STEPS = 0.003, 8  # when the search of the base rates ends
RIDGE = 0.3  # weight of the bend of the log rate between knots, against anchors of 50 to 230 people that jump about


@dataclass(frozen=True, slots=True)
class _Form:
    """People who stand for the cells of the UK table of one sex, and its figures (ages, T-scores)."""

    people: People
    count: list[int]
    published: Mapping[str, Values]


def calibrate(people: People, parameters: Mapping[str, Any], rounds: int = 8) -> Hazards:
    """Hazards whose regenerated marginal ratios and ten-year incidences meet the published ones."""
    hazards, forms = start(parameters), _forms(people, parameters)
    targets = {o: _values(parameters["target_hazard_ratio"][o]) for o in FRACTURES}
    for _ in range(rounds):
        hazards = anchored(hazards, people, parameters, forms)
        hazards = replace(hazards, ratio=_closer(hazards, people, targets))
    return anchored(hazards, people, parameters, forms)


def members(
    hazards: Hazards, people: People, parameters: Mapping[str, Any], count: int, rng: np.random.Generator
) -> list[Hazards]:
    """One draw of the log ratios a member, centred over members, anchored again: the model's own uncertainty."""
    drawn = [{cause: dict(table) for cause, table in hazards.ratio.items()} for _ in range(count)]
    for outcome, cause in CAUSE_OF.items():
        for name, item in parameters["target_hazard_ratio"][outcome].items():
            shift = rng.standard_normal(count)
            shift = item["log_se"] * (shift - shift.mean()) / shift.std()
            for table, value in zip(drawn, shift, strict=True):
                table[cause][name] += float(value)
    forms = _forms(people, parameters)
    return [anchored(replace(hazards, ratio=ratio), people, parameters, forms) for ratio in drawn]


def start(parameters: Mapping[str, Any]) -> Hazards:
    """Hazards before the search: flat base rates, the first log ratios, the age shapes."""
    ratio = {
        cause: _values(parameters["start_log_hazard_ratio"][outcome]) for outcome, cause in CAUSE_OF.items()
    }
    ratio["death"] = {"fn_t": float(np.log(parameters["death"]["hazard_ratio_per_t_lower"]["value"]))}
    levels = {"hip": -7.0, "other": -5.5, "death": -4.0}
    shape = {
        CAUSE_OF[outcome]: {name: _shape(item) for name, item in table.items()}
        for outcome, table in parameters["ratio_by_age"].items()
    }
    held = parameters["sum_of_log_ratios"]
    return Hazards(
        {cause: np.full((2, len(KNOTS)), level) for cause, level in levels.items()},
        ratio,
        shape,
        held["linear"]["value"],
        held["ceiling"]["value"],
    )


def anchored(
    hazards: Hazards, people: People, parameters: Mapping[str, Any], forms: list[_Form] | None = None
) -> Hazards:
    """The same ratios with base rates that meet the anchors of death, hip and major fracture."""
    forms = forms or _forms(people, parameters)
    for _ in range(4):
        found = cells(hazards, people)["death"]
        wanted = np.array([parameters["death"]["ten_year"][sex]["value"] for sex in SEXES])
        base = hazards.base["death"].copy()
        base[:, :-1] += np.log(np.log1p(-wanted) / np.log1p(-found))
        base[:, -1] = base[:, -2] + STEEPEST * (KNOTS[-1] - KNOTS[-2])
        hazards = _with_base(hazards, "death", base)
    for outcome in FRACTURES:
        base = np.stack([_fitted(hazards, people, parameters, forms[sex], outcome, sex) for sex in (0, 1)])
        hazards = _with_base(hazards, CAUSE_OF[outcome], base)
    return hazards


def _fitted(
    hazards: Hazards, people: People, parameters: Mapping[str, Any], form: _Form, outcome: str, sex: int
) -> Values:
    """Log rates at the knots of one sex by Gauss and Newton."""
    cause, level = CAUSE_OF[outcome], parameters["ten_year_fracture"]
    wanted, error = (np.array(level[outcome][SEXES[sex]][key]) for key in ("value", "log_error"))
    own = people.take(people.male == sex)
    decade = np.digitize(own.age, DECADES) - 1
    groups = [np.flatnonzero(decade == number) for number in range(len(wanted))]
    fit = _BaseFit(hazards, cause, sex, own, groups, form, outcome)
    knots = hazards.base[cause][sex].copy()
    for _ in range(MOST_STEPS):
        residual = fit.residual(knots, wanted, error)
        slope = np.stack(
            [fit.residual(knots + step, wanted, error) - residual for step in BUMP * np.eye(len(knots))]
        )
        step = np.linalg.lstsq(slope.T / BUMP, -residual, rcond=None)[0]
        knots = knots + np.clip(step, -1.5, 1.5)
        if np.abs(step).max() < ENOUGH:
            break
    result: Values = knots
    return result


class _BaseFit:
    """Everything that does not change while the base rates of one cause and sex are searched."""

    def __init__(
        self,
        hazards: Hazards,
        cause: str,
        sex: int,
        own: People,
        groups: list[NDArray[np.int64]],
        form: _Form,
        outcome: str,
    ) -> None:
        self.hazards, self.cause, self.sex, self.groups, self.form = hazards, cause, sex, groups, form
        self.people = (own, form.people)
        self.weight = _both(own, groups)
        self.ratio = [np.exp(hazards.log_ratio(cause, who))[:, None] for who in self.people]
        self.death = [hazards.yearly_of("death", who) for who in self.people]
        self.rest = [hazards.yearly_of("hip", who) if cause == "other" else 0.0 for who in self.people]
        published = form.published[outcome]
        self.log_form = np.log(published)
        spread = np.maximum(np.log(1.25), np.log1p(ROUNDING / 100 / published))
        self.form_error = spread * np.sqrt(published.shape[1])  # the cells of one age count as one anchor

    def residual(self, knots: Values, wanted: Values, error: Values) -> Values:
        """Distance from the level of each decade, from the form of the UK table and from a straight line."""
        base = self.hazards.base[self.cause].copy()
        base[self.sex] = knots
        hazards = _with_base(self.hazards, self.cause, base)
        chance = [
            incidence(hazards.base_of(self.cause, who) * ratio + rest, death)[0]
            for who, ratio, rest, death in zip(self.people, self.ratio, self.rest, self.death, strict=True)
        ]
        level = np.array([np.average(chance[0][rows], weights=self.weight[rows]) for rows in self.groups])
        form = np.array([part.mean() for part in np.split(chance[1], np.cumsum(self.form.count)[:-1])])
        form = np.log(form.reshape(self.log_form.shape)) - self.log_form
        sure = 1 / self.form_error**2
        form = (form - (form * sure).sum() / sure.sum()) / self.form_error
        bend = RIDGE * np.diff(knots, 2)
        return np.concatenate([np.log(level / wanted) / error, form.ravel(), bend])


def _both(people: People, groups: list[NDArray[np.int64]]) -> Values:
    """Weights whose cell mean is the middle of all people and of those whose probabilities were published."""
    weight = people.weight.copy()
    for rows in groups:
        own = rows[people.published[rows]]
        weight[rows] /= weight[rows].sum()
        if len(own):
            weight[own] += people.weight[own] / people.weight[own].sum()
    return weight


def _forms(people: People, parameters: Mapping[str, Any]) -> list[_Form]:
    table = parameters["uk_with_bone_density"]
    ages, t_scores = table["fitted_ages"], table["t_scores"]
    result = []
    for male, sex in enumerate(SEXES):
        parts = [probes(people, male, age, t_scores) for age in ages]
        count = [len(part) // len(t_scores) for part in parts for _ in t_scores]
        published = {o: np.array([table[o][sex][age] for age in ages]) / 100 for o in FRACTURES}
        result.append(_Form(join(parts), count, published))
    return result


def join(parts: list[People]) -> People:
    """All people of `parts`, one after the other."""

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    factor = {name: np.concatenate([part.factor[name] for part in parts]) for name in parts[0].factor}
    return People(column("age"), column("male"), column("bmi"), column("weight"), factor, column("published"))


def _closer(
    hazards: Hazards, people: People, targets: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float]]:
    ratio = {cause: dict(table) for cause, table in hazards.ratio.items()}
    found = regenerated(hazards, people)
    for outcome, cause in CAUSE_OF.items():
        for name, target in targets[outcome].items():
            ratio[cause][name] += 0.8 * float(np.log(target / found[outcome][name]))
    return ratio


def _shape(item: Mapping[str, Any]) -> Shape:
    """Age shape of a log ratio from published ratios at `ages` (men apart where given): one at 65."""
    ages = np.array(item["ages"], dtype=float)
    women, men = (
        np.log(np.array(item[key])) for key in ("ratio", "ratio_men" if "ratio_men" in item else "ratio")
    )
    at_65 = float(np.interp(65.0, ages, women))
    return Shape(ages, women / at_65, men / at_65)


def _values(table: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(item["value"]) for name, item in table.items()}


def _with_base(hazards: Hazards, cause: str, table: Values) -> Hazards:
    return replace(hazards, base=dict(hazards.base) | {cause: table})
