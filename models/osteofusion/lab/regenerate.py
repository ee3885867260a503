"""Published figures computed anew on a cohort: incidences of cells, marginal hazard ratios, single people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from osteofusion.lab.hazards import (
    CLINICAL,
    HARMFUL,
    OTHER_HISTORY,
    Hazards,
    People,
    bone_factor,
    chances,
    incidence,
)
from osteofusion.lab.tables import Values

DECADES = np.array([40.0, 50.0, 60.0, 70.0, 80.0, 200.0])
FIRST_AGE_OF_TARGETS = 50.0
AROUND = 5.0  # years on either side: the people who stand for an age of a published table
STAND_INS = 200  # people who stand for one cell of a published table
FRACTURES = ("hip", "mof")

Flags = NDArray[np.bool_]


def cells(hazards: Hazards, people: People) -> Mapping[str, Values]:
    """Ten-year probability (2 sexes, 5 decades) of hip, mof and death, weighted to the population."""
    return cell_means(chances(hazards.yearly(people)), people)


def cell_means(columns: Mapping[str, Values], people: People) -> Mapping[str, Values]:
    """Weighted mean of each column by sex and decade of age, (2, 5)."""
    decade = np.digitize(people.age, DECADES) - 1
    result = {name: np.full((2, len(DECADES) - 1), np.nan) for name in columns}
    for sex in (0, 1):
        for number in range(len(DECADES) - 1):
            cell = (people.male == sex) & (decade == number)
            for name, values in columns.items():
                result[name][sex, number] = np.average(values[cell], weights=people.weight[cell])
    return result


def regenerated(hazards: Hazards, people: People) -> Mapping[str, Mapping[str, float]]:
    """Marginal hazard ratios at 50 and over: six clinical factors together, all others with age and sex alone."""
    old = people.age >= FIRST_AGE_OF_TARGETS
    sixties = (people.age >= 60) & (people.age < 70)
    result: dict[str, dict[str, float]] = {}
    for outcome in FRACTURES:
        found = marginal(hazards, people, outcome, CLINICAL, old, with_bmi=True)
        for name in (*HARMFUL, *OTHER_HISTORY):
            chosen = sixties if (outcome, name) == ("hip", "fn_t") else old
            found |= marginal(hazards, people, outcome, (name,), chosen, with_bmi=False)
        result[outcome] = found
    return result


def marginal(
    hazards: Hazards, people: People, outcome: str, names: Sequence[str], rows: Flags, with_bmi: bool
) -> dict[str, float]:
    """Hazard ratios of `names` among `rows`, adjusted for age and sex (and BMI) and for each other."""
    chosen = people.take(rows)
    yearly = hazards.yearly(chosen)
    event = yearly["hip"] + (yearly["other"] if outcome == "mof" else 0.0)
    return poisson(chosen, names, *incidence(event, yearly["death"]), with_bmi)


def poisson(
    people: People, names: Sequence[str], count: Values, exposure: Values, with_bmi: bool
) -> dict[str, float]:
    """Hazard ratios of `names` by weighted Poisson regression on expected events and years at risk."""
    age, bmi = (people.age - 65) / 10, (people.bmi - 27) / 5
    columns = [people.factor[name] for name in names]
    columns += [np.ones_like(age), age, age**2]
    columns += [people.male] if np.ptp(people.male) > 0 else []
    columns += [bmi, bmi**2] if with_bmi else []
    design, weight = np.column_stack(columns), people.weight / people.weight.mean()
    events, years = weight * count, weight * exposure
    beta = np.zeros(design.shape[1])
    beta[len(names)] = np.log(events.sum() / years.sum())
    for _ in range(12):
        mean = years * np.exp(design @ beta)
        beta += np.linalg.solve((design * mean[:, None]).T @ design, design.T @ (events - mean))
    return dict(zip(names, np.exp(beta[: len(names)]).tolist(), strict=True))


def probes(people: People, male: int, age: float, t_scores: Sequence[float]) -> People:
    """People of that sex near `age` set to it, without clinical risk factor, once for each T-score.

    What goes with bone (turnover, structure, grip) moves with the T-score as it does in the cohort.
    """
    rows = np.flatnonzero((people.male == male) & (np.abs(people.age - age) <= AROUND))
    near = people.take(rows[:: max(1, len(rows) // STAND_INS)])
    bone = people.factor["fn_t"]
    wanted = np.repeat(bone_factor(np.array(t_scores, dtype=float)), len(near))
    moved = wanted - np.tile(near.factor["fn_t"], len(t_scores))
    factor = {name: np.tile(values, len(t_scores)) for name, values in near.factor.items()}
    for name in HARMFUL:
        factor[name] = factor[name] + np.polyfit(bone, people.factor[name], 1)[0] * moved
    for name in CLINICAL:
        factor[name] = np.zeros(len(wanted))
    whole = near.take(np.tile(np.arange(len(near)), len(t_scores)))
    return replace(whole, age=np.full(len(wanted), age), factor=factor)
