"""Standing up and sitting down around a walk: where the body tilts between a seat and being upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.attitude import Attitude
from gaitsignal.bridging import true_runs
from gaitsignal.filters import lowpass
from gaitsignal.recording import BoolArray, FloatArray

TILT_HZ = {"thigh": 1.0, "lower_back": 2.0}
"""A thigh swings with every stride and its seat lasts; the lean of a trunk is a pulse of a second."""
STILL_SHARE, STILL_LIMITS_DEG_S, STILL_S = 0.25, (8.0, 30.0), 0.4
"""Still: rotation below a quarter of that while walking, for 0.4 s."""
ENVELOPE_HZ = 1.5
EDGE_S = 0.3
"""The first and last 0.3 s of a recording count as a rest: somebody may sit until it starts, or from its end."""
TRANSITION_DEG = {"thigh": 18.0, "lower_back": 12.0}
"""Thigh: tilt between sitting and walking (28-82 deg in 24 real tests). Lower back: lean of the trunk while
rising, against the mean while walking; setting off from standing leans it by 10 deg at most (62 real walks)."""
LOOK_S = 25.0
NEAR_S, HOLD_S, PACE_LOOK_S = 0.5, 0.7, 1.0
DONE_SHARE = 0.4
"""A thigh is amid its change when 40 % of the way from where it came is done: early enough not to wait for a
thigh that stays bent, late enough to pass over its swing while walking."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A still stretch [first, stop) of rows and the vertical in sensor axes (3,) during it."""

    first: int
    stop: int
    up: FloatArray


@dataclass(frozen=True, slots=True)
class Transition:
    """A change between sitting and being upright.

    seat      the rest on the seat
    middle    row amid the change: two fifths of the way of a thigh; half of the first (rise) or last (descent)
              lean of a trunk
    lean_row  row of the largest tilt against upright
    lean_deg  that tilt
    seat_deg  tilt of the rest on the seat against upright
    pace_s    time the whole tilt would take at its greatest rate: how fast this person moves
    """

    seat: Rest
    middle: int
    lean_row: int
    lean_deg: float
    seat_deg: float
    pace_s: float


@dataclass(frozen=True, slots=True)
class Posture:
    """What transitions are sought in: attitude, rests in time order, where the sensor is worn."""

    attitude: Attitude
    rests: tuple[Rest, ...]
    site: str
    fs_hz: float

    def tilt_from(self, direction: FloatArray) -> FloatArray:
        """(n,) degrees from a direction (3,), low-passed as befits the site."""
        return lowpass(self.attitude.angle_from(direction), TILT_HZ[self.site], self.fs_hz, order=2)


def rotation_envelope(gyr: FloatArray, fs_hz: float) -> FloatArray:
    """(n,) RMS rotation rate in deg/s of gyr (n, 3) rad/s, smoothed at 1.5 Hz."""
    power = lowpass(np.sum(gyr**2, axis=1), ENVELOPE_HZ, fs_hz, order=2)
    return np.degrees(np.sqrt(np.maximum(power, 0.0)))


def find_rests(
    attitude: Attitude, envelope: FloatArray, walking_deg_s: float, fs_hz: float
) -> tuple[Rest, ...]:
    """Still stretches against a walk that rotates by `walking_deg_s` (RMS), and both ends of the recording."""
    still = envelope < float(np.clip(STILL_SHARE * walking_deg_s, *STILL_LIMITS_DEG_S))
    edge = max(1, round(EDGE_S * fs_hz))
    still[:edge] = still[-edge:] = True
    runs = [
        run for run in true_runs(still) if run[1] - run[0] >= STILL_S * fs_hz or _at_edge(run, still.size)
    ]
    return tuple(Rest(first, stop, attitude.up[first:stop].mean(axis=0)) for first, stop in runs)


def _at_edge(run: tuple[int, int], n: int) -> bool:
    return run[0] == 0 or run[1] == n


def rise_before(posture: Posture, row: int) -> Transition | None:
    """The last rise from a seat before `row`, where somebody walks upright; None when there is none.

    Notes
    -----
    From the rest next to `row` backwards: the first one that a tilt of `TRANSITION_DEG` separates from the
    walk. A rest on the thigh must itself be tilted that much, so that standing still is no seat.
    """
    width = round(posture.fs_hz)
    upright = posture.attitude.up[max(0, row - width) : max(1, row)].mean(axis=0)
    tilt = posture.tilt_from(upright)
    earliest, after = row - LOOK_S * posture.fs_hz, row
    for rest in reversed(posture.rests):
        if rest.first >= row or rest.stop < earliest:
            continue
        stop = min(rest.stop, row)
        if stop < after and _is_seat(posture, tilt, rest.first, stop, after):
            return _rise(posture, tilt, Rest(rest.first, stop, rest.up), after)
        after = rest.first
    return None


