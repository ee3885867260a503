"""What both chair tests share: opening the recording, finding the rises, events and remarks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gaitsignal.events.chair_test import ChairTest, find_chair_test
from gaitsignal.events.rises import RiseSpan
from gaitsignal.protocols.timed_gates import TimedSamples, gap_flags, open_recording, rejected
from gaitsignal.quality import G0
from gaitsignal.recording import Recording
from gaitsignal.result import Events, Flag, Rise
from gaitsignal.worn_site import site_of

PAUSE_S = 10.0
NOTHING = Events(rises=())


def open_chair_test(recording: Recording) -> tuple[TimedSamples, ChairTest, list[Flag]] | list[Flag]:
    """Samples, test and remarks, or the flags that forbid to look further."""
    if site_of(recording) != "lower_back":
        return [Flag("chair_site", "reject", {"site": recording.site[:40]})]
    samples, flags = open_recording(recording)
    if samples is None or rejected(flags):
        return flags
    gravity = G0 if samples.rest is None else float(np.linalg.norm(samples.rest.acc))
    test = find_chair_test(samples.acc, samples.gyr, gravity, recording.fs_hz)
    if test.attitude is None:
        flags.append(Flag("gyroscope_silent", "warn"))
    if test.partial:
        flags.append(Flag("rises_miscounted", "warn", {"full": len(test.rises), "other": test.partial}))
    return samples, test, flags


def too_few(recording: Recording, samples: TimedSamples, test: ChairTest, wanted: int) -> list[Flag]:
    """Why this is no chair test, with what was seen, and what was lost."""
    seen: dict[str, object] = {
        "found": len(test.rises),
        "partial": test.partial,
        "wanted": wanted,
        "duration_s": round(recording.duration_s, 1),
    }
    return [*gap_flags(recording, samples, 0, recording.n), Flag("too_few_rises", "reject", seen)]


def pause_flags(rises: tuple[RiseSpan, ...], fs_hz: float) -> list[Flag]:
    """A warning when there was a long pause between two rises."""
    gaps = [(b.first - a.last) / fs_hz for a, b in pairwise(rises)]
    if gaps and max(gaps) > PAUSE_S:
        return [Flag("rises_paused", "warn", {"longest_s": round(max(gaps), 1), "limit_s": PAUSE_S})]
    return []


def rise_events(recording: Recording, rises: tuple[RiseSpan, ...]) -> Events:
    """The rises on the recording's clock."""

    def at_s(row: int) -> float:
        return recording.start_s + row / recording.fs_hz

    return Events(rises=tuple(Rise(at_s(rise.first), at_s(rise.last)) for rise in rises))
