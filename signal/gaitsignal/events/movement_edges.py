"""Where a movement of the body begins and when it has died down, by rotation rate and shocks."""

from __future__ import annotations

import numpy as np

from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

ONSET_HZ, ONSET_DEG_S, ONSET_SHARE = 3.0, (10.0, 20.0), (0.1, 0.2)
"""The rise begins midway between where the rotation rate first passes 10 and 20 deg/s; in slow people a tenth
and a fifth of its peak."""
SETTLE_HZ, SETTLE_DEG_S, SETTLE_M_S2, SETTLE_LOOK_S = 3.0, 7.0, 0.5, 1.7
"""Seated: the last rotation over 7 deg/s and the last shock over 0.5 m/s2 (RMS, 3 Hz) within 1.7 s."""
SHOCK_HZ = 1.0


def onset_row(gyr: FloatArray, middle: int, fs_hz: float) -> float:
    """Where a movement that is under way at row `middle` began, by the rotation rate of gyr (n, 3) rad/s."""
    rate = np.degrees(np.linalg.norm(lowpass(gyr, ONSET_HZ, fs_hz, order=2), axis=1))
    near = rate[max(0, middle - round(0.5 * fs_hz)) : middle + round(0.5 * fs_hz)]
    rows = []
    for limit, share in zip(ONSET_DEG_S, ONSET_SHARE, strict=True):
        quiet = np.flatnonzero(rate[: middle + 1] <= min(limit, share * float(near.max())))
        rows.append(float(quiet[-1]) if quiet.size else 0.0)
    return float(np.mean(rows))


def settling_rows(acc: FloatArray, gyr: FloatArray, middle: int, fs_hz: float) -> float:
    """Rows from `middle` until rotation and shocks have died down, at most 1.7 s."""
    rows = slice(middle, middle + round(SETTLE_LOOK_S * fs_hz))
    shocks = np.sum((acc - lowpass(acc, SHOCK_HZ, fs_hz, order=2)) ** 2, axis=1)
    last = []
    for power, limit in ((np.sum(gyr**2, axis=1), np.radians(SETTLE_DEG_S)), (shocks, SETTLE_M_S2)):
        loud = np.flatnonzero(lowpass(power, SETTLE_HZ, fs_hz, order=2)[rows] > limit**2)
        last.append(float(loud[-1]) if loud.size else 0.0)
    return float(np.mean(last))
