"""Gates of a standing test: is the record whole, is gravity right, did the person stand still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import BoolArray, FloatArray, Recording
from gaitsignal.result import Flag

G0 = 9.80665
MIN_S = 3.0
"""Below this not even one sway cycle of 0.3 Hz is seen."""
COMPARABLE_S = 10.0
"""Shortest stance of a clinical protocol (four-stage test, CDC STEADI); shorter ones are only described."""
MAX_FILL = 5
"""Lost samples that may be bridged, 0.05 s at 100 Hz: short against the 3.5 Hz of the low-pass."""
GAP_LIMIT_S = 0.25
"""A longer hole may hide a step or a saved fall: the timed test must be repeated."""
LOSS_WARN = 0.02
GRAVITY_WARN, GRAVITY_REJECT = 0.05, 0.10
"""Share by which rest |acc| may miss g; good sensors read 9.77-10.26 m/s2, up to +4.6 % (23 recordings)."""
TILT_LIMIT_DEG = 60.0
"""Real low-back sensors stand 1-36 deg off at rest; past 60 the declared axes are not believable."""
CLIP_M_S2 = 1.5 * G0
WINDOW_S = 1.0
ACC_SD_WARN, ACC_SD_REJECT = 0.3, 0.6
"""SD of |acc| in a second, m/s2: rest median 0.03; 0.3 is a fidget, 0.6 a step (own measurement)."""
GYR_RMS_WARN, GYR_RMS_REJECT = 0.25, 0.6
"""RMS of the rotation rate in a second, rad/s: quiet stance stays below 0.18 in 9 of 10 recordings."""
WALKING_SHARE = 0.5
FROZEN_S = 0.5
RATE_LOW_HZ, RATE_FULL_HZ = 50.0, 99.0


@dataclass(frozen=True, slots=True)
class Piece:
    """The unbroken part of a trial: acc, gyr (m, 3) with short losses bridged, and its first row."""

    acc: FloatArray
    gyr: FloatArray
    first_row: int


def rejected(flags: list[Flag]) -> bool:
    """True when a flag forbids to use the trial."""
    return any(flag.severity == "reject" for flag in flags)


def unbroken_piece(recording: Recording) -> tuple[Piece, list[Flag]]:
    """The longest stretch without an open gap, and what was lost."""
    runs = _false_runs(recording.measured)
    inner = [(a, b) for a, b in runs if a > 0 and b < recording.n]
    flags = _gap_flags(inner, recording)
    cuts = [(a, b) for a, b in runs if b - a > MAX_FILL or (a, b) not in inner]
    starts, stops = [0, *(b for _, b in cuts)], [*(a for a, _ in cuts), recording.n]
    first, last = max(zip(starts, stops, strict=True), key=lambda piece: piece[1] - piece[0])
    here = slice(first, last)
    measured = recording.measured[here]
    filled = Piece(_bridged(recording.acc[here], measured), _bridged(recording.gyr[here], measured), first)
    return filled, flags + _length_flags((last - first) / recording.fs_hz, recording.fs_hz)


def signal_flags(piece: Piece, fs_hz: float) -> list[Flag]:
    """Gravity, clipping, a frozen sensor, movement; the piece must be at least a second long."""
    norm = np.linalg.norm(piece.acc, axis=1)
    flags = _gravity_flags(float(np.median(norm))) + _frozen_flags(piece, fs_hz)
    if _is_clipped(piece.acc):
        flags.append(Flag("clipped", "warn"))
    return flags + _movement_flags(norm, piece.gyr, fs_hz)


def _length_flags(duration_s: float, fs_hz: float) -> list[Flag]:
    flags = []
    if fs_hz < RATE_LOW_HZ:
        flags.append(Flag("rate_low", "reject", {"fs_hz": round(fs_hz, 2), "limit_hz": RATE_LOW_HZ}))
    elif fs_hz < RATE_FULL_HZ:
        flags.append(Flag("rate_reduced", "warn", {"fs_hz": round(fs_hz, 2)}))
    seconds = {"duration_s": round(duration_s, 2)}
    if duration_s < MIN_S:
        flags.append(Flag("stance_too_short", "reject", seconds | {"limit_s": MIN_S}))
    elif duration_s < COMPARABLE_S:
        flags.append(Flag("stance_short", "warn", seconds | {"limit_s": COMPARABLE_S}))
    return flags


def _gap_flags(runs: list[tuple[int, int]], recording: Recording) -> list[Flag]:
    lengths = [b - a for a, b in runs]
    if not lengths:
        return []
    short = sum(length for length in lengths if length <= MAX_FILL)
    flags = [Flag("gap_filled", "warn", {"samples": short})] if short else []
    longest = max(lengths)
    if longest / recording.fs_hz > GAP_LIMIT_S:
        at_s = next(a for a, b in runs if b - a == longest) / recording.fs_hz + recording.start_s
        seconds = {"longest_s": round(longest / recording.fs_hz, 2), "at_s": round(at_s, 2)}
        flags.append(Flag("gap_long", "reject", seconds | {"limit_s": GAP_LIMIT_S}))
    elif longest > MAX_FILL:
        flags.append(Flag("stance_split", "warn", {"longest_s": round(longest / recording.fs_hz, 2)}))
    if sum(lengths) > LOSS_WARN * recording.n:
        flags.append(Flag("loss_high", "warn", {"percent": round(100.0 * sum(lengths) / recording.n, 1)}))
    return flags


def _gravity_flags(rest_norm: float) -> list[Flag]:
    off = abs(rest_norm / G0 - 1.0)
    if off <= GRAVITY_WARN:
        return []
    severity = "reject" if off > GRAVITY_REJECT else "warn"
    return [Flag("gravity_off", severity, {"norm": round(rest_norm, 2)})]


def _frozen_flags(piece: Piece, fs_hz: float) -> list[Flag]:
    same = (np.diff(piece.acc, axis=0) == 0.0).all(axis=1)
    longest = max((b - a for a, b in _false_runs(~same)), default=0) / fs_hz
    return [Flag("sensor_frozen", "reject", {"seconds": round(longest, 2)})] if longest >= FROZEN_S else []


def _is_clipped(acc: FloatArray) -> bool:
    """An extreme beyond 1.5 g that is held for two samples: standing itself never gets there."""
    size = np.abs(acc)
    top = (size == size.max(axis=0)) & (size > CLIP_M_S2)
    return bool((top[1:] & top[:-1]).any())


def _movement_flags(norm: FloatArray, gyr: FloatArray, fs_hz: float) -> list[Flag]:
    acc_sd = _windows(norm, fs_hz).std(axis=1)
    turning = np.sum((gyr - np.median(gyr, axis=0)) ** 2, axis=1)
    gyr_rms = np.sqrt(_windows(turning, fs_hz).mean(axis=1))
    seen = {"acc_sd": round(float(acc_sd.max()), 2), "gyr_rms": round(float(gyr_rms.max()), 2)}
    moving = (acc_sd > ACC_SD_REJECT) | (gyr_rms > GYR_RMS_REJECT)
    if moving.mean() > WALKING_SHARE:
        return [Flag("walking_in_stance", "reject", seen)]
    if moving.any() or norm.std() > ACC_SD_WARN:
        at_s = round(float(np.argmax(acc_sd / ACC_SD_REJECT + gyr_rms / GYR_RMS_REJECT)) * WINDOW_S / 2, 1)
        return [Flag("not_still", "reject", seen | {"at_s": at_s})]
    if (acc_sd > ACC_SD_WARN).any() or (gyr_rms > GYR_RMS_WARN).any():
        return [Flag("fidgeting", "warn", seen)]
    return []


def _windows(x: FloatArray, fs_hz: float) -> FloatArray:
    """(k, w) windows of a second, every half second."""
    width = max(2, min(round(WINDOW_S * fs_hz), x.size))
    return np.lib.stride_tricks.sliding_window_view(x, width)[:: max(1, width // 2)]


def _false_runs(mask: BoolArray) -> list[tuple[int, int]]:
    """[start, stop) of every stretch of False."""
    padded = np.concatenate([[True], mask, [True]])
    edges = np.flatnonzero(np.diff(padded.astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _bridged(x: FloatArray, measured: BoolArray) -> FloatArray:
    """`x` with its unmeasured rows interpolated; both ends must be measured."""
    if measured.all():
        return x
    rows = np.arange(x.shape[0])
    columns = [np.interp(rows, rows[measured], column[measured]) for column in x.T]
    filled: npt.NDArray[np.float64] = np.column_stack(columns)
    return filled
