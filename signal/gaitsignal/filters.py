"""Zero-phase Butterworth filters on uniform samples, by Fourier transform: numpy alone.

They equal `scipy.signal.butter` and `sosfiltfilt` to rounding (tests/gaitsignal/test_filters.py). Importing
scipy.signal costs six times the analysis of a walk of four minutes and 75 MB, on a small computer seconds.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
Kind = Literal["lowpass", "highpass", "bandpass"]
Cutoffs = tuple[float, ...]

FORGOTTEN = 1e-18
"""Share of an impulse that may be left when the transform wraps round."""


def lowpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is faster than `cutoff_hz`, forwards and backwards along time.

    Notes
    -----
    Two passes double the order and put the -3 dB point of one pass at -6 dB. Ends are padded by odd reflection,
    three samples for each pole and three more (15 at order 4, as scipy does); a shorter record raises ValueError.
    """
    return _filtered(x, "lowpass", (float(cutoff_hz),), float(fs_hz), order)


def highpass(x: FloatArray, cutoff_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) without what is slower than `cutoff_hz`; contract of `lowpass`."""
    return _filtered(x, "highpass", (float(cutoff_hz),), float(fs_hz), order)


def bandpass(x: FloatArray, low_hz: float, high_hz: float, fs_hz: float, order: int = 4) -> FloatArray:
    """`x` (n,) or (n, k) between `low_hz` and `high_hz`; contract of `lowpass`, with twice the poles."""
    return _filtered(x, "bandpass", (float(low_hz), float(high_hz)), float(fs_hz), order)


def _filtered(x: FloatArray, kind: Kind, cutoffs_hz: Cutoffs, fs_hz: float, order: int) -> FloatArray:
    edges = tuple(2.0 * cutoff / fs_hz for cutoff in cutoffs_hz)
    if not all(a < b for a, b in pairwise((0.0, *edges, 1.0))):
        raise ValueError(f"cut-offs {cutoffs_hz} Hz must rise between 0 and half of {fs_hz} Hz")
    rows = np.ascontiguousarray(np.asarray(x, dtype=np.float64).T)
    pad = 3 * (order * len(edges) + 1)
    if rows.shape[-1] <= pad:
        raise ValueError(f"{rows.shape[-1]} samples are too few for this filter: it needs more than {pad}")
    size = good_size(rows.shape[-1] + 2 * pad + _memory(kind, edges, order))
    gain = _response(kind, edges, order, size)
    there = _one_way(_extended(rows, pad), gain)
    back = _one_way(there[..., ::-1], gain)[..., ::-1]
    return np.ascontiguousarray(back[..., pad:-pad].T)


def _extended(rows: FloatArray, pad: int) -> FloatArray:
    """Both ends continued by the record turned by half a turn about its first and last sample."""
    first, last = rows[..., :1], rows[..., -1:]
    before = 2.0 * first - rows[..., pad:0:-1]
    after = 2.0 * last - rows[..., -2 : -pad - 2 : -1]
    return np.concatenate([before, rows, after], axis=-1)


def _one_way(rows: FloatArray, gain: ComplexArray) -> FloatArray:
    """The causal filter of a record that has stood at its first value for ever."""
    size = 2 * (gain.size - 1)
    start = rows[..., :1]
    passed = np.fft.irfft(np.fft.rfft(rows - start, size, axis=-1) * gain, size, axis=-1)
    filtered: FloatArray = passed[..., : rows.shape[-1]] + start * gain[0].real
    return filtered


def _poles(order: int) -> ComplexArray:
    """Of the analog low-pass with its cut-off at 1 rad/s (Butterworth 1930)."""
    return np.asarray(-np.exp(0.5j * np.pi * np.arange(1 - order, order, 2) / order), dtype=np.complex128)


@lru_cache(maxsize=64)
def _response(kind: Kind, edges: Cutoffs, order: int, size: int) -> ComplexArray:
    """(size / 2 + 1,) response of one pass: that of the analog filter at tan(w / 2) (bilinear transform)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        s = _on_low_pass(kind, edges, 1j * np.tan(np.pi * np.arange(size // 2 + 1) / size))
        gain = np.ones(s.size, dtype=np.complex128)
        for pole in _poles(order):
            gain /= s - pole
    if kind != "lowpass":
        gain[0] = 0.0
    if kind != "highpass":
        gain[-1] = 0.0
    return gain


def _on_low_pass(kind: Kind, edges: Cutoffs, s: ComplexArray) -> ComplexArray:
    """The points of the low-pass of 1 rad/s that have the gain of this filter at `s`."""
    warped = [np.tan(0.5 * np.pi * edge) for edge in edges]
    if kind == "lowpass":
        return np.asarray(s / warped[0], dtype=np.complex128)
    if kind == "highpass":
        return np.asarray(warped[0] / s, dtype=np.complex128)
    return np.asarray((s + warped[0] * warped[1] / s) / (warped[1] - warped[0]), dtype=np.complex128)


@lru_cache(maxsize=64)
def _memory(kind: Kind, edges: Cutoffs, order: int) -> int:
    """Samples after which an impulse is forgotten, from the slowest digital pole."""
    warped = [np.tan(0.5 * np.pi * edge) for edge in edges]
    analog = _poles(order)
    if kind == "lowpass":
        s = analog * warped[0]
    elif kind == "highpass":
        s = warped[0] / analog
    else:
        half = 0.5 * analog * (warped[1] - warped[0])
        root = np.sqrt(half**2 - warped[0] * warped[1])
        s = np.concatenate([half + root, half - root])
    slowest = float(np.abs((1.0 + s) / (1.0 - s)).max())
    return int(np.ceil(np.log(FORGOTTEN) / np.log(slowest)))


def good_size(least: int) -> int:
    """The smallest 2^a, 3 2^a or 5 2^a from `least` on, even."""
    return min(base << max(1, ((least - 1) // base).bit_length()) for base in (1, 3, 5))
