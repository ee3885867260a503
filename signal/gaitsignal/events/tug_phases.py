"""The six phases of a timed up and go, with borders as people annotate them on video."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaitsignal.attitude import Attitude
from gaitsignal.events.about_turns import AboutTurn, about_turns
from gaitsignal.events.movement_edges import onset_row, settling_rows
from gaitsignal.events.postural import (
    Posture,
    Transition,
    descent_after,
    find_rests,
    rise_before,
    rotation_envelope,
)
from gaitsignal.recording import FloatArray

TURN_SHARE = 0.15
"""A turn begins and ends for an onlooker when 15 % of it are done, or left."""
SEAT_TURN_SHARE = 0.18
"""The turn in front of the chair ends where sitting begins, a little before the body has come round."""
UPRIGHT_SHARE = 0.3
PAUSE_SHARE = 0.4
LONGEST_TRANSITION_S, LONGEST_TRANSITION_SHARE = 5.0, 0.35
LEG_RATIO, LEG_SLACK_S = 3.0, 2.0
"""Rising or sitting never takes over 5 s and over 35 % of the test, and both ways are the same 3 m: everyday
movement with a chair at either end and two turns in it is told apart by these."""
MAX_TEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Lags:
    """How a site's movement lies in time against what is seen on video, in seconds.

    onset    of the rise, after what the sensor shows (negative: the trunk leans before the thigh moves)
    upright  after the middle of the rise, for a pace of at most `UPRIGHT_PACE_S`, longer for slower people;
             None: where the lean has fallen to 30 %
    seated   after the middle of the descent: a constant, a share of the pace, a share of the time to stillness
    """

    onset: float
    upright: float | None
    seated: tuple[float, float, float]


UPRIGHT_PACE_S = 1.1
LAGS = {"thigh": Lags(-0.07, 0.52, (-0.2, 0.3, 0.7)), "lower_back": Lags(0.0, None, (0.0, 0.0, 1.0))}
"""Thigh: 24 tests of 12 people against video; errors when each person is left out in turn, RMSE: start 0.17 s,
upright 0.15 s, seated 0.29 s. Lower back: definitions alone, no reference was at hand."""


@dataclass(frozen=True, slots=True)
class TugEvents:
    """Rows (fractions allowed) of the borders of a timed up and go, its turns and its two transitions.

    borders   start, upright, turn 1 start and end, turn 2 start and end, seated
    """

    borders: tuple[float, float, float, float, float, float, float]
    turns: tuple[AboutTurn, AboutTurn]
    rise: Transition
    descent: Transition


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a test that is not complete: half turns, whether a rise before and a descent after them."""

    half_turns: int
    rise: bool = False
    descent: bool = False


def find_tug(
    acc: FloatArray, gyr: FloatArray, attitude: Attitude, site: str, fs_hz: float
) -> list[TugEvents] | Sighting:
    """Every complete test in time order, or what was seen instead.

    Notes
    -----
    Structure decides: two turns of about 180 deg with walking between them, the first after a rise from a seat,
    the second before a descent to one. acc (n, 3) m/s2 and gyr (n, 3) rad/s without bias, in sensor axes.
    """
    turns = about_turns(attitude.yaw_deg_s, fs_hz)
    envelope = rotation_envelope(gyr, fs_hz)
    found, best = [], Sighting(len(turns))
    for one, two in pairwise(turns):
        between = slice(one.stop, max(two.first, one.stop + 1))
        rests = find_rests(attitude, envelope, float(np.median(envelope[between])), fs_hz)
        posture = Posture(attitude, rests, site, fs_hz)
        if _paused(posture, between):
            continue
        rise = rise_before(posture, one.first)
        descent = descent_after(posture, two.row_at(0.5), between)
        if rise is not None and descent is not None:
            tug = _tug(acc, gyr, posture, (one, two), (rise, descent))
            if _in_proportion(tug, fs_hz):
                found.append(tug)
        if (rise is not None) + (descent is not None) > best.rise + best.descent:
            best = Sighting(len(turns), rise is not None, descent is not None)
    return found or best


def _in_proportion(tug: TugEvents, fs_hz: float) -> bool:
    start, upright, *_, turned, end = (row / fs_hz for row in tug.borders)
    out, back = ((tug.borders[i + 1] - tug.borders[i]) / fs_hz for i in (1, 3))
    longest = max(LONGEST_TRANSITION_S, LONGEST_TRANSITION_SHARE * (end - start))
    legs = max(out, back) <= LEG_RATIO * max(0.0, min(out, back)) + LEG_SLACK_S
    return legs and max(upright - start, end - turned) <= longest


def _paused(posture: Posture, between: slice) -> bool:
    """Two turns with rest for two fifths of the time between them are no walk back."""
    resting = sum(
        max(0, min(rest.stop, between.stop) - max(rest.first, between.start)) for rest in posture.rests
    )
    return bool(resting > PAUSE_SHARE * (between.stop - between.start))


def _tug(
    acc: FloatArray,
    gyr: FloatArray,
    posture: Posture,
    turns: tuple[AboutTurn, AboutTurn],
    transitions: tuple[Transition, Transition],
) -> TugEvents:
    rise, descent = transitions
    lags, fs_hz = LAGS[posture.site], posture.fs_hz
    start = onset_row(gyr, rise.middle, fs_hz) + lags.onset * fs_hz
    constant, of_pace, of_settling = lags.seated
    end = descent.middle + (constant + of_pace * descent.pace_s) * fs_hz
    end += of_settling * settling_rows(acc, gyr, descent.middle, fs_hz)
    one, two = turns
    borders = (
        start,
        _upright_row(posture, rise, one.first, lags),
        float(one.row_at(TURN_SHARE)),
        float(one.row_at(1.0 - TURN_SHARE)),
        float(two.row_at(TURN_SHARE)),
        float(two.row_at(1.0 - SEAT_TURN_SHARE)),
        end,
    )
    return TugEvents(borders, turns, rise, descent)


def _upright_row(posture: Posture, rise: Transition, turn_row: int, lags: Lags) -> float:
    if lags.upright is not None:
        return rise.middle + lags.upright * max(1.0, rise.pace_s / UPRIGHT_PACE_S) * posture.fs_hz
    width = round(posture.fs_hz)
    upright = posture.attitude.up[max(0, turn_row - width) : max(1, turn_row)].mean(axis=0)
    tilt = posture.tilt_from(upright)[rise.lean_row :]
    low = np.flatnonzero(tilt <= UPRIGHT_SHARE * rise.lean_deg)
    return float(rise.lean_row + (int(low[0]) if low.size else 0))
