"""Thirty seconds of chair stands: chair of 43-45 cm, arms crossed, as many full stands as possible."""

from __future__ import annotations

from gaitsignal.events.chair_test import ChairTest
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

PROTOCOL = "chair_stand_30s"
TEST_S = 30.0
HALF_WAY = 0.5
"""CDC STEADI: a person more than half-way up at the end has stood."""
SLACK_S = 0.5


def run(recording: Recording, sitter: Sitter | None = None) -> Measures:
    """Full stands in 30 s from the first movement, each rise, and power when `sitter` says mass and seat height.

    Notes
    -----
    `total_time` goes to the last stand that counts, at most 30 s. A recording that ends before the 30 s are over is
    refused: nobody knows what would have come. `usable` False leaves no values.
    """
    opened = open_chair_test(recording)
    if isinstance(opened, list):
        return refused(PROTOCOL, recording, opened, NOTHING)
    samples, test, flags = opened
    if not test.rises:
        return refused(PROTOCOL, recording, [*flags, *too_few(recording, samples, test, 1)], NOTHING)
    end = test.start + TEST_S * recording.fs_hz
    flags += _length_flags(recording, end)
    flags += gap_flags(recording, samples, test.start, min(end, recording.n))
    if rejected(flags):
        return refused(PROTOCOL, recording, flags, NOTHING)
    repetitions, stopped = _count(test, end)
    counted = test.rises[:repetitions]
    flags += pause_flags(counted, recording.fs_hz)
    values = chair_values(test, counted, repetitions, stopped, recording.fs_hz)
    values.pop("total_time_to_seat", None)  # thirty seconds have one end only
    values |= power_values(
        sitter or Sitter(recording.trial.mass_kg, recording.trial.seat_height_m),
        recording.height_m,
        TEST_S,
        repetitions,
    )
    events = rise_events(recording, counted)
    return Measures(PROTOCOL, True, (*recording.remarks, *flags), values, events)


def _length_flags(recording: Recording, end: float) -> list[Flag]:
    missing_s = (end - recording.n) / recording.fs_hz
    if missing_s <= SLACK_S:
        return []
    return [Flag("chair_cut_short", "reject", {"seconds": round(TEST_S - missing_s, 1), "limit_s": TEST_S})]


def _count(test: ChairTest, end: float) -> tuple[int, float]:
    """How many stands count, and the row of the last one (the bell when it was only half-way up)."""
    done = [rise for rise in test.rises if rise.last <= end]
    under_way = [rise for rise in test.rises if rise.first < end < rise.last]
    for rise in under_way:
        way = float(rise.risen[int(end) - rise.first])
        if way > HALF_WAY * rise.displacement_m:
            return len(done) + 1, end
    return len(done), float(done[-1].last)
