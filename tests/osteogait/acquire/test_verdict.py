"""The verdict on a trial, at the edge of every rule and on both sides of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osteogait.acquire.clock import ClockModel
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.track import Gap
from osteogait.devices.driver import LossClass

WHOLE = RecordingSummary(
    path=Path("a.ogrec"), sensor="OG-0001", model="open_profile", loss=LossClass.COUNTED, received=10_000, lost_link=0,
    lost_sensor=0, duplicate_packets=0, undecodable=0, uncounted=0, segments=1, reconnects=0, nominal_rate_hz=100.0,
    rate_hz=100.0, clock=ClockModel(0.0, 1.0, 1.0, 2.0, 3.0), battery_percent=90, gaps=(),
)  # fmt: skip


def lost(samples: int, each: int, of: int = 10_000) -> dict[str, Any]:
    """`samples` lost of `of`, in holes of `each`."""
    gaps = tuple(Gap(100 * k, each, "link") for k in range(samples // each))
    return {"received": of - samples, "gaps": gaps}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "good"),
        (lost(100, 10), "good"),
        (lost(105, 5), "limited"),
        (lost(11, 11), "limited"),
        (lost(500, 10), "limited"),
        (lost(510, 10), "repeat"),
        ({"uncounted": 1}, "repeat"),
        ({"uncounted": None, "loss": LossClass.TIMED}, "good"),
        ({"uncounted": None, "loss": LossClass.UNKNOWN}, "limited"),
        ({"ended": "lost"}, "repeat"),
        ({"ended": "stopped"}, "good"),
        ({"clock": ClockModel(0.0, 1.0 + 199e-6, 1.0, 2.0, 3.0)}, "good"),
        ({"clock": ClockModel(0.0, 1.0 - 201e-6, 1.0, 2.0, 3.0)}, "repeat"),
    ],
)
def test_good_limited_or_repeat(changes: dict[str, Any], verdict: str) -> None:
    assert replace(WHOLE, **changes).verdict == verdict


def test_the_line_of_a_recording_has_the_keys_that_programs_rely_on() -> None:
    line = WHOLE.to_json()
    assert {
        "received", "lost_link", "lost_sensor", "duplicates", "uncounted", "segments", "reconnects", "rate_hz",
        "latency_ms", "clock", "battery_percent", "class", "verdict",
    } <= line.keys()  # fmt: skip
    assert line["latency_ms"] == {"p50": 1.0, "p99": 2.0, "max": 3.0}
    assert line["clock"] == {"a": 0.0, "b": 1.0}
    assert line["class"] == "A"
