"""Local maxima that keep a distance from each other (scipy.signal, imported at the first use)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def find_peaks(x: FloatArray, distance: int = 1) -> IntArray:
    """Rows of the local maxima of (n,) `x`, higher ones first served, none nearer than `distance` rows."""
    from scipy import signal

    return np.asarray(signal.find_peaks(x, distance=max(1, distance))[0], dtype=np.int64)
