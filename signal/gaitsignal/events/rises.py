"""Rises from a chair and the seat contacts after them, by vertical velocity of the lower back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gaitsignal.attitude import Attitude
from gaitsignal.events.body_velocity import Stillness, body_stillness, integrated, vertical_by_gravity
from gaitsignal.filters import lowpass
from gaitsignal.peaks import find_peaks
from gaitsignal.recording import FloatArray

NORM_HZ = 5.0
SMOOTH_S = 0.25
WAVE_S = np.arange(0.41, 0.505, 0.0075)
"""Widths in s of the first Gaussian derivatives that are summed: the band below 0.5 Hz of the source."""
APART_S = 1.0
MIN_VELOCITY_M_S, MIN_DISPLACEMENT_M = 0.2, 0.125
MAX_RISE_S = 6.0
"""The source has 4.5 s; frail people take longer, and nothing else in a chair test is that slow and that high."""
FLOOR_SHARE = 0.05
PART_RATIO = 10.0
PARTIAL_SHARE = 0.6
"""Against the median displacement; the source drops below 0.75, which loses rises of tired people."""
STILL_BEFORE_S, STILL_AFTER_S = (-0.5, 0.7), 30.0
WITHOUT_STILL_S = 5.0


@dataclass(frozen=True, slots=True)
class RiseSpan:
    """A rise: rows of its start, its fastest moment and its end.

    descent         rows between which the person sat down afterwards; None when that was not seen
    displacement_m  height of the rise
    peak_m_s        greatest upward speed
    risen           (k,) m above the start, from start to end
    """

    first: int
    fastest: int
    last: int
    descent: tuple[int, int] | None
    displacement_m: float
    peak_m_s: float
    risen: FloatArray


@dataclass(frozen=True, slots=True)
class Rises:
    """Full rises in time order, and how many attempts were too low to count."""

    full: tuple[RiseSpan, ...]
    partial: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Vertical velocity and position between two rests, from row `first`."""

    first: int
    stop: int
    velocity: FloatArray
    position: FloatArray


def find_rises(acc: FloatArray, gravity: float, fs_hz: float, attitude: Attitude | None = None) -> Rises:
    """The rises in acc (n, 3) m/s2 of a sensor that reads `gravity` at rest; without `attitude` by acc alone.

    Notes
    -----
    Adamowicz 2020 (Sensors 20:6618) without its demand of stillness around every rise: candidates are peaks of a
    slow wavelet transform of |acc|; velocity is integrated between the long rests around them; a rise goes from
    the last moment without upward velocity (or the end of a rest next to it) to the first after the peak.
    Agrees with skdh 0.17.18 within a sample on its lumbar recording. Deviations: `MAX_RISE_S`, `PARTIAL_SHARE`; a
    recording that begins without rest is integrated from its first row with a fitted drift. With an attitude
    the vertical is the gyroscope's, rest means no rotation either, candidates are peaks of the velocity itself,
    and speed counts as none below `FLOOR_SHARE` of its peak (in the source until the drift changes sign).
    """
    if attitude is None:
        vertical, floor_share = vertical_by_gravity(acc, fs_hz), 0.0
        stillness = body_stillness(acc, gravity, fs_hz)
        rows = _candidates(acc, fs_hz)
    else:
        vertical, floor_share = attitude.vertical_acc, FLOOR_SHARE
        stillness = body_stillness(acc, gravity, fs_hz, attitude.tilt_deg_s)
        rows = _fast_moments(vertical, stillness, fs_hz)
    rises: list[RiseSpan] = []
    stretch: Stretch | None = None
    for row in rows:
        stretch = _stretch(stretch, vertical, stillness, row, fs_hz)
        rise = _rise(stretch, stillness, row, fs_hz, floor_share)
        if rise is not None and (not rises or rise.first - rises[-1].first > 0.4 * fs_hz):
            after = _stretch_after_rest(stretch, vertical, stillness, fs_hz)
            rises.append(
                rise if rise.descent or not after else replace(rise, descent=_descent(after, 0, floor_share))
            )
    if not rises:
        return Rises((), 0)
    enough = PARTIAL_SHARE * float(np.median([rise.displacement_m for rise in rises]))
    full = tuple(rise for rise in rises if rise.displacement_m >= enough)
    return Rises(full, len(rises) - len(full))


def _candidates(acc: FloatArray, fs_hz: float) -> Iterator[int]:
    """Rows where |acc| falls most steeply: the fastest moment of a rise, and of much else."""
    norm = lowpass(np.linalg.norm(acc, axis=1), NORM_HZ, fs_hz)
    width = max(2, round(SMOOTH_S * fs_hz))
    smooth = np.convolve(np.pad(norm, width, mode="edge"), np.full(width, 1.0 / width), "same")[width:-width]
    t = np.arange(-round(2.0 * fs_hz), round(2.0 * fs_hz) + 1) / fs_hz
    wave = sum((t * np.exp(-((t / s) ** 2)) / s**1.5 for s in WAVE_S), np.zeros(t.size))
    reach = t.size // 2
    power = np.convolve(np.pad(smooth - np.median(smooth), reach, mode="edge"), -wave[::-1], "valid")
    height = float(power.std(ddof=1))
    for row in find_peaks(power, round(APART_S * fs_hz)):
        if power[row] > height:
            yield int(row)


