"""Ten-year outcomes with death competing: drawn event times, and figures that weigh what was censored.

Notes
-----
A person who died without the event is a *known non-case*: they can no longer have it. Weights are inverse
probabilities of not being censored (Graf 1999 Stat Med 18:2529; with a competing event Schoop 2011 Biom J
53:88; dynamic AUC Blanche 2013 Stat Med 32:5381), G by Kaplan-Meier of the censoring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from osteofusion.lab.metrics import auc
from osteofusion.lab.tables import Flags, Values

HORIZON = 10.0  # years
CENSORED, EVENT, DEATH = 0, 1, 2
FOLLOW_UP = (5.0, 15.0)  # years of follow-up when people enter over ten years; a judgement


@dataclass(frozen=True, slots=True)
class Followed:
    """Time (n,) in years to what came first, and what it was: CENSORED, EVENT or DEATH."""

    time: Values
    status: Values

    def take(self, rows: Flags) -> Followed:
        """Some of the people."""
        return Followed(self.time[rows], self.status[rows])


def draw(hazards: Mapping[str, Values], rng: np.random.Generator) -> dict[str, Followed]:
    """One simulated follow-up per person for the hip and the MOF outcome from yearly hazards (n, 10) by cause.

    Both outcomes share it: the hip fracture that ends the one ends the other. Nobody is followed
    beyond ten years of hazards; who is free of events by then counts as seen through.
    """
    latent = {cause: _time(hazards[cause], rng) for cause in ("hip", "other", "death")}
    end = rng.uniform(*FOLLOW_UP, len(latent["hip"]))
    either = np.minimum(latent["hip"], latent["other"])
    return {
        "mof_10y": _first(either, latent["death"], end),
        "hip_10y": _first(latent["hip"], latent["death"], end),
    }


def _time(yearly: Values, rng: np.random.Generator) -> Values:
    """Time of an event whose hazard is constant within each year; infinity when it does not come in ten."""
    total = np.cumsum(yearly, axis=1)
    wanted = rng.exponential(size=len(yearly))[:, None]
    year = (total < wanted).sum(axis=1)
    inside = np.minimum(year, yearly.shape[1] - 1)
    row = np.arange(len(yearly))
    before = total[row, inside] - yearly[row, inside]
    time: Values = np.where(
        year < yearly.shape[1], inside + (wanted[:, 0] - before) / yearly[row, inside], np.inf
    )
    return time


def _first(event: Values, death: Values, end: Values) -> Followed:
    time = np.minimum(np.minimum(event, death), end)
    status = np.where(time == end, CENSORED, np.where(event < death, EVENT, DEATH))
    return Followed(time, status)


def uncensored(seen: Followed, at: Values, before: bool) -> Values:
    """G: probability of not being censored up to `at` (just before it when `before`), Kaplan-Meier."""
    times, lost = np.unique(seen.time[seen.status == CENSORED], return_counts=True)
    at_risk = len(seen.time) - np.searchsorted(np.sort(seen.time), times, side="left")
    survival = np.r_[1.0, np.cumprod(1 - lost / at_risk)]
    result: Values = survival[np.searchsorted(times, at, side="left" if before else "right")]
    return result


def weights(seen: Followed) -> tuple[Values, Values]:
    """Outcome by ten years (1 event, 0 none) and weight of each person; 0 for those lost before."""
    known = (seen.time <= HORIZON) & (seen.status != CENSORED)
    through = seen.time > HORIZON
    outcome = (known & (seen.status == EVENT)).astype(float)
    g_own = uncensored(seen, seen.time, before=True)
    g_end = uncensored(seen, np.array([HORIZON]), before=False)[0]
    weight = np.zeros(len(seen.time))
    weight[known] = 1 / g_own[known]
    weight[through] = 1 / g_end
    return outcome, weight


def ipcw_brier(p: Values, seen: Followed) -> float:
    """Brier score of a ten-year probability."""
    outcome, weight = weights(seen)
    return float((weight * (p - outcome) ** 2).mean())


def ipcw_auc(p: Values, seen: Followed) -> float:
    """Cumulative/dynamic AUC at ten years: people with the event against those without, the dead among them."""
    outcome, weight = weights(seen)
    known = weight > 0
    return auc(p[known], outcome[known], weight[known])


def incidence_seen(seen: Followed) -> float:
    """Ten-year cumulative incidence of the event, death competing (weighted; equals Aalen-Johansen here)."""
    outcome, weight = weights(seen)
    return float((weight * outcome).mean())
