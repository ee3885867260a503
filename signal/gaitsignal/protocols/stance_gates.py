"""Gates of a standing test: is the record whole, is gravity right, did the person stand still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import BridgedSamples, bridge, true_runs
from gaitsignal.quality import (
    FROZEN_S,
    G0,
    GAP_LONG_S,
    GRAVITY_REJECT,
    GRAVITY_WARN,
    LOSS_WARN,
    RATE_FULL_HZ,
    RATE_LOW_HZ,
    is_clipped,
    is_long,
    longest_repeat,
)
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag

MIN_S = 3.0
"""Below this not even one sway cycle of 0.3 Hz is seen."""
COMPARABLE_S = 10.0
"""Shortest stance of a clinical protocol (four-stage test, CDC STEADI); shorter ones are only described."""
TILT_LIMIT_DEG = 60.0
"""Real low-back sensors stand 1-36 deg off at rest; past 60 the declared axes are not believable."""
WINDOW_S = 1.0
NORM_SD_LIMIT = 0.3
"""SD of |acc| over a resting trial, m/s2; good recordings have 0.03 (median)."""
ACC_SD_WARN, ACC_SD_REJECT = 0.5, 1.0
"""SD of the acceleration vector in a second, m/s2. Own measurement in 63 recordings: nine of ten rests stay
below 0.5, walking at 0.26 m/s has a median of 1.2."""
GYR_RMS_WARN, GYR_RMS_REJECT = 0.25, 0.6
"""RMS of the rotation rate in a second, rad/s: quiet stance stays below 0.18 in 9 of 10 recordings."""
WALKING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """The unbroken part of a trial: acc, gyr (m, 3) with short losses bridged, and when it starts."""

    acc: FloatArray
    gyr: FloatArray
    start_s: float


def rejected(flags: list[Flag]) -> bool:
    """True when a flag forbids to use the trial."""
    return any(flag.severity == "reject" for flag in flags)


def unbroken_piece(recording: Recording) -> tuple[Piece, list[Flag]]:
    """The longest stretch without an open gap, and what was lost."""
    if not recording.measured.any():
        nothing = np.empty((0, 3))
        return Piece(nothing, nothing, recording.start_s), _length_flags(0.0, recording.fs_hz)
    bridged = bridge(recording)
    flags = _gap_flags(bridged, recording)
    first, stop = max(true_runs(~bridged.open_rows), key=lambda run: run[1] - run[0])
    start_s = recording.start_s + first / recording.fs_hz
    piece = Piece(bridged.acc[first:stop], bridged.gyr[first:stop], start_s)
    return piece, flags + _length_flags((stop - first) / recording.fs_hz, recording.fs_hz)


def signal_flags(piece: Piece, fs_hz: float) -> list[Flag]:
    """Gravity, clipping, a frozen sensor, movement; the piece must be at least a second long."""
    return sensor_flags(piece.acc, fs_hz) + _movement_flags(piece, fs_hz)


def sensor_flags(acc: FloatArray, fs_hz: float) -> list[Flag]:
    """Gravity, a frozen sensor, clipping in acc (n, 3) of somebody who mostly stands."""
    flags = _gravity_flags(float(np.median(np.linalg.norm(acc, axis=1)))) + _frozen_flags(acc, fs_hz)
    return [*flags, Flag("clipped", "warn")] if is_clipped(acc) else flags


def rate_flags(fs_hz: float) -> list[Flag]:
    """Too few samples a second, or fewer than usual."""
    if fs_hz < RATE_LOW_HZ:
        return [Flag("rate_low", "reject", {"fs_hz": round(fs_hz, 2), "limit_hz": RATE_LOW_HZ})]
    return [Flag("rate_reduced", "warn", {"fs_hz": round(fs_hz, 2)})] if fs_hz < RATE_FULL_HZ else []


def _length_flags(duration_s: float, fs_hz: float) -> list[Flag]:
    flags = rate_flags(fs_hz)
    seconds = {"duration_s": round(duration_s, 2)}
    slack_s = 0.5 / fs_hz  # the sensor's crystal decides how long 300 samples are
    if duration_s < MIN_S - slack_s:
        flags.append(Flag("stance_too_short", "reject", seconds | {"limit_s": MIN_S}))
    elif duration_s < COMPARABLE_S - slack_s:
        flags.append(Flag("stance_short", "warn", seconds | {"limit_s": COMPARABLE_S}))
    return flags


def _gap_flags(bridged: BridgedSamples, recording: Recording) -> list[Flag]:
    flags = []
    if bridged.filled_count:
        flags.append(Flag("gap_filled", "warn", {"samples": bridged.filled_count}))
    inner = [(a, b) for a, b in bridged.gaps() if a > 0 and b < recording.n]
    if inner:
        flags.append(_open_gap_flag(max(inner, key=lambda run: run[1] - run[0]), recording))
    lost = bridged.filled_count + sum(b - a for a, b in inner)
    if lost > LOSS_WARN * recording.n:
        flags.append(Flag("loss_high", "warn", {"percent": round(100.0 * lost / recording.n, 1)}))
    return flags


def _open_gap_flag(longest: tuple[int, int], recording: Recording) -> Flag:
    length_s = (longest[1] - longest[0]) / recording.fs_hz
    seen = {"longest_s": round(length_s, 2), "at_s": round(float(recording.time_s[longest[0]]), 2)}
    if is_long(longest[1] - longest[0], recording.fs_hz):  # it may hide a step or a saved fall
        return Flag("gap_long", "reject", seen | {"limit_s": GAP_LONG_S})
    return Flag("stance_split", "warn", seen)


def _gravity_flags(rest_norm: float) -> list[Flag]:
    off = abs(rest_norm / G0 - 1.0)
    if off <= GRAVITY_WARN:
        return []
    severity = "reject" if off > GRAVITY_REJECT else "warn"
    return [Flag("gravity_off", severity, {"norm": round(rest_norm, 2)})]


def _frozen_flags(acc: FloatArray, fs_hz: float) -> list[Flag]:
    seconds = longest_repeat(acc) / fs_hz
    return [Flag("sensor_frozen", "reject", {"seconds": round(seconds, 2)})] if seconds >= FROZEN_S else []


def _movement_flags(piece: Piece, fs_hz: float) -> list[Flag]:
    acc_sd = np.sqrt(sum(_windows(axis, fs_hz).var(axis=1) for axis in piece.acc.T))
    turning = np.sum((piece.gyr - np.median(piece.gyr, axis=0)) ** 2, axis=1)
    gyr_rms = np.sqrt(_windows(turning, fs_hz).mean(axis=1))
    seen = {"acc_sd": round(float(acc_sd.max()), 2), "gyr_rms": round(float(gyr_rms.max()), 2)}
    restless = (acc_sd > ACC_SD_WARN) | (gyr_rms > GYR_RMS_WARN)
    moved = (acc_sd > ACC_SD_REJECT) | (gyr_rms > GYR_RMS_REJECT)
    if restless.mean() > WALKING_SHARE:
        return [Flag("walking_in_stance", "reject", seen)]
    if moved.any() or np.linalg.norm(piece.acc, axis=1).std() > NORM_SD_LIMIT:
        worst = np.argmax(acc_sd / ACC_SD_REJECT + gyr_rms / GYR_RMS_REJECT)
        at_s = round(piece.start_s + float(worst) * WINDOW_S / 2, 1)
        return [Flag("not_still", "reject", seen | {"at_s": at_s})]
    return [Flag("fidgeting", "warn", seen)] if restless.any() else []


def _windows(x: FloatArray, fs_hz: float) -> FloatArray:
    """(k, w) windows of a second, every half second."""
    width = max(2, min(round(WINDOW_S * fs_hz), x.size))
    return np.lib.stride_tricks.sliding_window_view(x, width)[:: max(1, width // 2)]
