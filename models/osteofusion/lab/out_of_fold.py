"""Every person answered by the one member that was trained without that person's fold.

Two answers to each question, side by side in every table: the integers as an engine of the box runs them, and
the float weights they were made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from osteofusion import heads
from osteofusion.encode import layout, network_input
from osteofusion.engines.base import Engine
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import Index
from osteofusion.lab.members import float_logits
from osteofusion.lab.network import Weights
from osteofusion.lab.tables import Flags, Values
from osteofusion.schema import Schema

ROWS_AT_ONCE = 4096
KINDS = ("int8", "float")

# logits (n, 32) of one member for z-scores (n, F)
Member = Callable[[int, Values], Values]


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities (n, 4) in the order of heads.OUTCOMES: of the integers and of the float weights."""

    int8: Values
    float: Values

    def outcome(self, name: str) -> Answer:
        """The two columns (n,) of one outcome."""
        column = heads.OUTCOMES.index(name)
        return Answer(self.int8[:, column], self.float[:, column])

    def take(self, rows: Flags | Index) -> Answer:
        """Some of the people."""
        return Answer(self.int8[rows], self.float[rows])


@dataclass(frozen=True)
class OutOfFold:
    """Answers for people of `cohort` by members that have not seen them."""

    cohort: Cohort
    integers: Member
    floats: Member

    @property
    def schema(self) -> Schema:
        """The feature list."""
        return self.cohort.schema

    def answer(self, z: Values, fold: Index) -> Answer:
        """Probabilities for z-scores (n, F), NaN where absent, of people in `fold` (n,)."""
        return Answer(self._by_fold(self.integers, z, fold), self._by_fold(self.floats, z, fold))

    def _by_fold(self, member: Member, z: Values, fold: Index) -> Values:
        result = np.zeros((len(z), len(heads.OUTCOMES)))
        for number in np.unique(fold):
            rows = np.flatnonzero(fold == number)
            for part in np.array_split(rows, max(1, len(rows) // ROWS_AT_ONCE)):
                result[part] = heads.probabilities(member(int(number), z[part]))
        return result

    def columns(self, names: Iterable[str]) -> list[int]:
        """Columns of features."""
        return [self.schema.column[name] for name in names]

    def hide_groups(self, z: Values, groups: Iterable[str]) -> Values:
        """A copy of `z` without the values of `groups`."""
        hidden = z.copy()
        hidden[:, [column for group in groups for column in self.schema.group_columns[group]]] = np.nan
        return hidden

    def only(self, z: Values, features: Sequence[str]) -> Values:
        """A copy of `z` with nothing but `features`."""
        kept = np.full_like(z, np.nan)
        kept[:, self.columns(features)] = z[:, self.columns(features)]
        return kept


def open_out_of_fold(cohort: Cohort, engine: Engine, weights: list[Weights]) -> OutOfFold:
    """The int8 members as `engine` runs them, beside their float weights."""
    at = layout(cohort.schema)

    def integers(number: int, z: Values) -> Values:
        logits = engine.run(network_input(z, at)).astype(np.float64)
        own: Values = logits.reshape(len(z), engine.members, heads.WIDTH)[:, number]
        return own

    def floats(number: int, z: Values) -> Values:
        return float_logits(weights[number], z, at)

    return OutOfFold(cohort, integers, floats)
