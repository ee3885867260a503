"""Zero-phase Butterworth filters on uniform samples; scipy is imported on first use."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Kind = Literal["lowpass", "highpass", "bandpass"]


@lru_cache(maxsize=64)
def _sections(kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int) -> FloatArray:
    """(k, 6) second-order sections; a transfer function would lose digits at 0.1 Hz of 100 Hz."""
    from scipy.signal import butter

    return cast(FloatArray, butter(order, cutoff_hz, btype=kind, fs=fs_hz, output="sos"))


def _zero_phase(x: FloatArray, sections: FloatArray) -> FloatArray:
    from scipy.signal import sosfiltfilt

    return cast(FloatArray, sosfiltfilt(sections, np.asarray(x, dtype=np.float64), axis=0))


def lowpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is faster than `cutoff_hz`, forwards and backwards along time.

    Notes
    -----
    Two passes double the order and put the -3 dB point of one pass at -6 dB. scipy's default odd padding is
    kept; n must exceed that padding (15 samples at order 4), else scipy raises ValueError.
    """
    return _zero_phase(x, _sections("lowpass", cutoff_hz, fs_hz, order))


def highpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is slower than `cutoff_hz`; contract of `lowpass`."""
    return _zero_phase(x, _sections("highpass", cutoff_hz, fs_hz, order))


def bandpass(x: FloatArray, low_hz: float, high_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) between `low_hz` and `high_hz`; contract of `lowpass`."""
    return _zero_phase(x, _sections("bandpass", (low_hz, high_hz), fs_hz, order))