def _fast_moments(vertical: FloatArray, stillness: Stillness, fs_hz: float) -> Iterator[int]:
    """Rows where the velocity between two long rests peaks above 0.2 m/s: with a gyroscope it can be trusted."""
    borders = [0, *(row for rest in stillness.long for row in rest), vertical.size]
    for first, stop in zip(borders[::2], borders[1::2], strict=True):
        if stop - first > fs_hz * APART_S:
            velocity, _ = integrated(vertical[first:stop], fs_hz, stop < vertical.size and first > 0)
            for row in find_peaks(velocity, round(APART_S / 2.0 * fs_hz)):
                if velocity[row] > MIN_VELOCITY_M_S:
                    yield first + int(row)


def _stretch(
    current: Stretch | None, vertical: FloatArray, stillness: Stillness, row: int, fs_hz: float
) -> Stretch:
    """The integrated stretch around `row`; the current one when it covers it."""
    before = [stop for _, stop in stillness.long if stop < row]
    after = [first for first, _ in stillness.long if first > row]
    first = before[-1] if before and row - before[-1] <= STILL_AFTER_S * fs_hz else None
    at_rest = bool(after) and after[0] - row < STILL_AFTER_S * fs_hz
    stop = after[0] if at_rest else min(vertical.size, row + round(WITHOUT_STILL_S * fs_hz))
    start = 0 if first is None else first
    if current is not None and current.first <= start and stop <= current.stop:
        return current
    velocity, position = integrated(vertical[start:stop], fs_hz, at_rest and first is not None)
    return Stretch(start, stop, velocity, position)


def _stretch_after_rest(
    stretch: Stretch, vertical: FloatArray, stillness: Stillness, fs_hz: float
) -> Stretch | None:
    """What follows when the stretch ends in a rest, on the feet perhaps; None when it does not."""
    rests = [rest for rest in stillness.long if rest[0] >= stretch.stop]
    if not rests or rests[0][0] != stretch.stop or rests[0][1] >= vertical.size:
        return None
    first = rests[0][1]
    stop = rests[1][0] if len(rests) > 1 else min(vertical.size, first + round(WITHOUT_STILL_S * fs_hz))
    if stop - first < 2:
        return None
    velocity, position = integrated(vertical[first:stop], fs_hz, len(rests) > 1)
    return Stretch(first, stop, velocity, position)


def _rise(
    stretch: Stretch, stillness: Stillness, row: int, fs_hz: float, floor_share: float
) -> RiseSpan | None:
    at = row - stretch.first
    velocity, position = stretch.velocity, stretch.position
    if not 0 < at < velocity.size - 1 or velocity[at] < MIN_VELOCITY_M_S:
        return None
    floor = floor_share * _lobe_peak(velocity, at)
    resting = np.flatnonzero(velocity[: at + 1] <= floor)
    first = int(resting[-1]) + 1 if resting.size else 0
    rested = [stop - stretch.first for _, stop in stillness.all if stop < row]
    low, high = STILL_BEFORE_S
    if rested and low < (rested[-1] - first) / fs_hz < high:
        first = max(0, rested[-1])
    ended = np.flatnonzero(velocity[at:] <= floor)
    last = at + int(ended[0]) if ended.size else velocity.size - 1
    height = float(position[last] - position[first])
    plausible = (last - first) < MAX_RISE_S * fs_hz and (at - first) < PART_RATIO * (last - at)
    if first >= last or not plausible or height <= MIN_DISPLACEMENT_M:
        return None
    fastest = first + int(np.argmax(velocity[first : last + 1]))
    return RiseSpan(
        stretch.first + first,
        stretch.first + fastest,
        stretch.first + last,
        _descent(stretch, last, floor_share),
        height,
        float(velocity[fastest]),
        position[first : last + 1] - position[first],
    )


def _descent(stretch: Stretch, after: int, floor_share: float) -> tuple[int, int] | None:
    """The first real way down after row `after` of the stretch: from leaving the stand to the seat contact."""
    velocity = stretch.velocity[after:]
    down = np.flatnonzero(velocity < -MIN_VELOCITY_M_S)
    if not down.size:
        return None
    begun = int(down[0])
    if np.any(velocity[:begun] > MIN_VELOCITY_M_S):
        return None  # the next rise came first
    back = np.flatnonzero(velocity[begun:] >= 0.0)
    end = begun + int(back[0]) if back.size else velocity.size
    lowest = begun + int(np.argmin(velocity[begun:end]))
    floor = floor_share * float(velocity[lowest])
    standing = np.flatnonzero(velocity[:lowest] >= floor)
    stopped = np.flatnonzero(velocity[lowest:] >= floor)
    if not stopped.size:
        return None
    zero = stretch.first + after
    return zero + (int(standing[-1]) + 1 if standing.size else 0), zero + lowest + int(stopped[0])


def _lobe_peak(velocity: FloatArray, at: int) -> float:
    """The greatest speed of the upward lobe around row `at`."""
    before = np.flatnonzero(velocity[:at] <= 0.0)
    after = np.flatnonzero(velocity[at:] <= 0.0)
    first = int(before[-1]) + 1 if before.size else 0
    stop = at + int(after[0]) if after.size else velocity.size
    return float(velocity[first:stop].max())
