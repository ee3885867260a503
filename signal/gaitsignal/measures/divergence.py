"""Local divergence of walking: how fast neighbouring strides drift apart."""

from __future__ import annotations

import numpy as np

from gaitsignal.events.legs import Leg, true_steps
from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

STRIDES = 50
"""The same number for everybody: the exponent depends on it (Bruijn 2013, J R Soc Interface 10:20120999)."""
PER_STRIDE, DIMENSION, DELAY = 50, 5, 5
"""Samples a stride, and the state space: five copies a tenth of a stride apart (same source)."""
FIT_STRIDES = 0.5
"""The short-term slope is that over the first step."""
FRONT_END_HZ = 14.0
BLOCK = 250


def local_divergence(vertical: FloatArray, legs: tuple[Leg, ...], fs_hz: float) -> float | None:
    """Short-term exponent of V acceleration per stride, over fifty strides without a turn; None when there are not.

    Notes
    -----
    Rosenstein 1993, Physica D 65:117: mean log distance of nearest neighbours (a stride or more apart in time) over
    the first half stride. Time is scaled to 50 samples a stride.
    """
    rows = _fifty_strides(legs)
    if rows is None:
        return None
    smooth = lowpass(vertical, FRONT_END_HZ, fs_hz)
    at = np.linspace(rows[0], rows[-1], STRIDES * PER_STRIDE)
    x = np.interp(at, np.arange(smooth.size), smooth)
    count = x.size - (DIMENSION - 1) * DELAY
    states = np.column_stack([x[k * DELAY : k * DELAY + count] for k in range(DIMENSION)])
    ahead = round(FIT_STRIDES * PER_STRIDE)
    usable = count - ahead
    near = _neighbours(states[:usable])
    steps = np.arange(ahead + 1)
    apart = [np.linalg.norm(states[np.arange(usable) + k] - states[near + k], axis=1) for k in steps]
    logs = [float(np.log(distance[distance > 0.0]).mean()) for distance in apart]
    return float(np.polyfit(steps / PER_STRIDE, logs, 1)[0])


def _fifty_strides(legs: tuple[Leg, ...]) -> FloatArray | None:
    """Contacts of fifty strides in the middle of the longest leg without a missed contact."""
    need = 2 * STRIDES + 1
    best: FloatArray | None = None
    for leg, good in zip(legs, true_steps([leg.rows for leg in legs]), strict=True):
        pieces = np.split(leg.rows, np.flatnonzero(~good) + 1)
        longest = max(pieces, key=lambda piece: piece.size)
        if longest.size >= need and (best is None or longest.size > best.size):
            best = longest
    if best is None:
        return None
    first = (best.size - need) // 2
    return best[first : first + need]


def _neighbours(states: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """(n,) row of the nearest state at least a stride away in time."""
    n = states.shape[0]
    squares = np.sum(states**2, axis=1)
    near = np.empty(n, dtype=np.intp)
    for first in range(0, n, BLOCK):
        rows = np.arange(first, min(first + BLOCK, n))
        distance = squares[rows, None] + squares - 2.0 * states[rows] @ states.T
        distance[np.abs(rows[:, None] - np.arange(n)) < PER_STRIDE] = np.inf
        near[rows] = np.argmin(distance, axis=1)
    return near
