"""Gates of a walk that need no steps: is the record whole, is gravity right, is the sensor alive."""

from __future__ import annotations

import numpy as np

from gaitsignal.bridging import BridgedSamples, true_runs
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag
from gaitsignal.stillness import Rest

G0 = 9.80665
MIN_S = 3.0
"""Four steps at a usual pace and what the filters need."""
GAP_LONG_S = 0.25
LOSS_WARN = 0.02
GRAVITY_WARN, GRAVITY_REJECT = 0.05, 0.10
"""Share by which rest |acc| may miss g: good sensors read 9.77-10.26 m/s2."""
CLIP_ABOVE = 1.5 * G0
KNOCK_ABOVE = 80.0
"""m/s2: walking reached 34 on the lower back in 63 open walks, sitting down 50 on the thigh in 24 tests."""
FROZEN_S = 0.5
RATE_LOW_HZ, RATE_FULL_HZ = 49.5, 99.0
"""50 and 100 Hz, with one per cent for the crystal of the sensor."""
BIAS_HIGH_RAD_S = 0.05
"""Good sensors: 0.3-0.8 deg/s."""


def record_flags(recording: Recording, samples: BridgedSamples) -> list[Flag]:
    """Length, rate, gaps, clipping, a frozen or knocked sensor."""
    flags = []
    measured_s = float(np.sum(~samples.open_rows)) / recording.fs_hz
    if measured_s < MIN_S - 0.5 / recording.fs_hz:
        flags.append(Flag("walk_too_short", "reject", {"duration_s": round(measured_s, 2), "limit_s": MIN_S}))
    if recording.fs_hz < RATE_FULL_HZ:
        flags.append(Flag("rate_reduced", "warn", {"fs_hz": round(recording.fs_hz, 2)}))
    flags += gap_flags(recording, samples)
    seen = recording.acc[recording.measured]
    frozen_s = longest_repeat(seen) / recording.fs_hz
    if frozen_s >= FROZEN_S:
        flags.append(Flag("sensor_frozen", "reject", {"seconds": round(frozen_s, 2)}))
    elif np.ptp(recording.gyr[recording.measured], axis=0).max(initial=0.0) == 0.0:
        flags.append(Flag("gyro_silent", "reject"))
    elif is_clipped(seen):
        flags.append(Flag("clipped", "warn"))
    knocks = np.flatnonzero(np.linalg.norm(recording.acc, axis=1) > KNOCK_ABOVE)  # NaN is no knock
    if knocks.size:
        at_s = round(recording.start_s + float(knocks[0]) / recording.fs_hz, 2)
        flags.append(
            Flag("sensor_knocked", "warn", {"count": knocks.size, "at_s": at_s, "limit": KNOCK_ABOVE})
        )
    return flags


def is_long(rows: int, fs_hz: float) -> bool:
    """True for a gap of `rows` samples over 0.25 s; the rate is fitted, so a tenth of a sample is no excess."""
    return rows > GAP_LONG_S * fs_hz + 0.1


def gap_flags(recording: Recording, samples: BridgedSamples) -> list[Flag]:
    """What was lost, and where the longest hole is."""
    flags = []
    if samples.filled_count:
        flags.append(Flag("gap_filled", "warn", {"samples": samples.filled_count}))
    gaps = samples.gaps()
    if gaps:
        first, stop = max(gaps, key=lambda gap: gap[1] - gap[0])
        longest_s, at_s = (stop - first) / recording.fs_hz, recording.start_s + first / recording.fs_hz
        seen = {"longest_s": round(longest_s, 2), "at_s": round(at_s, 2)}
        if is_long(stop - first, recording.fs_hz):
            flags.append(Flag("gap_long", "warn", seen | {"limit_s": GAP_LONG_S}))
        else:
            flags.append(Flag("walk_gap", "warn", seen | {"count": len(gaps)}))
    lost = float(np.mean(~recording.measured))
    if lost > LOSS_WARN:
        flags.append(Flag("loss_high", "warn", {"percent": round(100.0 * lost, 1)}))
    return flags


def gravity_flags(rest: Rest | None, walking_acc: FloatArray) -> list[Flag]:
    """Size of gravity and gyroscope bias at rest; without rest, mean force over the walk stands in for it."""
    flags = []
    norm = float(np.linalg.norm(rest.acc if rest is not None else walking_acc.mean(axis=0)))
    off = abs(norm / G0 - 1.0)
    if off > GRAVITY_WARN:
        severity = "reject" if off > GRAVITY_REJECT else "warn"
        flags.append(Flag("gravity_off", severity, {"norm": round(norm, 2)}))
    if rest is None:
        flags.append(Flag("not_still_at_start", "info"))
    elif float(np.abs(rest.gyr).max()) > BIAS_HIGH_RAD_S:
        bias = round(float(np.degrees(np.abs(rest.gyr).max())), 1)
        flags.append(Flag("gyro_bias_high", "warn", {"deg_per_s": bias}))
    return flags


def longest_repeat(acc: FloatArray) -> int:
    """Samples of the longest stretch in which nothing changes at all."""
    same = (np.diff(acc, axis=0) == 0.0).all(axis=1)
    return max((stop - first + 1 for first, stop in true_runs(same)), default=0)


def is_clipped(acc: FloatArray) -> bool:
    """The largest reading of an axis is far from gravity and is held exactly for two samples or more."""
    for axis in np.abs(acc).T:
        top = axis == axis.max()
        if axis.max() > CLIP_ABOVE and bool((top[1:] & top[:-1]).any()):
            return True
    return False
