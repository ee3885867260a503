"""Zero-phase Butterworth filters on uniform samples (scipy.signal, imported at the first use)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Kind = Literal["lowpass", "highpass", "bandpass"]


@lru_cache(maxsize=64)
def _sections(kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int) -> FloatArray:
    from scipy.signal import butter

    sections: FloatArray = butter(order, cutoff_hz, kind, fs=fs_hz, output="sos")
    return sections


def _filtered(
    x: FloatArray, kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int
) -> FloatArray:
    from scipy.signal import sosfiltfilt

    filtered: FloatArray = sosfiltfilt(_sections(kind, cutoff_hz, fs_hz, order), x, axis=0)
    return filtered


def lowpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is faster than `cutoff_hz`, forwards and backwards along time.

    Notes
    -----
    Two passes double the order and put the -3 dB point of one pass at -6 dB. Ends are padded by scipy's
    default (15 samples at order 4); a shorter record raises ValueError.
    """
    return _filtered(x, "lowpass", float(cutoff_hz), float(fs_hz), order)


def highpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is slower than `cutoff_hz`; contract of `lowpass`."""
    return _filtered(x, "highpass", float(cutoff_hz), float(fs_hz), order)


def bandpass(x: FloatArray, low_hz: float, high_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) between `low_hz` and `high_hz`; contract of `lowpass`."""
    return _filtered(x, "bandpass", (float(low_hz), float(high_hz)), float(fs_hz), order)
