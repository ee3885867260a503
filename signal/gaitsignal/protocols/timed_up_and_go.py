"""Timed up and go: rise from a chair, walk 3 m, turn, walk back, turn and sit down; lower back or thigh."""

from __future__ import annotations

from itertools import pairwise

from gaitsignal.attitude import Attitude, track_attitude
from gaitsignal.events.tug_phases import MAX_TEST_S, Sighting, TugEvents, find_tug
from gaitsignal.measures.tug import PHASE_KEYS, tug_values
from gaitsignal.protocols.timed_gates import (
    TimedSamples,
    gap_flags,
    open_recording,
    refused,
    rejected,
)
from gaitsignal.recording import Recording
from gaitsignal.result import Events, Flag, Measures, Phase, Turn
from gaitsignal.worn_site import site_of

PROTOCOL = "timed_up_and_go"
PHASES = ("stand_up", "walk_1", "turn_1", "walk_2", "turn_2", "sit_down")
NOTHING = Events(phases=())
THIGH_CALIBRATED_S = 16.0
"""The lags between thigh and video come from tests of 8-11 s; half as long again is thought to be like them."""
THIGH_LIKE_DEG = 40.0
"""No lower back is tilted that much by sitting alone; a thigh nearly always is."""


def run(recording: Recording) -> Measures:
    """Total, phases, turns and leans of the first complete test in the recording.

    Notes
    -----
    Set-up: chair of 43-45 cm, 3 m, usual pace, sensor on the lower back or the thigh in any orientation
    (`Recording.site`). Standing, walking and sitting before and after the test are passed over. A recording without
    a rise, two turns of about 180 deg with walking between them and a descent, in this order, is `not_a_tug`;
    one with a hole over 0.25 s inside the test is refused. `usable` False leaves no values.
    """
    site = site_of(recording)
    if site is None:
        where = Flag("site_not_supported", "reject", {"site": recording.site[:40]})
        return refused(PROTOCOL, recording, [where], NOTHING)
    samples, flags = open_recording(recording)
    if samples is None or rejected(flags):
        return refused(PROTOCOL, recording, flags, NOTHING)
    if not samples.gyr.any():
        return refused(PROTOCOL, recording, [*flags, Flag("gyro_silent", "reject")], NOTHING)
    attitude = track_attitude(samples.acc, samples.gyr, recording.fs_hz)
    found, site = _found(samples, attitude, site, recording.fs_hz)
    if site != site_of(recording) and not isinstance(found, Sighting):
        seen = {"tilt_deg": round(found[0].rise.seat_deg)}
        flags.append(Flag("site_looks_like_thigh", "warn", seen))
    if isinstance(found, Sighting):
        flags += [*gap_flags(recording, samples, 0, recording.n), _not_a_tug(recording, found)]
        return refused(PROTOCOL, recording, flags, NOTHING)
    tug = found[0]
    flags += _test_flags(recording, samples, tug, site)
    if len(found) > 1:
        flags.append(Flag("tug_several", "warn", {"count": len(found)}))
    if rejected(flags):
        return refused(PROTOCOL, recording, flags, NOTHING)
    return _measured(recording, samples, attitude, tug, site, flags)


def _measured(
    recording: Recording,
    samples: TimedSamples,
    attitude: Attitude,
    tug: TugEvents,
    site: str,
    flags: list[Flag],
) -> Measures:
    values = tug_values(tug, samples.gyr, attitude, site, recording.fs_hz)
    phases: tuple[Phase, ...] = ()
    if any(b <= a for a, b in pairwise(tug.borders)):
        flags = [*flags, Flag("phases_unclear", "warn")]
        values = {key: value for key, value in values.items() if key not in PHASE_KEYS}
    else:
        times = [recording.start_s + row / recording.fs_hz for row in tug.borders]
        phases = tuple(Phase(name, *span) for name, span in zip(PHASES, pairwise(times), strict=True))
    events = Events(turns=_turns(recording, tug), phases=phases)
    return Measures(PROTOCOL, True, (*recording.remarks, *flags), values, events)


def _found(
    samples: TimedSamples, attitude: Attitude, site: str, fs_hz: float
) -> tuple[list[TugEvents] | Sighting, str]:
    """The tests and the site by whose rules they were found: a thigh's when the seats look like one."""
    found = find_tug(samples.acc, samples.gyr, attitude, "thigh", fs_hz)
    if site == "thigh" or (not isinstance(found, Sighting) and _lies_like_a_thigh(found[0])):
        return found, "thigh"
    return find_tug(samples.acc, samples.gyr, attitude, site, fs_hz), site


def _lies_like_a_thigh(tug: TugEvents) -> bool:
    return min(tug.rise.seat_deg, tug.descent.seat_deg) >= THIGH_LIKE_DEG


def _turns(recording: Recording, tug: TugEvents) -> tuple[Turn, ...]:
    spans = ((tug.borders[2], tug.borders[3]), (tug.borders[4], tug.borders[5]))
    return tuple(
        Turn(
            recording.start_s + first / recording.fs_hz,
            recording.start_s + stop / recording.fs_hz,
            turn.angle_deg,
            turn.peak_deg_per_s,
        )
        for turn, (first, stop) in zip(tug.turns, spans, strict=True)
    )


def _test_flags(recording: Recording, samples: TimedSamples, tug: TugEvents, site: str) -> list[Flag]:
    first, last = tug.borders[0], tug.borders[-1]
    flags = gap_flags(recording, samples, first, last)
    total_s = (last - first) / recording.fs_hz
    if total_s > MAX_TEST_S:
        flags.append(Flag("tug_too_long", "reject", {"total_s": round(total_s), "limit_s": MAX_TEST_S}))
    elif site == "thigh" and total_s > THIGH_CALIBRATED_S:
        flags.append(Flag("tug_thigh_slow", "warn", {"total_s": round(total_s, 1)}))
    return flags


def _not_a_tug(recording: Recording, seen: Sighting) -> Flag:
    fields: dict[str, object] = {
        "half_turns": seen.half_turns,
        "rise": int(seen.rise),
        "descent": int(seen.descent),
        "duration_s": round(recording.duration_s, 1),
    }
    return Flag("not_a_tug", "reject", fields)
