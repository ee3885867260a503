"""Local maxima that keep a distance from each other, numpy alone (see filters.py for the reason)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def find_peaks(x: FloatArray, distance: int = 1) -> IntArray:
    """Rows of the local maxima of (n,) `x`, higher ones first served, none nearer than `distance` rows.

    Of a flat top the middle row counts; of equally high peaks the later one is served first.
    """
    return _apart(x, _tops(x), max(1, distance))


def _tops(x: FloatArray) -> IntArray:
    """Middle rows of all runs of equal values that are higher than what is before and after them."""
    if x.size < 3:
        return np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.r_[True, np.diff(x) != 0.0]).astype(np.int64)
    last = np.r_[first[1:] - 1, x.size - 1]
    level = x[first]
    inner = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])) + 1
    tops: IntArray = (first[inner] + last[inner]) // 2
    return tops


def _apart(x: FloatArray, tops: IntArray, distance: int) -> IntArray:
    kept = np.ones(tops.size, dtype=bool)
    rows = tops.tolist()
    for i in np.argsort(x[tops], kind="stable")[::-1].tolist():
        if kept[i]:
            kept[bisect_right(rows, rows[i] - distance) : bisect_left(rows, rows[i] + distance)] = False
            kept[i] = True
    return tops[kept]
