"""Lost samples: short gaps are bridged, long ones stay open and are kept away from the results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.recording import BoolArray, FloatArray, Recording

MAX_FILL = 5
"""Lost samples that may be bridged: 0.05 s at 100 Hz, short against a step (97 % of real losses are <= 4)."""


@dataclass(frozen=True, slots=True)
class BridgedSamples:
    """Samples without NaN: acc and gyr (n, 3), and what must not be believed.

    open_rows      (n,) True inside gaps longer than `MAX_FILL`; a straight line stands there so that filters
                   can run, and nothing there or near it may become a result
    filled_count   samples bridged in short gaps
    """

    acc: FloatArray
    gyr: FloatArray
    open_rows: BoolArray
    filled_count: int

    def gaps(self) -> list[tuple[int, int]]:
        """[first, stop) rows of every open gap."""
        return true_runs(self.open_rows)


def bridge(recording: Recording) -> BridgedSamples:
    """Straight lines over every gap, with the long ones marked open; ends that were never measured are open."""
    if recording.measured.all():
        return BridgedSamples(recording.acc, recording.gyr, np.zeros(recording.n, dtype=bool), 0)
    open_rows, filled = np.zeros(recording.n, dtype=bool), 0
    for first, stop in true_runs(~recording.measured):
        if stop - first > MAX_FILL or first == 0 or stop == recording.n:
            open_rows[first:stop] = True
        else:
            filled += stop - first
    return BridgedSamples(
        _lines(recording.acc, recording), _lines(recording.gyr, recording), open_rows, filled
    )


def _lines(block: FloatArray, recording: Recording) -> FloatArray:
    rows, seen = np.arange(recording.n), np.flatnonzero(recording.measured)
    return np.column_stack([np.interp(rows, seen, column[seen]) for column in block.T])


def true_runs(mask: BoolArray) -> list[tuple[int, int]]:
    """[first, stop) of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]