def descent_after(posture: Posture, row: int, upright_rows: slice) -> Transition | None:
    """The first descent to a seat after `row`; `upright_rows` show how upright is; contract of `rise_before`."""
    tilt = posture.tilt_from(posture.attitude.up[upright_rows].mean(axis=0))
    latest, before = row + LOOK_S * posture.fs_hz, row
    for rest in posture.rests:
        if rest.stop <= row or rest.first > latest:
            continue
        first = max(rest.first, row)
        if first > before and _is_seat(posture, tilt, first, rest.stop, before):
            return _descent(posture, tilt, Rest(first, rest.stop, rest.up), before)
        before = rest.stop
    return None


def _is_seat(posture: Posture, tilt: FloatArray, first: int, stop: int, walk_row: int) -> bool:
    limit = TRANSITION_DEG[posture.site]
    between = tilt[min(stop, walk_row) : max(first, walk_row)]
    if posture.site == "thigh":
        return float(np.median(tilt[first:stop])) >= limit
    return bool(between.size) and float(between.max()) >= limit


def _rise(posture: Posture, tilt: FloatArray, seat: Rest, upright_row: int) -> Transition:
    span = slice(seat.stop, upright_row)
    lean_row = seat.stop + int(np.argmax(tilt[span]))
    seated = float(np.median(tilt[seat.first : seat.stop]))
    if posture.site == "thigh":
        middle = _last(tilt[:upright_row] >= (1.0 - DONE_SHARE) * seated)
    else:
        away = posture.tilt_from(_vertical_near(posture, seat.stop, -1))[seat.stop : lean_row + 1]
        middle = seat.stop + _first(away >= 0.5 * away.max())
    way = seated if posture.site == "thigh" else float(tilt[lean_row])
    pace_s = _pace_s(tilt, middle, way, posture.fs_hz)
    return Transition(seat, middle, lean_row, float(tilt[lean_row]), seated, pace_s)


def _descent(posture: Posture, tilt: FloatArray, seat: Rest, upright_row: int) -> Transition:
    span = slice(upright_row, seat.first)
    lean_row = upright_row + int(np.argmax(tilt[span]))
    seated = float(np.median(tilt[seat.first : seat.stop]))
    if posture.site == "thigh":
        middle = upright_row + _first_held(
            tilt[upright_row:] >= DONE_SHARE * seated, round(HOLD_S * posture.fs_hz)
        )
    else:
        away = posture.tilt_from(_vertical_near(posture, seat.first, 1))[lean_row : seat.first]
        middle = lean_row + _last(away >= 0.5 * away.max())
    way = seated if posture.site == "thigh" else float(tilt[lean_row])
    pace_s = _pace_s(tilt, middle, way, posture.fs_hz)
    return Transition(seat, middle, lean_row, float(tilt[lean_row]), seated, pace_s)


def _pace_s(tilt: FloatArray, middle: int, way_deg: float, fs_hz: float) -> float:
    near = tilt[max(0, middle - round(PACE_LOOK_S * fs_hz)) : middle + round(PACE_LOOK_S * fs_hz)]
    return way_deg / max(float(np.abs(np.gradient(near)).max()) * fs_hz, 1e-9)


def _vertical_near(posture: Posture, row: int, side: int) -> FloatArray:
    """(3,) vertical over half a second before (-1) or after (+1) `row`."""
    width = round(NEAR_S * posture.fs_hz)
    rows = slice(max(0, row - width), max(1, row)) if side < 0 else slice(row, row + width)
    mean: FloatArray = posture.attitude.up[rows].mean(axis=0)
    return mean


def _first(mask: BoolArray) -> int:
    return int(np.argmax(mask))


def _last(mask: BoolArray) -> int:
    return int(mask.size - 1 - np.argmax(mask[::-1]))


def _first_held(mask: BoolArray, rows: int) -> int:
    """The first row from which the mask holds for `rows`, else its first True."""
    held = [first for first, stop in true_runs(mask) if stop - first >= rows]
    return held[0] if held else _first(mask)
