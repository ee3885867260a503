"""A walk, as long or short as it is: bouts, steps, turns, speed and regularity from one lower-back IMU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitsignal.bridging import BridgedSamples, bridge
from gaitsignal.events.legs import Leg
from gaitsignal.events.rhythm import Rhythm
from gaitsignal.events.walking import Walk, find_walk
from gaitsignal.measures.gait import gait_values
from gaitsignal.measures.gait_quality import gait_quality
from gaitsignal.measures.step_timing import step_timing
from gaitsignal.measures.uncertainty import standard_errors
from gaitsignal.quality import MIN_S, gravity_flags, record_flags
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Bout, Contact, Events, Flag, Measures, Turn, Value
from gaitsignal.worn_site import site_of

PROTOCOL = "walk"
SIDES_AGREE = 0.65
"""Share of steps whose own evidence must agree with forced alternation; the majority over a leg is right far
sooner than every single step is (open walks: 98-100 % right sides where 65-80 % agree)."""
AGREES_WITHIN_DEG = 60.0
"""A heading that can't tell front from back by itself is believed when it lies this near to the declared one."""
TURNED_NOTICE_DEG = 45.0
DOUBT_SE = 3.0
"""A stopwatch that differs from the sensor by more standard errors than this was started, stopped or noted wrongly."""
CLIPPED_KEYS = frozenset(
    {
        "walking_speed",
        "walking_speed_se",
        "steady_walking_speed",
        "stride_length",
        "stride_length_se",
        "vertical_excursion",
        "smoothness_ldlj",
        "local_divergence",
        "improved_harmonic_ratio_v",
        "improved_harmonic_ratio_ml",
        "improved_harmonic_ratio_ap",
    }
)


def run(recording: Recording) -> Measures:
    """Measures, events and flags of a walk; `usable` False always comes with a flag that rejects and says why.

    Notes
    -----
    Order: bridge losses of at most five samples, find the rhythm, the steps and the orientation of the
    sensor, leave out what lies at longer gaps, then measure the straight legs. Every number passes its own
    gate; one that fails is absent and a flag names the reason.
    """
    if not recording.measured.any():
        nothing = Flag("walk_too_short", "reject", {"duration_s": 0.0, "limit_s": MIN_S})
        return Measures(PROTOCOL, False, (*recording.remarks, nothing), {}, Events())
    samples = bridge(recording)
    flags = [*recording.remarks, *record_flags(recording, samples)]
    if site_of(recording) != "lower_back":
        flags.append(Flag("site_other", "warn", {"site": recording.site}))
    if _rejected(flags):
        return Measures(PROTOCOL, False, tuple(flags), {}, Events())
    walk = find_walk(samples, recording.fs_hz)
    if not isinstance(walk, Walk):
        return _nothing_found(recording, samples.acc, walk, flags)
    walk, orientation = _with_trusted_sides(walk, recording)
    walking = np.concatenate([walk.acc[leg.slice()] for leg in walk.legs] or [walk.acc])
    flags += [*gravity_flags(walk.rest, walking), *orientation, *_walk_flags(walk)]
    values, more = gait_values(walk, recording.fs_hz, recording.height_m)
    flags += more
    if not _rejected(flags):
        values, more = _with_quality(values, walk, samples, recording, flags)
        flags += more
    if any(flag.code == "clipped" for flag in flags):
        values = {key: value for key, value in values.items() if key not in CLIPPED_KEYS}
    usable = not _rejected(flags)
    return Measures(PROTOCOL, usable, tuple(flags), values if usable else {}, _events(walk, recording))


def _with_quality(
    values: dict[str, Value], walk: Walk, samples: BridgedSamples, recording: Recording, flags: list[Flag]
) -> tuple[dict[str, Value], list[Flag]]:
    """`values` with their standard errors and with how the walk was walked."""
    trained = not any(flag.code == "speed_extrapolated" for flag in flags)
    steps = step_timing(walk.legs, recording.fs_hz).step_s
    errors = standard_errors(values, steps, recording.height_m is not None, trained)
    quality, more = gait_quality(walk, samples, recording.fs_hz)
    timed, doubts = _timed({**values, **errors}, recording)
    return {**values, **timed, **errors, **quality}, more + doubts


