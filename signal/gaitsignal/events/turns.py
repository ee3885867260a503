"""Turns about the vertical while walking, with tight borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import true_runs
from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

SMOOTH_SHARE, SMOOTH_LIMITS_HZ, SMOOTH_ORDER = 0.75, (0.3, 0.7), 2
"""Low-pass as a share of the stride frequency: the swing of the pelvis must not be taken for turning."""
EDGE_DEG_S = 10.0
PEAK_DEG_S = 30.0
BORDER_SHARE = 0.25
"""Start and end lie where the smoothed rate passes this share of its peak: on open U-turns the duration is then
0.13 s off on average, against 0.8-1.0 s with the fixed 5 deg/s edge."""
MERGE_S = 0.5
MIN_ANGLE_DEG = 45.0
ANGLE_EDGE_DEG_S = 5.0
PEAK_HZ, PEAK_ORDER = 1.5, 4


@dataclass(frozen=True, slots=True)
class TurnSpan:
    """A turn from row `first` to `stop`; angle in degrees (left > 0), peak in deg/s (absolute)."""

    first: int
    stop: int
    angle_deg: float
    peak_deg_per_s: float


def yaw_rate(gyr: FloatArray, bias: FloatArray, up: FloatArray) -> FloatArray:
    """(n,) deg/s about the direction `up` (3,), without gyroscope bias (3,); left > 0."""
    rate: FloatArray = np.degrees((gyr - bias) @ (up / np.linalg.norm(up)))
    return rate


def find_turns(yaw_deg_s: FloatArray, step_s: float, fs_hz: float) -> list[TurnSpan]:
    """Every turn of 45 deg or more of somebody who steps every `step_s`, in time order.

    Notes
    -----
    After El-Gohary 2014 (Sensors 14:356): one sign of the smoothed yaw rate above an edge, pieces less than
    half a second apart merged. Deviations: smoothing by the rhythm, borders at a share of the peak instead of the
    edge. The angle is the raw integral out to where the smoothed rate falls to 5 deg/s or turns back; the
    peak is read after a zero-phase Butterworth of order 4 at 1.5 Hz (raw peaks read 13 % higher).
    """
    smooth_hz = float(np.clip(SMOOTH_SHARE * 0.5 / step_s, *SMOOTH_LIMITS_HZ))
    smooth = lowpass(yaw_deg_s, smooth_hz, fs_hz, order=SMOOTH_ORDER)
    sharp = np.abs(lowpass(yaw_deg_s, PEAK_HZ, fs_hz, order=PEAK_ORDER))
    found = []
    for sign in (1.0, -1.0):
        for first, stop in _merged(true_runs(sign * smooth > EDGE_DEG_S), round(MERGE_S * fs_hz)):
            top = float(np.max(sign * smooth[first:stop]))
            if top < PEAK_DEG_S:
                continue
            wide_first, wide_stop = _widened(sign * smooth, first, stop)
            angle = float(np.sum(yaw_deg_s[wide_first:wide_stop]) / fs_hz)
            if abs(angle) >= MIN_ANGLE_DEG:
                inside = np.flatnonzero(sign * smooth[first:stop] > BORDER_SHARE * top) + first
                peak = float(sharp[inside[0] : inside[-1] + 1].max())
                found.append(TurnSpan(int(inside[0]), int(inside[-1]) + 1, angle, peak))
    return sorted(found, key=lambda turn: turn.first)


def _merged(runs: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, stop in runs:
        if merged and first - merged[-1][1] < gap:
            merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((first, stop))
    return merged


def _widened(rate: FloatArray, first: int, stop: int) -> tuple[int, int]:
    """The span grown outwards as long as the rate stays above the edge of the angle."""
    below = rate <= ANGLE_EDGE_DEG_S
    before = np.flatnonzero(below[:first])
    after = np.flatnonzero(below[stop:])
    return (int(before[-1]) + 1 if before.size else 0), (stop + int(after[0]) if after.size else rate.size)
