"""Five times sit to stand: chair of 43-45 cm, arms crossed, as fast as is safe, from the lower back."""

from __future__ import annotations

from gaitsignal.measures.chair import Sitter, chair_values, power_values
from gaitsignal.protocols.chair_gates import (
    NOTHING,
    open_chair_test,
    pause_flags,
    rise_events,
    too_few,
)
from gaitsignal.protocols.timed_gates import gap_flags, refused, rejected
from gaitsignal.recording import Recording
from gaitsignal.result import Flag, Measures

PROTOCOL = "chair_stand_5x"
WANTED = 5
LIMIT_S = 60.0
"""SPPB: over a minute, or arms used, is 0 points; arms can't be seen from the lower back."""


def run(recording: Recording, sitter: Sitter | None = None) -> Measures:
    """Time of five rises with both stopwatch ends, each rise, and power when `sitter` says mass and seat height.

    Notes
    -----
    `total_time` stops at the fifth full stand (SPPB, STEADI), `total_time_to_seat` at the fifth seat contact. Fewer
    than five full rises are refused with what was seen; of more the first five are measured and `rises_miscounted`
    warns. `usable` False leaves no values.
    """
    opened = open_chair_test(recording)
    if isinstance(opened, list):
        return refused(PROTOCOL, recording, opened, NOTHING)
    samples, test, flags = opened
    if len(test.rises) < WANTED:
        return refused(PROTOCOL, recording, [*flags, *too_few(recording, samples, test, WANTED)], NOTHING)
    counted = test.rises[:WANTED]
    if len(test.rises) > WANTED:
        other = len(test.rises) - WANTED + test.partial
        flags = [flag for flag in flags if flag.code != "rises_miscounted"]
        flags.append(Flag("rises_miscounted", "warn", {"full": len(test.rises), "other": other}))
    flags += gap_flags(recording, samples, test.start, counted[-1].last)
    flags += pause_flags(counted, recording.fs_hz)
    if rejected(flags):
        return refused(PROTOCOL, recording, flags, NOTHING)
    stopped = counted[-1].last
    total_s = (stopped - test.start) / recording.fs_hz
    if total_s > LIMIT_S:
        flags.append(Flag("chair_over_limit", "warn", {"total_s": round(total_s, 1), "limit_s": LIMIT_S}))
    values = chair_values(test, counted, WANTED, stopped, recording.fs_hz)
    values |= power_values(
        sitter or Sitter(recording.trial.mass_kg, recording.trial.seat_height_m),
        recording.height_m,
        total_s,
        WANTED,
    )
    events = rise_events(recording, counted)
    return Measures(PROTOCOL, True, (*recording.remarks, *flags), values, events)
