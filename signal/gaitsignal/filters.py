"""Zero-phase Butterworth filters on uniform samples."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from gaitsignal.butterworth import Kind, Section, design, padding_samples, prepare, zero_phase

FloatArray = npt.NDArray[np.float64]


@lru_cache(maxsize=64)
def _ready(
    kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int
) -> tuple[tuple[Section, ...], int]:
    sections = design(kind, cutoff_hz, fs_hz, order)
    return prepare(sections), padding_samples(sections)


def _filtered(
    x: FloatArray, kind: Kind, cutoff_hz: float | tuple[float, float], fs_hz: float, order: int
) -> FloatArray:
    sections, padding = _ready(kind, cutoff_hz, fs_hz, order)
    columns = np.asarray(x, dtype=np.float64)
    if columns.ndim == 1:
        return zero_phase(columns[:, None], sections, padding)[:, 0]
    return zero_phase(columns, sections, padding)


def lowpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is faster than `cutoff_hz`, forwards and backwards along time.

    Notes
    -----
    Two passes double the order and put the -3 dB point of one pass at -6 dB. Ends are padded oddly by three
    times the filter's taps (15 samples at order 4), the default of scipy's `sosfiltfilt`; a shorter record
    raises ValueError.
    """
    return _filtered(x, "lowpass", float(cutoff_hz), float(fs_hz), order)


def highpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is slower than `cutoff_hz`; contract of `lowpass`."""
    return _filtered(x, "highpass", float(cutoff_hz), float(fs_hz), order)


def bandpass(x: FloatArray, low_hz: float, high_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) between `low_hz` and `high_hz`; contract of `lowpass`."""
    return _filtered(x, "bandpass", (float(low_hz), float(high_hz)), float(fs_hz), order)
