"""The rises that belong to a chair test, and where its stopwatch starts and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.attitude import Attitude, track_attitude
from gaitsignal.events.movement_edges import ONSET_HZ, onset_row
from gaitsignal.events.rises import RiseSpan, find_rises
from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

LEAN_S = 1.5
"""The trunk leans forward for up to this long before the hips leave the seat."""


@dataclass(frozen=True, slots=True)
class ChairTest:
    """Rows of the first movement, the full rises in time order, how many attempts were too low.

    attitude is None when the gyroscope is silent; leans are then not known
    """

    start: float
    rises: tuple[RiseSpan, ...]
    partial: int
    attitude: Attitude | None


def find_chair_test(acc: FloatArray, gyr: FloatArray, gravity: float, fs_hz: float) -> ChairTest:
    """The chair test in acc (n, 3) m/s2 and bias-free gyr (n, 3) rad/s (all zero: acceleration alone).

    The watch starts at the first forward lean before the first rise, without a gyroscope at the rise itself.
    """
    attitude = track_attitude(acc, gyr, fs_hz) if np.any(gyr) else None
    found = find_rises(acc, gravity, fs_hz, attitude)
    start = float(found.full[0].first) if found.full else 0.0
    if attitude is not None and found.full:
        start = min(start, _first_lean(gyr, found.full[0], fs_hz))
    return ChairTest(start, found.full, found.partial, attitude)


def _first_lean(gyr: FloatArray, rise: RiseSpan, fs_hz: float) -> float:
    rate = np.linalg.norm(lowpass(gyr, ONSET_HZ, fs_hz, order=2), axis=1)
    begin = max(0, rise.first - round(LEAN_S * fs_hz))
    span = rate[begin : rise.fastest + 1]
    under_way = begin + int(np.argmax(span >= 0.5 * span.max()))
    return max(onset_row(gyr, under_way, fs_hz), float(begin))
