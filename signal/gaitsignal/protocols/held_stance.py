"""One held stance: how long it was held, and the sway while it was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import BridgedSamples, bridge, true_runs
from gaitsignal.events.holds import Hold, find_hold
from gaitsignal.filters import lowpass
from gaitsignal.frames import AP, ML, vertical_alignment
from gaitsignal.measures.hold_catalogue import UNITS
from gaitsignal.measures.sway import LOWPASS_HZ, sway
from gaitsignal.protocols.stance_gates import MIN_S, rate_flags, rejected, sensor_flags
from gaitsignal.protocols.stance_sway import alignment_flags, sway_values
from gaitsignal.protocols.timed_gates import TimedSamples, gap_flags, refused
from gaitsignal.recording import Recording
from gaitsignal.result import Events, Flag, Measures, Value
from gaitsignal.worn_site import site_of

SETTLE_S = 0.5
"""Left out of the sway next to a movement: the 3.5 Hz low-pass rings that long."""
WALKING_S, WALKING_SHARE = 5.0, 0.5
"""Movement beyond both is no catching of balance but a walk."""
AGREE_S = 0.5
"""A watch and the sensor that differ by more saw different things."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the assessor marked on the recording's own clock, s: the start, and an early stop (support used, foot
    moved, eyes opened, trunk leaned over 45 deg). None where nothing was marked."""

    started_s: float | None = None
    stopped_s: float | None = None


def held_stance(recording: Recording, protocol: str, limit_s: float, watch: Watch | None = None) -> Measures:
    """`hold_time` up to `limit_s`, and the sway set of the held part when it lasted 3 s.

    Notes
    -----
    The hold is the longest stretch without a step (events/holds.py). A mark of the assessor beats the sensor:
    many ends of a stance (a hand on the wall, a foot put down softly, eyes opened) can't be seen from the lower
    back. ValueError when a mark lies outside the recording or they are in the wrong order.
    """
    watch = watch or Watch(recording.trial.started_s, recording.trial.stopped_s)
    _check_marks(watch, recording)
    measured_s = float(recording.measured.sum()) / recording.fs_hz
    if measured_s < MIN_S - 0.5 / recording.fs_hz:
        seen = {"duration_s": round(measured_s, 2), "limit_s": MIN_S}
        return refused(protocol, recording, [Flag("stance_too_short", "reject", seen)], Events())
    samples = bridge(recording)
    started = None if watch.started_s is None else (watch.started_s - recording.start_s) * recording.fs_hz
    hold = find_hold(samples, recording.fs_hz, started)
    flags = _record_flags(recording) + _movement_flags(hold, recording)
    if hold is None or rejected(flags):
        return refused(protocol, recording, flags, Events())
    first, stop, more = _timed(hold, recording, limit_s, watch)
    timed = TimedSamples(samples.acc, samples.gyr, None, samples)
    flags += [*more, *gap_flags(recording, timed, first, stop)]
    if samples.filled_count:
        flags.append(Flag("gap_filled", "warn", {"samples": samples.filled_count}))
    if rejected(flags):
        return refused(protocol, recording, flags, Events())
    held = Value((stop - first) / recording.fs_hz, UNITS["hold_time"])
    sway_part, more = _sway(samples, hold, stop, recording, {flag.code for flag in flags})
    values = {"hold_time": held} | sway_part
    return Measures(protocol, True, (*recording.remarks, *flags, *more), values, Events())


def _record_flags(recording: Recording) -> list[Flag]:
    """Rate, gravity, the sensor itself and where it was worn."""
    flags = rate_flags(recording.fs_hz) + sensor_flags(recording.acc[recording.measured], recording.fs_hz)
    if site_of(recording) != "lower_back":
        flags.append(Flag("site_other", "warn", {"site": recording.site}))
    return flags


def _check_marks(watch: Watch, recording: Recording) -> None:
    marks = [mark for mark in (watch.started_s, watch.stopped_s) if mark is not None]
    end_s = recording.start_s + recording.duration_s
    if any(not recording.start_s <= mark <= end_s for mark in marks) or marks != sorted(set(marks)):
        raise ValueError(f"marks {marks} s do not follow one another within {recording.start_s}-{end_s} s")


def _movement_flags(hold: Hold | None, recording: Recording) -> list[Flag]:
    if hold is None:
        return [Flag("no_hold_found", "reject", {"duration_s": round(recording.duration_s, 1)})]
    if hold.moving_s > max(WALKING_S, WALKING_SHARE * recording.duration_s):
        return [Flag("walking_in_hold", "reject", {"moving_s": round(hold.moving_s, 1)})]
    return []


def _timed(hold: Hold, recording: Recording, limit_s: float, watch: Watch) -> tuple[int, int, list[Flag]]:
    """First and stop row of what counts, and how it ended."""
    fs_hz, flags, first, stop = recording.fs_hz, [], hold.first, hold.stop
    if hold.rival_s and watch.started_s is None:
        flags.append(
            Flag(
                "hold_ambiguous",
                "warn",
                {"others": len(hold.rival_s), "longest_s": round(max(hold.rival_s), 1)},
            )
        )
    if watch.stopped_s is not None:
        marked = round((watch.stopped_s - recording.start_s) * fs_hz)
        seen = {"at_s": round(watch.stopped_s, 2)}
        if abs(marked - stop) > AGREE_S * fs_hz and hold.lost:
            flags.append(
                Flag(
                    "hold_disagrees", "warn", seen | {"sensor_s": round(recording.start_s + stop / fs_hz, 2)}
                )
            )
        flags.append(Flag("early_stop", "warn", seen))
        stop = max(marked, first)
    limit = first + round(limit_s * fs_hz)
    if stop >= limit:
        return first, limit, [*flags, Flag("hold_to_limit", "info", {"limit_s": limit_s})]
    if watch.stopped_s is None and not hold.lost:
        flags.append(
            Flag("hold_cut_short", "warn", {"seconds": round((stop - first) / fs_hz, 2), "limit_s": limit_s})
        )
    return first, stop, flags


def _sway(
    samples: BridgedSamples, hold: Hold, stop: int, recording: Recording, codes: set[str]
) -> tuple[dict[str, Value], list[Flag]]:
    """Sway over the longest unbroken part of the hold, away from movements."""
    settle = round(SETTLE_S * recording.fs_hz)
    whole = np.zeros(recording.n, dtype=bool)
    whole[hold.first + settle * hold.begun : min(stop, hold.stop - settle * hold.lost)] = True
    first, last = max(true_runs(whole & ~samples.open_rows), key=lambda run: run[1] - run[0], default=(0, 0))
    seconds = (last - first) / recording.fs_hz
    if seconds < MIN_S - 0.5 / recording.fs_hz:
        return {}, [Flag("hold_sway_withheld", "info", {"seconds": round(seconds, 1), "limit_s": MIN_S})]
    alignment = vertical_alignment(samples.acc[first:last].mean(axis=0))
    flags = alignment_flags(alignment, recording.heading_known)
    smooth = lowpass(alignment.apply(samples.acc), LOWPASS_HZ, recording.fs_hz)[first:last]
    numbers = sway(smooth[:, AP], smooth[:, ML], recording.fs_hz)
    return sway_values(numbers, codes | {flag.code for flag in flags}), flags


def hold_seconds(trial: Measures | float) -> float:
    """Seconds held; ValueError when the recording was refused or the time is none."""
    if isinstance(trial, Measures):
        if "hold_time" not in trial.values:
            codes = ", ".join(flag.code for flag in trial.flags if flag.severity == "reject")
            raise ValueError(f"no hold time: {codes or trial.protocol}")
        return trial.values["hold_time"].value
    if not 0.0 <= trial < float("inf"):
        raise ValueError(f"{trial} is no hold time in s")
    return float(trial)
