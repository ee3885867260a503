"""What moved the estimate: exact Shapley values of the six groups, Owen values of single values inside them, and the
risk as group after group became known.

The game: a player absent is a value not known (mask 0); the worth of a coalition is the logit of the
calibrated ensemble mean. A bar says what a value added to what was known, never that it is a cause. Value
bars of a group add up to its group bar, and all of them to f(x) - f(nothing known), to 1e-9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.country import HOME
from osteofusion.game import Game, owen, shapley
from osteofusion.heads import OUTCOMES

if TYPE_CHECKING:
    from osteofusion.predict import Predictor

TRACE = ("clinical", "sensor", "turnover", "snp", "microarchitecture", "bmd")  # cheap and early first

Table = NDArray[np.float64]
Bars = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Step:
    """The probability once everything up to and including `group` was known."""

    group: str
    probability: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """Contributions to one outcome, in logits: total = baseline + groups = baseline + features.

    `trace` is the probability as the known groups come in one by one; its last step is the prediction.
    """

    baseline_logit: float
    total_logit: float
    groups: Mapping[str, float]
    features: Mapping[str, float]
    trace: tuple[Step, ...] = ()


Contributions = Mapping[str, Reasons]


def contributions(
    predictor: Predictor,
    values: Mapping[str, float],
    *,
    without: frozenset[str] = frozenset(),
    country: str = HOME,
) -> Contributions:
    """Group and value contributions of every outcome; features that are absent have no bar."""
    game = Game.of(predictor, values, without, country)
    ends, features = owen(game)
    groups, trace = shapley(ends), _trace(game)
    return {
        outcome: Reasons(
            baseline_logit=float(ends[0, n]),
            total_logit=float(ends[-1, n]),
            groups=_group_bars(game, groups[:, n]),
            features=_feature_bars(game, features[:, n]),
            trace=tuple(Step(name, _probability(ends[row, n])) for name, row in trace),
        )
        for n, outcome in enumerate(OUTCOMES)
    }


def group_shapley(
    predictor: Predictor,
    values: Mapping[str, float],
    *,
    without: frozenset[str] = frozenset(),
    country: str = HOME,
) -> Bars:
    """Exact Shapley value of each group for each outcome, on the logit of the ensemble mean (64 rows)."""
    game = Game.of(predictor, values, without, country)
    shares = shapley(game.worth(game.coalitions()))
    return {outcome: _group_bars(game, shares[:, n]) for n, outcome in enumerate(OUTCOMES)}


def owen_values(
    predictor: Predictor,
    values: Mapping[str, float],
    *,
    without: frozenset[str] = frozenset(),
    country: str = HOME,
) -> Bars:
    """Owen value of each known feature by outcome: exact over groups, one antithetic pair of orders inside."""
    game = Game.of(predictor, values, without, country)
    table = owen(game)[1]
    return {outcome: _feature_bars(game, table[:, n]) for n, outcome in enumerate(OUTCOMES)}


def owen_of_scores(predictor: Predictor, z: Table, country: str = HOME) -> Table:
    """Owen values (F, 4) of a row of z-scores, 0 where absent; asks only schema, layout and chances_of_input."""
    return owen(Game.of_scores(predictor, z, country))[1]


def _trace(game: Game) -> list[tuple[str, int]]:
    """Known groups in the order of TRACE (others after them) and the coalition row once each is in."""
    order = sorted(game.names, key=lambda name: TRACE.index(name) if name in TRACE else len(TRACE))
    row, steps = 0, []
    for name in order:
        row |= 1 << game.names.index(name)
        steps.append((name, row))
    return steps


def _group_bars(game: Game, shares: Table) -> dict[str, float]:
    bars = dict.fromkeys(game.predictor.schema.group_columns, 0.0)
    return bars | dict(zip(game.names, shares.tolist(), strict=True))


def _feature_bars(game: Game, shares: Table) -> dict[str, float]:
    known = np.flatnonzero(~np.isnan(game.z))
    inputs = game.predictor.schema.inputs
    return {inputs[column].id: float(shares[column]) for column in known}


def _probability(worth: float) -> float:
    return float(1 / (1 + np.exp(-worth)))