def _timed(values: dict[str, Value], recording: Recording) -> tuple[dict[str, Value], list[Flag]]:
    """Speed by the stopwatch over a measured distance, with a doubt when the sensor saw another one."""
    trial = recording.trial
    if trial.distance_m is None:
        return {}, []
    if trial.watched_s is None:
        return {}, [Flag("marks_missing", "info", {"distance_m": f"{trial.distance_m:g}"})]
    timed = trial.distance_m / trial.watched_s
    flags = []
    if {"walking_speed", "walking_speed_se"} <= values.keys():
        sensed, error = values["walking_speed"].value, values["walking_speed_se"].value
        if abs(timed - sensed) > DOUBT_SE * error:
            flags.append(
                Flag("timed_speed_differs", "warn", {"timed": round(timed, 2), "sensed": round(sensed, 2)})
            )
    return {"timed_walking_speed": Value(timed, "m/s")}, flags


def _rejected(flags: list[Flag]) -> bool:
    return any(flag.severity == "reject" for flag in flags)


def _nothing_found(
    recording: Recording, acc: FloatArray, rhythm: Rhythm | None, flags: list[Flag]
) -> Measures:
    """Why there is no walk, with what was seen instead."""
    motion = float(np.linalg.norm(acc, axis=1).std())
    seen: dict[str, object] = {"duration_s": round(recording.duration_s, 1), "motion": round(motion, 2)}
    if rhythm is None:
        reason = Flag("no_walking_found", "reject", seen)
    else:
        reason = Flag("too_few_steps", "reject", seen | {"cadence": round(60.0 / rhythm.step_s)})
    return Measures(PROTOCOL, False, (*flags, reason), {}, Events())


def _with_trusted_sides(walk: Walk, recording: Recording) -> tuple[Walk, list[Flag]]:
    """The walk, without sides where front and back or left and right can't be told, and what was corrected."""
    worn = walk.worn
    flags = []
    if worn.upside_down or abs(worn.turned_deg) > TURNED_NOTICE_DEG or worn.tilt_deg > TURNED_NOTICE_DEG:
        seen = {"tilt_deg": round(worn.tilt_deg), "turned_deg": round(worn.turned_deg)}
        flags.append(Flag("orientation_corrected", "info", seen))
    agrees = recording.heading_known and abs(worn.turned_deg) <= AGREES_WITHIN_DEG and not worn.upside_down
    if not worn.forward_is_sure and not agrees:
        phase = {"phase_deg": round(worn.phase_deg), "coherence": round(worn.coherence, 2)}
        flags.append(Flag("orientation_unsure", "warn", phase))
    elif walk.sides_agree >= SIDES_AGREE:
        return walk, flags
    else:
        flags.append(Flag("sides_unsure", "warn", {"percent": round(100 * walk.sides_agree)}))
    legs = tuple(Leg(leg.rows, (None,) * len(leg.sides)) for leg in walk.legs)
    return replace(walk, legs=legs), flags


def _walk_flags(walk: Walk) -> list[Flag]:
    flags = [Flag("final_contacts_not_given", "info")]
    rhythm = walk.rhythm
    if rhythm.ambiguous:
        seen = {"cadence": round(60.0 / rhythm.step_s), "rival": round(60.0 / rhythm.rival_s)}
        flags.append(Flag("rhythm_ambiguous", "reject", seen))
    if walk.other_pace is not None:
        seen = {"cadence": round(60.0 / rhythm.step_s), "other": round(60.0 / walk.other_pace.step_s)}
        flags.append(Flag("second_pace", "warn", seen))
    if walk.withheld_count:
        flags.append(Flag("contacts_near_gaps", "warn", {"count": walk.withheld_count}))
    return flags


def _events(walk: Walk, recording: Recording) -> Events:
    def at_s(row: float) -> float:
        return recording.start_s + row / recording.fs_hz

    sides = {float(row): side for leg in walk.legs for row, side in zip(leg.rows, leg.sides, strict=True)}
    rows = np.sort(np.concatenate([train.rows for train in walk.trains]))
    contacts = tuple(Contact(at_s(float(row)), sides.get(float(row))) for row in rows)
    bouts = tuple(Bout(at_s(first), at_s(last)) for first, last in walk.bouts)
    turns = tuple(Turn(at_s(t.first), at_s(t.stop), t.angle_deg, t.peak_deg_per_s) for t in walk.turns)
    return Events(contacts, (), bouts, turns)
