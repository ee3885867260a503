"""Straight legs: runs of contacts between turns and gaps, the part of a walk that gait measures describe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.events.contacts import Train
from gaitsignal.events.turns import TurnSpan
from gaitsignal.recording import FloatArray

MISSED = 1.75
"""A step longer than this share of the median step holds a missed contact and is no step time."""
EDGE = 1.4
"""The same for the first and the last step of a leg."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Contacts of one straight leg: fractional `rows` (k,), and the `sides` of the feet where known."""

    rows: FloatArray
    sides: tuple[str | None, ...]

    def slice(self) -> slice:
        """Whole rows from the first to the last contact."""
        return whole_rows(self.rows)


def straight_runs(trains: list[Train], turns: list[TurnSpan]) -> list[FloatArray]:
    """Contacts of every train split where a turn lies, those inside turns left out; runs of two or more."""
    runs = []
    for train in trains:
        number = np.zeros(train.rows.size, dtype=int)
        inside = np.zeros(train.rows.size, dtype=bool)
        for turn in turns:
            number += train.rows >= 0.5 * (turn.first + turn.stop)
            inside |= (train.rows > turn.first) & (train.rows < turn.stop)
        runs += [train.rows[(number == k) & ~inside] for k in np.unique(number)]
    return [run for run in runs if run.size >= 2]


def true_steps(runs: list[FloatArray]) -> list[npt.NDArray[np.bool_]]:
    """For every run, (k - 1,) which intervals are steps of the walk.

    Not those that hold a missed contact, and not a long first or last one: that is setting off or stopping.
    """
    every = np.concatenate([np.diff(run) for run in runs]) if runs else np.zeros(0)
    if every.size == 0:
        return [np.zeros(max(0, run.size - 1), dtype=bool) for run in runs]
    usual = float(np.median(every))
    found = []
    for run in runs:
        limit = np.full(run.size - 1, MISSED * usual)
        limit[[0, -1]] = EDGE * usual
        found.append(np.diff(run) < limit)
    return found


def walked_runs(
    runs: list[FloatArray], lifted: list[npt.NDArray[np.bool_]] | None = None
) -> list[FloatArray]:
    """Every run from its first to its last true step: setting off and stopping left out.

    `lifted`, for every run (k - 1,), says which intervals lift the trunk: others at the ends are left out too.
    """
    good = true_steps(runs)
    if lifted is not None:
        good = [steps & up for steps, up in zip(good, lifted, strict=True)]
    inside = [np.flatnonzero(steps) for steps in good]
    return [run[at[0] : at[-1] + 2] for run, at in zip(runs, inside, strict=True) if at.size]


def whole_rows(run: FloatArray) -> slice:
    """Whole rows from the first to the last contact of a run."""
    return slice(max(0, int(run[0])), int(run[-1]) + 1)
