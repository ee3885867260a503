"""Times of steps and strides over straight walking, and how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.events.legs import Leg, true_steps
from gaitsignal.filters import bandpass
from gaitsignal.frames import AP, V
from gaitsignal.peaks import IntArray, find_peaks
from gaitsignal.recording import FloatArray

EDGE_STRIDES = 1
"""Strides left out of variability at both ends of a leg: the person accelerates or brakes there."""
OUTLIER_Z = 2.0
WAVE_BAND = (0.5, 1.5)


@dataclass(frozen=True, slots=True)
class StepTiming:
    """Seconds: step_s (m,), stride_s (k,), and steady_stride_s (j,) without the ends of legs."""

    step_s: FloatArray
    stride_s: FloatArray
    steady_stride_s: FloatArray


def step_timing(legs: tuple[Leg, ...], fs_hz: float) -> StepTiming:
    """All step and stride times of straight legs; an interval with a missed contact is no step."""
    intervals = [np.diff(leg.rows) / fs_hz for leg in legs]
    kept = true_steps([leg.rows for leg in legs])
    strides, steady = [], []
    for steps, good in zip(intervals, kept, strict=True):
        whole = good[1:] & good[:-1]
        stride = steps[1:] + steps[:-1]
        strides.append(stride[whole])
        inner = slice(EDGE_STRIDES, -EDGE_STRIDES or None)
        steady.append(stride[inner][whole[inner]])
    return StepTiming(
        step_s=_joined([steps[good] for steps, good in zip(intervals, kept, strict=True)]),
        stride_s=_joined(strides),
        steady_stride_s=_joined(steady),
    )


def _joined(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.zeros(0)


def variation_percent(stride_s: FloatArray) -> float:
    """Coefficient of variation in per cent: population SD over mean, values beyond two SD removed once.

    As the semiogram does (Voisard 2023, Front Neurol, doi:10.3389/fneur.2023.1237162).
    """
    spread = float(stride_s.std())
    kept = stride_s[np.abs(stride_s - stride_s.mean()) <= OUTLIER_Z * spread] if spread > 0 else stride_s
    return float(100.0 * kept.std() / kept.mean())


def contact_jitter_s(acc: FloatArray, legs: tuple[Leg, ...], step_s: float, fs_hz: float) -> float:
    """Noise of a contact time, seconds, from two independent readings of every step.

    Notes
    -----
    The same step is timed on V and on AP, each by the top of its wave in the band around the step frequency;
    SD of their difference over sqrt(2), median-based, bounds the noise of one of them from above (AP is the
    noisier). 0 with fewer than 4 steps.
    """
    wave = bandpass(acc, WAVE_BAND[0] / step_s, WAVE_BAND[1] / step_s, fs_hz, order=2)
    distance = max(1, round(0.45 * step_s * fs_hz))
    tops = [find_peaks(wave[:, axis], distance=distance) for axis in (V, AP)]
    rows = np.concatenate([leg.rows[1:-1] for leg in legs]) if legs else np.zeros(0)
    if rows.size < 4 or min(top.size for top in tops) == 0:
        return 0.0
    lag = np.angle(np.exp(2j * np.pi * _to_next(tops[1], rows, step_s * fs_hz)))
    own = np.angle(np.exp(2j * np.pi * _to_next(tops[0], rows, step_s * fs_hz)))
    difference = np.angle(np.exp(1j * (lag - own)))
    centred = np.angle(np.exp(1j * (difference - np.angle(np.mean(np.exp(1j * difference))))))
    spread = 1.4826 * float(np.median(np.abs(centred))) / (2.0 * np.pi) * step_s
    return spread / float(np.sqrt(2.0))


def _to_next(top: IntArray, rows: FloatArray, step: float) -> FloatArray:
    """Distance from every contact to the first top after it, in steps."""
    after = np.clip(np.searchsorted(top, rows), 0, top.size - 1)
    distance: FloatArray = (top[after] - rows) / step
    return distance
