"""What a plot shows of a recording: the signals as the protocol saw them, in the frame of the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gaitsignal.bridging import BridgedSamples
    from gaitsignal.recording import Recording

FloatArray = npt.NDArray[np.float64]
MIN_ROWS = 50
"""Fewer rows are drawn as they are: no filter runs over them."""
STANCES = ("quiet_stance",)
COLUMNS = 2000
"""Finer than the pixels of a plot."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One signal over time: `name` (a key of words.yaml), `unit`, values (n,) with NaN where nothing was measured."""

    name: str
    unit: str
    y: FloatArray


@dataclass(frozen=True, slots=True)
class Traces:
    """The signals of a recording on its time axis (n,) in s, and the stretches [start, end) s that were lost.

    plane   (n, 2) sway, ML right and AP forward in m/s2, for a stance; None otherwise
    """

    time_s: FloatArray
    lanes: tuple[Lane, ...]
    lost: tuple[tuple[float, float], ...]
    plane: FloatArray | None = None


def traces(recording: Recording, document: Mapping[str, Any]) -> Traces:
    """The signals of `recording`; `document` is its measures document, which says the protocol and what was found."""
    from gaitsignal.bridging import bridge, true_runs

    time_s = recording.time_s
    step = 1.0 / recording.fs_hz
    lost = _joined(
        [
            (float(time_s[first]), float(time_s[stop - 1]) + step)
            for first, stop in true_runs(~recording.measured)
        ],
        recording.duration_s / COLUMNS,
    )
    seen = recording.measured
    if int(seen.sum()) < MIN_ROWS or recording.n < MIN_ROWS:
        return Traces(time_s, _lanes(recording.acc, np.degrees(recording.gyr[:, 0]), seen), lost)
    samples = bridge(recording)
    if document["protocol"] in STANCES:
        return _stance(recording, samples, time_s, lost)
    if document["events"]["initial_contacts"]:
        return Traces(time_s, _walking(samples, recording), lost)
    return Traces(time_s, _moving(samples, recording), lost)


def _joined(spans: list[tuple[float, float]], apart_s: float) -> tuple[tuple[float, float], ...]:
    """Spans, those less than `apart_s` apart as one: nobody could see the difference."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < apart_s:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _lanes(acc: FloatArray, yaw_deg_s: FloatArray, shown: npt.NDArray[np.bool_]) -> tuple[Lane, ...]:
    columns = [np.where(shown, column, np.nan) for column in (*acc.T, yaw_deg_s)]
    names = (("up", "m/s2"), ("right", "m/s2"), ("forward", "m/s2"), ("yaw", "deg/s"))
    return tuple(Lane(name, unit, y) for (name, unit), y in zip(names, columns, strict=True))


def _walking(samples: BridgedSamples, recording: Recording) -> tuple[Lane, ...]:
    """In the frame of the walk, as the steps were found."""
    from gaitsignal.events.walking import Walk, find_walk

    walk = find_walk(samples, recording.fs_hz)
    if not isinstance(walk, Walk):
        return _moving(samples, recording)
    bias = np.zeros(3) if walk.rest is None else walk.rest.gyr
    yaw = np.degrees((samples.gyr - bias) @ walk.worn.rotation[0])
    return _lanes(walk.acc, yaw, ~samples.open_rows)


def _moving(samples: BridgedSamples, recording: Recording) -> tuple[Lane, ...]:
    """Along the vertical of every moment, turning about it, and the lean away from rest.

    Where forward is not known, the two level directions are drawn as one size.
    """
    from gaitsignal.attitude import track_attitude
    from gaitsignal.frames import vertical_alignment
    from gaitsignal.stillness import find_rest
    from gaitsignal.worn_site import site_of

    shown = ~samples.open_rows
    rest = find_rest(samples.acc, samples.gyr, shown, recording.fs_hz)
    still, bias = (samples.acc[shown].mean(axis=0), np.zeros(3)) if rest is None else (rest.acc, rest.gyr)
    if not np.linalg.norm(still) > 0:
        return _lanes(samples.acc, np.degrees(samples.gyr[:, 0]), shown)
    attitude = track_attitude(samples.acc, samples.gyr - bias, recording.fs_hz)
    alignment = vertical_alignment(still)
    upright = _upright(alignment.apply(samples.acc), alignment.apply(attitude.up))
    up, right, forward, yaw = _lanes(upright, attitude.yaw_deg_s, shown)
    lanes = [up, Lane("level", "m/s2", np.hypot(right.y, forward.y)), yaw]
    if recording.heading_known and site_of(recording) == "lower_back":
        lanes = [up, right, forward, yaw]
    if np.ptp(samples.gyr) > 0:  # without a gyroscope a lean can't be told from an acceleration
        lanes.append(Lane("lean", "deg", np.where(shown, attitude.angle_from(still), np.nan)))
    return tuple(lanes)


def _upright(acc: FloatArray, up: FloatArray) -> FloatArray:
    """(n, 3) samples, each turned the shortest way that puts its own vertical (n, 3) on V."""
    from gaitsignal.frames import UP

    axis = np.cross(up, UP)
    cosine = up[:, :1]
    along = np.sum(axis * acc, axis=1, keepdims=True) / np.maximum(1.0 + cosine, 1e-3)
    turned: FloatArray = cosine * acc + np.cross(axis, acc) + axis * along
    return turned


def _stance(
    recording: Recording, samples: BridgedSamples, time_s: FloatArray, lost: tuple[tuple[float, float], ...]
) -> Traces:
    """The longest whole stretch on its own mean gravity; sway after the low-pass of the measures."""
    from gaitsignal.filters import lowpass
    from gaitsignal.frames import AP, ML, vertical_alignment
    from gaitsignal.measures.sway import LOWPASS_HZ
    from gaitsignal.protocols.stance_gates import unbroken_piece

    piece, _ = unbroken_piece(recording)
    mean = piece.acc.mean(axis=0)
    if piece.acc.shape[0] < MIN_ROWS or not np.linalg.norm(mean) > 0:
        return Traces(time_s, _moving(samples, recording), lost)
    first = round((piece.start_s - recording.start_s) * recording.fs_hz)
    rows = slice(first, first + piece.acc.shape[0])
    alignment = vertical_alignment(mean)
    acc = np.full((recording.n, 3), np.nan)
    acc[rows] = alignment.apply(piece.acc)
    smooth = lowpass(acc[rows], LOWPASS_HZ, recording.fs_hz)
    acc[rows, ML], acc[rows, AP] = (smooth[:, axis] - smooth[:, axis].mean() for axis in (ML, AP))
    yaw = np.degrees(alignment.apply(samples.gyr - piece.gyr.mean(axis=0))[:, 0])
    shown = np.isfinite(acc[:, 0])
    up, right, forward, turning = _lanes(acc, yaw, shown)
    names = ("sway_right", "sway_forward") if recording.heading_known else ("sway_1", "sway_2")
    sideways = (Lane(name, lane.unit, lane.y) for name, lane in zip(names, (right, forward), strict=True))
    lanes = (up, *sideways, turning)
    return Traces(time_s, lanes, lost, acc[:, [ML, AP]])
