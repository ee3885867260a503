"""How long somebody held a stance: the still stretches of a recording, and the one that is the hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import BridgedSamples, true_runs
from gaitsignal.recording import BoolArray, FloatArray

WINDOW_S = 0.4
"""Long enough that the sway of a stance averages out, short enough for a single step."""
EDGE_WINDOW_S = 0.1
ACC_LIMIT, GYR_LIMIT = 1.0, 0.6
"""SD of the acceleration vector, m/s2, and RMS rate, rad/s, beyond which somebody steps or catches himself. Own
measurement in 63 recordings: nine of ten rests stay below 0.5 and 0.25, steps of a walk at 0.26 m/s are at 1.2."""
MIN_STILL_S = 0.5
"""A shorter stretch between two movements is a part of them."""
MIN_MOVE_S = 0.2
"""A shorter burst is a knock on the sensor."""
RIVAL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows [first, stop) of the hold.

    begun       a movement was seen before it, else the recording starts in the stance
    lost        a movement ended it, else the recording does
    rival_s     lengths in s of other still stretches at least half as long
    moving_s    seconds of movement in the recording
    """

    first: int
    stop: int
    begun: bool
    lost: bool
    rival_s: tuple[float, ...]
    moving_s: float


def find_hold(samples: BridgedSamples, fs_hz: float, started: float | None = None) -> Hold | None:
    """The longest still stretch, or the first that goes on after row `started`; None when nobody stood still.

    Notes
    -----
    Movement is where the acceleration vector spreads by more than 1.0 m/s2 or the rate has an RMS over 0.6 rad/s
    within 0.4 s; its borders are then read within 0.1 s. The stretch is the longest because quiet standing before
    and after a stance can't be told from it: others that are half as long are named.
    """
    moving = _movement(samples, fs_hz)
    runs = [run for run in true_runs(~moving) if run[1] - run[0] >= MIN_STILL_S * fs_hz]
    if started is not None:
        runs = [(max(first, round(started)), stop) for first, stop in runs if stop > started]
        runs = runs[:1]
    if not runs:
        return None
    first, stop = max(runs, key=lambda run: run[1] - run[0])
    rivals = [run for run in runs if run != (first, stop) and run[1] - run[0] >= RIVAL_SHARE * (stop - first)]
    return Hold(
        first=first,
        stop=stop,
        begun=first > 0,
        lost=stop < moving.size,
        rival_s=tuple((b - a) / fs_hz for a, b in rivals),
        moving_s=float(moving.sum()) / fs_hz,
    )


def _movement(samples: BridgedSamples, fs_hz: float) -> BoolArray:
    """(n,) True where the person moves, borders to a tenth of a second."""
    gyr = samples.gyr - np.median(samples.gyr[~samples.open_rows], axis=0)
    wide = _activity(samples.acc, gyr, round(WINDOW_S * fs_hz)) > 1.0
    near = _activity(samples.acc, gyr, round(EDGE_WINDOW_S * fs_hz)) > 0.5
    moving = np.zeros(wide.size, dtype=bool)
    for first, stop in true_runs(wide):
        inside = np.flatnonzero(near[first:stop])
        if inside.size and inside[-1] + 1 - inside[0] >= MIN_MOVE_S * fs_hz:
            moving[first + inside[0] : first + inside[-1] + 1] = True
    for first, stop in true_runs(~moving):
        if first > 0 and stop < moving.size and stop - first < MIN_STILL_S * fs_hz:
            moving[first:stop] = True
    return moving


def _activity(acc: FloatArray, gyr: FloatArray, width: int) -> FloatArray:
    """(n,) spread of acceleration and size of rotation around every row, 1 at the limit of the larger one."""
    kernel = np.full(max(2, width), 1.0 / max(2, width))
    share = np.convolve(np.ones(acc.shape[0]), kernel, mode="same")

    def mean(x: FloatArray) -> FloatArray:
        smooth: FloatArray = np.convolve(x, kernel, mode="same") / share
        return smooth

    centred = acc - acc.mean(axis=0)
    variance = sum((mean(column**2) - mean(column) ** 2 for column in centred.T), np.zeros(acc.shape[0]))
    turning = mean(np.sum(gyr**2, axis=1))
    spread: FloatArray = np.sqrt(np.maximum(variance, 0.0)) / ACC_LIMIT
    return np.maximum(spread, np.sqrt(turning) / GYR_LIMIT)
