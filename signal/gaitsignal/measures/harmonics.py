"""Improved harmonic ratio: how much of a stride's acceleration repeats from one step to the other."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gaitsignal.events.legs import Leg, true_steps
from gaitsignal.filters import lowpass
from gaitsignal.frames import ML
from gaitsignal.recording import FloatArray

HARMONICS = 20
FRONT_END_HZ, FRONT_END_ORDER = 14.0, 8
"""Low-pass of the semiogram (Voisard 2025, IPOL, doi:10.5201/ipol.2025.535)."""
SHIFT_S, LENGTH_S = 0.15, 0.02
"""By how much the borders of a stride are moved in search of the greatest ratio (same source)."""
MIN_STRIDES, MAX_STRIDES = 3, 100
"""Of longer walks a hundred strides, evenly spread, say as much in a third of the time."""
OUTLIER_Z = 2.0


def improved_harmonic_ratio(acc: FloatArray, legs: tuple[Leg, ...], fs_hz: float) -> FloatArray | None:
    """(3,) for V, ML, AP in per cent, mean over strides; None with fewer than three strides.

    Notes
    -----
    Pasciuto 2017, J Biomech 53:84: 100 P_in / (P_in + P_ex) over the powers of harmonics 1-20 of the stride frequency;
    in are the even ones for V and AP, the odd ones for ML. As the semiogram does, the first and last step of a leg
    are left out, each stride takes its greatest ratio over border shifts of 0.15 s and lengths of 0.02 s either way,
    so that the noise of contacts does not matter (it reads up to 3 points high for that), and values beyond two SD
    are removed once. `acc` (n, 3) up, right, forward, low-passed here at 14 Hz. An axis without movement gives None.
    """
    smooth = lowpass(acc, FRONT_END_HZ, fs_hz, FRONT_END_ORDER)
    found = [_stride_ratios(smooth, first, last, fs_hz) for first, last in _spread(_strides(legs))]
    kept = [ratios for ratios in found if ratios is not None]
    if len(kept) < MIN_STRIDES:
        return None
    return np.array([_mean_without_outliers(column) for column in np.array(kept).T])


def _strides(legs: tuple[Leg, ...]) -> list[tuple[float, float]]:
    """First and last row of every stride of two true steps, away from the ends of its leg."""
    strides = []
    for leg, good in zip(legs, true_steps([leg.rows for leg in legs]), strict=True):
        strides += [
            (float(leg.rows[k]), float(leg.rows[k + 2]))
            for k in range(1, leg.rows.size - 3)
            if good[k] and good[k + 1]
        ]
    return strides


def _spread(strides: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most a hundred of them, evenly spread."""
    if len(strides) <= MAX_STRIDES:
        return strides
    return [strides[k] for k in np.linspace(0, len(strides) - 1, MAX_STRIDES).astype(int)]


def _stride_ratios(acc: FloatArray, first: float, last: float, fs_hz: float) -> FloatArray | None:
    """(3,) greatest ratios of one stride, None when its search leaves the record or an axis is silent."""
    shift, spare = round(SHIFT_S * fs_hz), round(LENGTH_S * fs_hz)
    start, length = round(first) - shift, round(last) - round(first)
    block = acc[max(0, start) : start + length + 2 * shift + spare]
    if start < 0 or block.shape[0] < length + 2 * shift + spare:
        return None
    best = np.zeros(3)
    for n in range(length - spare, length + spare + 1):
        windows = sliding_window_view(block[: n + 2 * shift], n, axis=0)
        sums = np.ascontiguousarray(windows) @ _waves(n)
        power = sums[:, :, :HARMONICS] ** 2 + sums[:, :, HARMONICS:] ** 2
        even, odd = power[:, :, 1::2].sum(axis=2), power[:, :, ::2].sum(axis=2)
        total = even + odd
        if not total.all():
            return None  # nothing moves
        share = even / total
        share[:, ML] = 1.0 - share[:, ML]
        best = np.maximum(best, share.max(axis=0))
    return 100.0 * best


@lru_cache(maxsize=256)
def _waves(n: int) -> FloatArray:
    """(n, 40) cosines and sines of harmonics 1-20 of a stride of `n` samples."""
    angle = 2.0 * np.pi * np.outer(np.arange(n), np.arange(1, HARMONICS + 1)) / n
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1)


def _mean_without_outliers(x: FloatArray) -> float:
    spread = float(x.std())
    return float(x[np.abs(x - x.mean()) <= OUTLIER_Z * spread].mean()) if spread > 0 else float(x.mean())
