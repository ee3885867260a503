"""The game of one person: players, worth of a coalition, Shapley values over groups, Owen values inside them.

Notes
-----
A group of which nothing is known changes no coalition, so it is no player and its bar is exactly 0 (dummy axiom).
Owen 1977 (Values of games with a priori unions): exact over groups; inside a group one order of its values and the
same order backwards. Both walks start from every coalition of the other groups; where that would take more than
OWEN_ROWS rows of the network, coalitions of an even number of groups take the order and the others its reverse, which
weighs both alike when six groups are known and keeps every sum exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.country import HOME
from osteofusion.encode import Z_LIMIT
from osteofusion.heads import logit

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.schema import Schema

SEED = 20240607  # one fixed order of the values, so that the same case gives the same page
OWEN_ROWS = 2200
CHUNK = 640

Table = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Game:
    """One person: z-scores, and the groups of which something is known with their known columns, in a fixed order."""

    predictor: Predictor
    z: Table
    country: str
    names: tuple[str, ...]
    players: tuple[Index, ...]

    @classmethod
    def of(
        cls, predictor: Predictor, values: Mapping[str, float], without: frozenset[str], country: str
    ) -> Game:
        """The game of a person's values."""
        return cls.of_scores(predictor, predictor.z_scores(values, without), country)

    @classmethod
    def of_scores(cls, predictor: Predictor, z: Table, country: str = HOME) -> Game:
        """The game of a row of z-scores."""
        orders = zip(predictor.schema.group_columns, _orders(_columns(predictor.schema)), strict=True)
        known = {name: order[~np.isnan(z[order])] for name, order in orders}
        known = {name: order for name, order in known.items() if len(order)}
        return cls(predictor, z, country, tuple(known), tuple(known.values()))

    def coalitions(self) -> Flags:
        """Which values (2^k, F) each subset of the players shows; bit p of the row number = player p present."""
        shown = np.zeros((2 ** len(self.players), len(self.z)), bool)
        present = _members(len(self.players))
        for player, columns in enumerate(self.players):
            shown[:, columns] = present[:, [player]]
        return shown

    def worth(self, shown: Flags) -> Table:
        """Logit (n, 4) of the ensemble mean with only the flagged values (n, F) known."""
        at, count = self.predictor.layout, len(self.z)
        feature, content = np.empty(at.width, np.int64), np.ones(at.width, np.float32)
        feature[at.value] = feature[at.mask] = np.arange(count)
        content[at.value] = np.clip(np.nan_to_num(self.z), -Z_LIMIT, Z_LIMIT)
        return np.concatenate(
            [
                logit(
                    self.predictor.chances_of_input(part.take(feature, axis=1) * content, self.country).mean(
                        axis=1
                    )
                )
                for part in (shown[start : start + CHUNK] for start in range(0, len(shown), CHUNK))
            ]
        )


@dataclass(frozen=True, slots=True)
class Walk:
    """Values of one player added one by one, in `order`, on top of the coalitions `subsets` of the others."""

    player: int
    subsets: Index
    order: Index
    weight: Table

    def rows(self, coalitions: Flags) -> Flags:
        """The values shown between both ends of the walk, (subsets * (k - 1), F)."""
        steps = len(self.order) - 1
        shown = np.repeat(coalitions[self.subsets][:, None], steps, axis=1)
        shown[:, :, self.order] = np.tri(steps, len(self.order), dtype=bool)
        return shown.reshape(-1, coalitions.shape[1])

    def shares(self, ends: Table, between: Table) -> Table:
        """What each value of `order` added, weighted over the coalitions, (k, 4)."""
        first, last = ends[self.subsets], ends[self.subsets | (1 << self.player)]
        inner = between.reshape(len(self.subsets), len(self.order) - 1, ends.shape[1])
        path = np.concatenate([first[:, None], inner, last[:, None]], axis=1)
        gains: Table = np.einsum("s,sko->ko", self.weight, np.diff(path, axis=1))
        return gains


def owen(game: Game) -> tuple[Table, Table]:
    """Worth (2^k, 4) of the coalitions of groups, and Owen values (F, 4), from one pass through the network."""
    coalitions, walks = game.coalitions(), _walks(game.players)
    blocks = [walk.rows(coalitions) for walk in walks]
    worth = game.worth(np.concatenate([coalitions, *blocks]))
    ends, start = worth[: len(coalitions)], len(coalitions)
    table = np.zeros((len(game.z), worth.shape[1]))
    for walk, block in zip(walks, blocks, strict=True):
        table[walk.order] += walk.shares(ends, worth[start : start + len(block)])
        start += len(block)
    return ends, table


def _walks(players: tuple[Index, ...]) -> list[Walk]:
    """Both directions from every coalition, or shared out between coalitions where that is too many rows."""
    count = len(players)
    shared = 2**count * (1 + sum(len(columns) - 1 for columns in players)) > OWEN_ROWS
    present, walks = _members(count), []
    for player, columns in enumerate(players):
        lacking = np.flatnonzero(~present[:, player])
        size = present[lacking].sum(axis=1)
        weight = _weights(count)[size]
        if len(columns) == 1:
            walks.append(Walk(player, lacking, columns, weight))
        elif shared:
            even = size % 2 == 0
            walks.append(Walk(player, lacking[even], columns, weight[even]))
            walks.append(Walk(player, lacking[~even], columns[::-1], weight[~even]))
        else:
            walks.append(Walk(player, lacking, columns, weight / 2))
            walks.append(Walk(player, lacking, columns[::-1], weight / 2))
    return walks


def shapley(worth: Table) -> Table:
    """Shapley values (players, outcomes) of a game given by the worth of all subsets."""
    return _matrix(len(worth).bit_length() - 1) @ worth


@cache
def _matrix(players: int) -> Table:
    """Shapley values as weights (players, 2^players) of the worth of all subsets."""
    present = _members(players)
    size, weight = present.sum(axis=1), np.append(_weights(players), 0.0)
    signed: Table = np.where(present, weight[size - 1][:, None], -weight[size][:, None]).T
    return signed


@cache
def _members(players: int) -> Flags:
    """Which players (2^players, players) belong to each subset."""
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)


@cache
def _weights(players: int) -> Table:
    """Weight of a coalition of each size in a Shapley value."""
    sizes = range(players)
    return np.array([factorial(s) * factorial(players - s - 1) / factorial(players) for s in sizes])


@cache
def _orders(groups: tuple[tuple[int, ...], ...]) -> tuple[Index, ...]:
    """One fixed random order of the columns of each group."""
    rng = np.random.default_rng(SEED)
    return tuple(rng.permutation(np.array(columns, np.int64)) for columns in groups)


def _columns(schema: Schema) -> tuple[tuple[int, ...], ...]:
    return tuple(schema.group_columns.values())
