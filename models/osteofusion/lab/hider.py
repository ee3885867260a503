"""What of a person is in view during training: values are hidden as use leaves them out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import layout, network_input
from osteofusion.lab import network
from osteofusion.lab.tables import Flags, Values
from osteofusion.schema import Schema

SITES_REPORTED = {  # shares of DXA reports; the neck alone is shown often, for its gradient alone is published
    "fn th ls": 0.38,
    "fn": 0.2,
    "fn th": 0.14,
    "fn ls": 0.1,
    "ls": 0.1,
    "th": 0.04,
    "th ls": 0.04,
}
RARER_PER_SD_OF_AGE, RARER_IN_MEN = 0.25, 1.25  # in the fracture loss: the young and men have few fractures
PRINTOUT = 0.2  # share of the rows with bone density in view that show little else
NO_HISTORY, NOT_ASKED = 0.12, 0.25  # shares of people whose history, hormone therapy or ancestry is hidden
LEVEL_INPUTS = 7  # columns of Hider.in_view


class Hider:
    """Hides values as use does: as surveyed, a kiosk, a clinic, a hospital, or almost nothing."""

    def __init__(self, schema: Schema, rng: np.random.Generator) -> None:
        self.schema, self.rng, self.at = schema, rng, layout(schema)
        self.bone = list(schema.group_columns["bmd"])
        self.groups = [list(columns) for columns in schema.group_columns.values()]
        self.absent = np.array([0.5, 0.65, 0.35, 0.06, 0.65, 0.35])
        self.person = [schema.column["age"], schema.column["sex"]]
        self.smooth = np.array([float(f.kind == "number" and f.group != "bmd") for f in schema.inputs])
        self.size = [schema.column["height"], schema.column["weight"]]
        self.history = [
            schema.column[f.id] for f in schema.inputs if f.group == "clinical" and f.kind == "bool"
        ]
        self.laboratory = schema.column["calcium"]
        self.seldom_asked = [schema.column["hormone_therapy"], schema.column["black_ancestry"]]

    def keep(self, measured: Flags) -> Flags:
        """Which values stay in view (n, F); rows of `measured` say what the survey really measured."""
        rng, count = self.rng, len(measured)
        keep = np.ones(measured.shape, bool)
        hidden = rng.random((count, len(self.groups))) < self.absent
        hidden[rng.random(count) < 0.15] = False
        for number, columns in enumerate(self.groups):
            keep[:, columns] &= ~hidden[:, [number]]
        keep &= rng.random(measured.shape) > rng.choice([0.0, 0.1, 0.3], size=(count, 1))
        keep[:, self.size] |= (rng.random((count, 1)) < 0.5) & ~hidden[:, [3]]
        as_surveyed = rng.random(count) < 0.6
        keep[as_surveyed] = measured[as_surveyed]
        no_bone = as_surveyed & (rng.random(count) < 0.75)
        keep[:, self.bone] &= ~no_bone[:, None]
        keep[:, self.bone] &= self._sites(count)
        keep[:, self.history] &= rng.random((count, 1)) >= NO_HISTORY
        keep[:, self.seldom_asked] &= rng.random((count, len(self.seldom_asked))) >= NOT_ASKED
        self._printouts(keep)
        only_person = rng.random(count) < 0.06
        keep[only_person] = False
        keep[:, self.person] |= ~hidden[:, [3]]
        keep[:, self.person] |= (as_surveyed | only_person)[:, None]
        return keep

    def in_view(self, z: Values, seen: Flags) -> NDArray[np.float32]:
        """One, male, and which kinds of values are in view: what the levels' move and scale hang on."""
        known = seen[:, [self.size[1], self.history[0], self.laboratory, *self.seldom_asked]]
        table = np.column_stack([np.ones(len(z)), z[:, self.person[1]] > 0, known])
        return table.astype(np.float32)

    def _printouts(self, keep: Flags) -> None:
        """Turn some rows with bone density in view into a bare report: person and sites, often size and history."""
        rng = self.rng
        rows = np.flatnonzero((rng.random(len(keep)) < PRINTOUT) & keep[:, self.bone].any(axis=1))
        asked, sized = rng.random((2, len(rows), 1)) < 0.5
        keep[rows] = False
        keep[_cells(rows, self.person)] = True
        keep[_cells(rows, self.size)] = sized
        keep[_cells(rows, self.history)] = asked
        keep[_cells(rows, self.bone)] = self._sites(len(rows))

    def rarity(self, z: Values, seen: Flags) -> NDArray[np.float32]:
        """Weight of the fracture loss, from age and sex in view alone, so that what is learnt stays an expectation."""
        age, male = self.person
        weight = np.exp(-RARER_PER_SD_OF_AGE * z[:, age]) * np.where(z[:, male] > 0, RARER_IN_MEN, 1.0)
        known = seen[:, age] & seen[:, male]
        return np.where(known, weight / weight.mean(), 1.0).astype(np.float32)

    def _sites(self, count: int) -> Flags:
        """Which bone sites a report has: one of SITES_REPORTED a row."""
        share = np.array(list(SITES_REPORTED.values()))
        shown = np.array([[name in sites.split() for name in ("fn", "th", "ls")] for sites in SITES_REPORTED])
        chosen: Flags = shown[self.rng.choice(len(share), count, p=share / share.sum())]
        return chosen

    def inputs(
        self, z: Values, measured: Flags, shown: Flags | None = None
    ) -> tuple[NDArray[np.float32], Flags]:
        """Network input of a batch with values hidden, on the grid of the quantizer; what stayed in view.

        Rows flagged in `shown` keep history and femoral neck.
        """
        keep = self.keep(measured)
        if shown is not None:
            keep[_cells(np.flatnonzero(shown), [*self.person, *self.history, self.bone[0]])] = True
        return network.on_grid(network_input(np.where(keep, z, np.nan), self.at)), keep


def _cells(rows: NDArray[np.int64], columns: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index of all cells of `rows` and `columns`."""
    return rows[:, None], np.array(columns)[None, :]
