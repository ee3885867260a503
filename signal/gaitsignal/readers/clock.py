"""From stored rows to a uniform grid: sample numbers, a straight-line clock, lost samples as unmeasured rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.errors import RecordingError
from gaitsignal.readers.resample import to_hundred_hz
from gaitsignal.readers.samples import StoredSamples
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag

IntArray = npt.NDArray[np.int64]

MIN_HZ, MAX_HZ = 49.5, 202.0
"""50 to 200 Hz, with one per cent for the crystal of the sensor."""
PLAUSIBLE_HZ = 1000.0
"""Faster than any body-worn sensor: used to recognise stamps that are not in seconds."""
MIN_S = 3.0
MAX_ROWS = 2_000_000
"""Rows of the grid, 2.8 hours at 200 Hz: more means that the gaps or the stamps are nonsense."""
STEP_ROWS = 5
"""Rows on either side of a jump of the stamps over which a lasting shift is told from jitter."""
STEADY_SHARE = 0.2
"""Stamps are steady when 9 of 10 intervals miss a multiple of the median one by less than this share."""
MOST_LOST = 0.2
"""A median interval below this share of the mean one is a batch, not a sensor that lost 80 % of its samples."""
LASTING_ROWS, LASTING_S, STRAIGHTER = 50, 0.15, 0.75
"""For batches: rows on either side (half a second and more, several batches), the least jump that is looked at (six
times what a jitter of 100 ms leaves in the medians), and how much nearer to the line the stamps must come."""
IRREGULAR_SAMPLES = 1.0
HOPELESS_S = 0.25


@dataclass(frozen=True, slots=True)
class Clock:
    """The straight line through the stamps: `start_s` + number / `fs_hz`; worst residual in seconds."""

    start_s: float
    fs_hz: float
    worst_s: float


def place_on_grid(stored: StoredSamples, gaps: tuple[tuple[int, int], ...]) -> Recording:
    """The rows at their true sample number; what was lost between them is NaN and not measured.

    Notes
    -----
    The rate is the slope of device stamp on sample number; a nominal rate is never believed (real sensors
    were off by up to 2.4 %). Sample numbers come from the declared gaps, and from jumps of the stamps that
    last; jitter is a jump that is taken back.
    """
    n = stored.stamp_s.size
    if n < 2:
        raise RecordingError("too_short", duration_s=0.0, limit_s=MIN_S)
    if stored.clock_hz is None:
        _check_order(stored.stamp_s)
    number, keep = _declared_numbers(n, gaps)
    if np.count_nonzero(keep) < 2:
        raise RecordingError("too_short", duration_s=0.0, limit_s=MIN_S)
    clock, number = _fit(stored, number, keep)
    _check_rate(clock.fs_hz, int(number[-1]) + 1)
    flags = _clock_flags(clock)
    acc, gyr, measured = _spread(stored, number, keep)
    recording = Recording(acc, gyr, clock.fs_hz, measured, start_s=clock.start_s, remarks=flags)
    return recording if clock.fs_hz <= MAX_HZ else to_hundred_hz(recording)


def _check_order(stamp_s: FloatArray) -> None:
    back = np.flatnonzero(np.diff(stamp_s) < 0)
    if back.size:
        row = int(back[0]) + 1
        raise RecordingError(
            "clock_backwards", row=row, before_s=float(stamp_s[row - 1]), after_s=float(stamp_s[row])
        )


def _declared_numbers(n: int, gaps: tuple[tuple[int, int], ...]) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """True number of every stored row, and which rows to keep (a repeated row is dropped)."""
    lost, keep = np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    for row, count in gaps:
        if not 0 <= row < n or (row == 0 and count < 0) or count > MAX_ROWS:
            raise RecordingError("gap_outside", row=row, lost=count, rows=n)
        lost[row] += count
        keep[row] &= count > 0
    return np.arange(n) + np.cumsum(lost), keep


def _fit(stored: StoredSamples, number: IntArray, keep: npt.NDArray[np.bool_]) -> tuple[Clock, IntArray]:
    """Clock and numbers; with declared gaps the stamps may be true ones or butted together like the rows."""
    if stored.clock_hz is not None:
        return Clock(0.0, stored.clock_hz, 0.0), number
    rows = np.arange(number.size)
    found = _with_jumps(stored.stamp_s, number, keep)
    clock = _line(stored.stamp_s[keep], found[keep])
    if number[-1] == rows[-1]:
        return clock, found
    butted = _line(stored.stamp_s, rows)
    return (butted, number) if butted.worst_s < 0.5 * clock.worst_s else (clock, found)


def _line(stamp_s: FloatArray, number: IntArray) -> Clock:
    slope, offset_s = np.polyfit(number, stamp_s - stamp_s[0], 1)  # stamps may count from 1970
    start_s = stamp_s[0] + offset_s
    if not slope > 0:
        raise RecordingError("clock_stands", seconds=float(stamp_s[-1] - stamp_s[0]))
    residual = stamp_s - (start_s + slope * number)
    return Clock(float(start_s), float(1.0 / slope), float(np.abs(residual).max()))


def _with_jumps(stamp_s: FloatArray, number: IntArray, keep: npt.NDArray[np.bool_]) -> IntArray:
    """`number` with the samples added that lasting jumps of the stamps show to be lost."""
    stamp, at = stamp_s[keep], number[keep]
    step_s = np.diff(stamp) / np.diff(at)
    dt = float(np.median(step_s))
    batched = dt <= MOST_LOST * float(step_s.mean())
    if batched or np.mean(np.abs(step_s / dt - np.rint(step_s / dt)) < STEADY_SHARE) < 0.9:
        return _with_lasting_jumps(stamp, number, keep)
    extra = np.zeros(stamp.size, dtype=np.int64)
    excess = np.diff(stamp) / dt - np.diff(at)
    for i in np.flatnonzero(excess > 0.5) + 1:
        before = (stamp - dt * at)[max(0, i - STEP_ROWS) : i]
        after = (stamp - dt * at)[i : i + STEP_ROWS]
        shift = float(np.median(after) - np.median(before)) / dt
        extra[i] = round(float(excess[i - 1])) if shift > 0.5 else 0
    added = np.zeros(number.size, dtype=np.int64)
    added[keep] = extra
    return number + np.cumsum(added)


def _with_lasting_jumps(stamp: FloatArray, number: IntArray, keep: npt.NDArray[np.bool_]) -> IntArray:
    """The same for stamps in batches or with heavy jitter: only long losses show, over many rows on either side.

    A single interval tells nothing here. A jump counts when the stamps stay shifted by it, and when the stamps with
    all jumps taken as losses lie much nearer to a straight line.
    """
    at = number[keep]
    if at.size <= 2 * LASTING_ROWS:
        return number
    span = slice(LASTING_ROWS, None), slice(None, -LASTING_ROWS)
    dt = float(np.median((stamp[span[0]] - stamp[span[1]]) / (at[span[0]] - at[span[1]])))
    if dt <= 0:
        return number
    off = stamp - dt * at
    extra = np.zeros(at.size, dtype=np.int64)
    for i in np.flatnonzero(np.diff(stamp) > LASTING_S) + 1:
        before, after = off[max(0, i - LASTING_ROWS) : i], off[i : i + LASTING_ROWS]
        shift_s = float(np.median(after) - np.median(before))
        extra[i] = round(shift_s / dt) if shift_s > LASTING_S else 0
    added = np.zeros(number.size, dtype=np.int64)
    added[keep] = extra
    found = number + np.cumsum(added)
    straighter = _line(stamp, found[keep]).worst_s < STRAIGHTER * _line(stamp, at).worst_s
    return found if straighter else number


def _clock_flags(clock: Clock) -> tuple[Flag, ...]:
    if clock.worst_s > HOPELESS_S:
        raise RecordingError(
            "clock_irregular_refused", worst_ms=round(1e3 * clock.worst_s), limit_ms=round(1e3 * HOPELESS_S)
        )
    if clock.worst_s * clock.fs_hz > IRREGULAR_SAMPLES:
        return (Flag("clock_irregular", "warn", {"worst_ms": round(1e3 * clock.worst_s)}),)
    return ()


def _check_rate(fs_hz: float, rows: int) -> None:
    for unit, factor in (("ms", 1e3), ("us", 1e6), ("ns", 1e9)):
        if MIN_HZ <= fs_hz * factor <= PLAUSIBLE_HZ:
            raise RecordingError(
                "time_not_seconds", unit=unit, factor=f"{1 / factor:g}", fs_hz=round(fs_hz * factor, 1)
            )
    if fs_hz < MIN_HZ:
        raise RecordingError("rate_under_50", fs_hz=round(fs_hz, 2))
    if rows > MAX_ROWS:
        raise RecordingError("grid_too_long", rows=rows, limit=MAX_ROWS)
    if (rows + 0.5) / fs_hz < MIN_S:
        raise RecordingError("too_short", duration_s=round(rows / fs_hz, 2), limit_s=MIN_S)


def _spread(
    stored: StoredSamples, number: IntArray, keep: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    rows = int(number[-1]) + 1
    measured = np.zeros(rows, dtype=bool)
    measured[number[keep]] = True
    acc, gyr = np.full((rows, 3), np.nan), np.full((rows, 3), np.nan)
    acc[number[keep]], gyr[number[keep]] = stored.acc[keep], stored.gyr[keep]
    return acc, gyr, measured
