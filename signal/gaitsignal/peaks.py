"""Local maxima that keep a distance from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def find_peaks(x: FloatArray, distance: int = 1) -> IntArray:
    """Rows of the local maxima of (n,) `x`, higher ones first served, none nearer than `distance` rows.

    A flat top counts once, at its middle (rounded down); the ends of `x` are no peaks.
    """
    top = _local_maxima(x)
    kept = np.ones(top.size, dtype=bool)
    for i in np.argsort(x[top], kind="stable")[::-1]:
        if kept[i]:
            near = np.abs(top - top[i]) < distance
            near[i] = False
            kept &= ~near
    return top[kept]


def _local_maxima(x: FloatArray) -> IntArray:
    change = np.flatnonzero(np.diff(x))
    if change.size < 2:
        return np.zeros(0, dtype=np.int64)
    rising = np.diff(x)[change] > 0
    turns = np.flatnonzero(rising[:-1] & ~rising[1:])
    return (change[turns] + 1 + change[turns + 1]) // 2
