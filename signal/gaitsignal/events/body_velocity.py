"""Vertical velocity and position of the lower back between moments of stillness, from acceleration alone or
with the attitude of the sensor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import true_runs
from gaitsignal.filters import lowpass
from gaitsignal.recording import BoolArray, FloatArray

GRAVITY_HZ = 0.8
NORM_HZ = 5.0
WINDOW_S = 0.3
MEAN_LIMIT, SD_LIMIT = 0.2, 0.1
"""m/s2: moving mean of |acc| against its rest value, and its moving SD."""
JERK_MEAN_LIMIT, JERK_SD_LIMIT = 2.5, 3.0
"""m/s3, of the same moving windows."""
TILT_LIMIT_DEG_S = 6.0
LONG_S = 0.5


@dataclass(frozen=True, slots=True)
class Stillness:
    """Still stretches [first, stop) of the body by the size of its acceleration; `long` ones last over 0.5 s."""

    all: tuple[tuple[int, int], ...]
    long: tuple[tuple[int, int], ...]


def body_stillness(
    acc: FloatArray, gravity: float, fs_hz: float, tilt_deg_s: FloatArray | None = None
) -> Stillness:
    """Where |acc| (n, 3) stays at `gravity` m/s2 (what this sensor reads at rest) without jerk.

    Notes
    -----
    The four limits of Adamowicz 2020 (Sensors 20:6618): mean and SD of |acc| (5 Hz) and of its derivative in
    windows of 0.3 s. With a gyroscope the mean of `tilt_deg_s` (n,) must stay low too: amid a slow rise the force
    is that of rest.
    """
    norm = lowpass(np.linalg.norm(acc, axis=1), NORM_HZ, fs_hz)
    width = max(2, round(WINDOW_S * fs_hz))
    mean, spread = _moving(norm, width)
    jerk_mean, jerk_spread = _moving(np.gradient(norm, 1.0 / fs_hz, edge_order=2), width)
    still: BoolArray = (
        (np.abs(mean - gravity) < MEAN_LIMIT)
        & (spread < SD_LIMIT)
        & (np.abs(jerk_mean) < JERK_MEAN_LIMIT)
        & (jerk_spread < JERK_SD_LIMIT)
    )
    if tilt_deg_s is not None:
        still &= _moving(tilt_deg_s, width)[0] < TILT_LIMIT_DEG_S
    runs = true_runs(still)
    return Stillness(tuple(runs), tuple(run for run in runs if run[1] - run[0] > LONG_S * fs_hz))


def vertical_by_gravity(acc: FloatArray, fs_hz: float) -> FloatArray:
    """(n,) m/s2 along the direction of the acceleration (n, 3) below 0.8 Hz: without a gyroscope.

    Notes
    -----
    Adamowicz 2020: zero-phase Butterworth of order 4. Filtered without padding, so the first and last second
    are not to be believed.
    """
    from scipy.signal import butter, sosfiltfilt

    sections = butter(4, GRAVITY_HZ, fs=fs_hz, output="sos")
    direction = sosfiltfilt(sections, acc, axis=0, padlen=0)
    direction = direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    vertical: FloatArray = np.sum(direction * acc, axis=1)
    return vertical


def integrated(acc: FloatArray, fs_hz: float, still_at_end: bool) -> tuple[FloatArray, FloatArray]:
    """Velocity m/s and position m of vertical acceleration (n,) that begins at rest.

    Notes
    -----
    With rest at the end the straight line between the two ends is drift; without it a fitted line is.
    """
    velocity = _cumulative(acc, fs_hz)
    rows = np.arange(acc.size)
    if still_at_end:
        velocity = velocity - velocity[-1] * rows / max(1, acc.size - 1)
    else:
        velocity = velocity - np.polyval(np.polyfit(rows, velocity, 1), rows)
        if abs(velocity[0]) > START_SLIP_M_S:
            velocity = velocity - velocity[0]
    return velocity, _cumulative(velocity, fs_hz)


START_SLIP_M_S = 0.05


def _cumulative(x: FloatArray, fs_hz: float) -> FloatArray:
    """Trapezoids from zero."""
    return np.concatenate([[0.0], np.cumsum((x[1:] + x[:-1]) / (2.0 * fs_hz))])


def _moving(x: FloatArray, width: int) -> tuple[FloatArray, FloatArray]:
    """Moving mean and SD (n,) of windows that are centred up to half a sample, ends held."""
    windows = np.lib.stride_tricks.sliding_window_view(x, width)
    before = (width + 1) // 2
    pad = (before, x.size - len(windows) - before)
    return np.pad(windows.mean(axis=1), pad, mode="edge"), np.pad(
        windows.std(axis=1, ddof=1), pad, mode="edge"
    )
