"""What moved the estimate: exact Shapley values of the six groups, and Owen values of single values inside
them.

The game: a player absent is a value not known (mask 0); the worth of a coalition is the logit of the
calibrated ensemble mean. A bar says what a value added to what was known, never that it is a cause. Value
bars of a group add up to its group bar, and all of them to f(x) - f(nothing known), to 1e-9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.heads import OUTCOMES, logit

if TYPE_CHECKING:
    from osteofusion.predict import Predictor

SEED = 20240607  # one fixed order of the values, so that the same case gives the same page

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Contributions to one outcome, in logits: total = baseline + groups = baseline + features."""

    baseline_logit: float
    total_logit: float
    groups: Mapping[str, float]
    features: Mapping[str, float]


Contributions = Mapping[str, Reasons]


def contributions(
    predictor: Predictor, values: Mapping[str, float], *, without: frozenset[str] = frozenset()
) -> Contributions:
    """Group and value contributions of every outcome; features that are absent have no bar."""
    z = predictor.z_scores(values, without)
    worth = _coalitions(predictor, z)
    groups, features = _shapley(worth), _owen(predictor, z)
    names = list(predictor.schema.group_columns)
    known = np.flatnonzero(~np.isnan(z))
    return {
        outcome: Reasons(
            baseline_logit=float(worth[0, n]),
            total_logit=float(worth[-1, n]),
            groups=dict(zip(names, groups[:, n].tolist(), strict=True)),
            features={predictor.schema.inputs[column].id: float(features[column, n]) for column in known},
        )
        for n, outcome in enumerate(OUTCOMES)
    }


def group_shapley(
    predictor: Predictor, values: Mapping[str, float], *, without: frozenset[str] = frozenset()
) -> Mapping[str, Mapping[str, float]]:
    """Exact Shapley value of each group for each outcome, on the logit of the ensemble mean (64 rows)."""
    shares = _shapley(_coalitions(predictor, predictor.z_scores(values, without)))
    names = list(predictor.schema.group_columns)
    return {
        outcome: dict(zip(names, shares[:, n].tolist(), strict=True)) for n, outcome in enumerate(OUTCOMES)
    }


def owen_values(
    predictor: Predictor, values: Mapping[str, float], *, without: frozenset[str] = frozenset()
) -> Mapping[str, Mapping[str, float]]:
    """Owen value of each known feature by outcome: exact over groups, one antithetic pair of orders inside."""
    z = predictor.z_scores(values, without)
    table = _owen(predictor, z)
    known = np.flatnonzero(~np.isnan(z))
    ids = [predictor.schema.inputs[column].id for column in known]
    return {
        outcome: dict(zip(ids, table[known, n].tolist(), strict=True)) for n, outcome in enumerate(OUTCOMES)
    }


def _worth(predictor: Predictor, z: Table) -> Table:
    """Logit (n, 4) of the ensemble mean for z-scores (n, F)."""
    return logit(predictor.member_probabilities(z).mean(axis=1))


def _coalitions(predictor: Predictor, z: Table) -> Table:
    """Worth (64, 4) of every subset of groups; bit g of the row number = group g known."""
    groups = list(predictor.schema.group_columns.values())
    rows = np.tile(z, (2 ** len(groups), 1))
    for number, columns in enumerate(groups):
        absent = (np.arange(len(rows)) >> number) & 1 == 0
        rows[np.ix_(absent, list(columns))] = np.nan
    return _worth(predictor, rows)


def _shapley(worth: Table) -> Table:
    """Shapley values (players, outcomes) of a game given by the worth of all subsets."""
    players = int(np.log2(len(worth)))
    subset = np.arange(len(worth))
    shares = np.zeros((players, worth.shape[1]))
    for player in range(players):
        lacking = subset[(subset >> player) & 1 == 0]
        weight = _weights(players)[[int(s).bit_count() for s in lacking]]
        shares[player] = weight @ (worth[lacking | (1 << player)] - worth[lacking])
    return shares


def _weights(players: int) -> Table:
    """Weight of a coalition of each size in a Shapley value."""
    sizes = range(players)
    return np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in sizes])


def _owen(predictor: Predictor, z: Table) -> Table:
    """Owen values (F, 4): for every coalition of the other groups, walk through a group's values both ways."""
    groups = list(predictor.schema.group_columns.values())
    orders = np.random.default_rng(SEED)
    rows: list[Table] = []
    steps: list[tuple[int, float, NDArray[np.int64]]] = []
    for number, columns in enumerate(groups):
        known = orders.permutation(np.array(columns))
        known = known[~np.isnan(z[known])]
        for subset in (s for s in range(2 ** len(groups)) if not s >> number & 1 and len(known)):
            weight = float(_weights(len(groups))[subset.bit_count()]) / 2
            for order in (known, known[::-1]):
                steps.append((sum(len(part) for part in rows), weight, order))
                rows.append(_walk(z, groups, subset, order))
    result = np.zeros((len(z), len(OUTCOMES)))
    if not rows:
        return result
    worth = _worth(predictor, np.concatenate(rows))
    for start, weight, order in steps:
        result[order] += weight * np.diff(worth[start : start + len(order) + 1], axis=0)
    return result


def _walk(z: Table, groups: list[tuple[int, ...]], subset: int, order: NDArray[np.int64]) -> Table:
    """Rows (k + 1, F): the groups of `subset` known, then the values of `order` added one by one."""
    start = np.full(len(z), np.nan)
    for number, columns in enumerate(groups):
        if subset >> number & 1:
            start[list(columns)] = z[list(columns)]
    rows = np.tile(start, (len(order) + 1, 1))
    for step, column in enumerate(order):
        rows[step + 1 :, column] = z[column]
    return rows
