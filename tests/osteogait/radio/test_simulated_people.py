"""A simulated sensor described in words does what the words say, and refuses words that mean nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from osteogait.acquire import RecordingSummary
from osteogait.acquire.many import export_csv, record_many
from osteogait.errors import UsageError
from osteogait.radio.simulated_people import PEOPLE, simulated


def recorded(words: str, folder: Path, seconds: float = 60.0) -> RecordingSummary:
    (taken,) = asyncio.run(record_many([simulated(words.split()).source], seconds, folder))
    assert taken.summary is not None
    return taken.summary


MEASURED_AS = {"walk_4m": "walk", **dict.fromkeys(("side_by_side", "semi_tandem", "tandem"), "four_stage")}
"""Where what a person does is not the name of a protocol."""


@pytest.mark.parametrize("person", PEOPLE)
def test_from_the_words_to_a_measure(tmp_path: Path, person: str) -> None:
    protocol = MEASURED_AS.get(person, person)
    summary = recorded(f"{person} loss=0.002 drift=20", tmp_path)
    assert summary.uncounted == 0
    (path,) = export_csv(tmp_path)
    command = [sys.executable, "-m", "osteogait", "measure", str(path), "--protocol", protocol, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("walk loss=0.05", lambda s: s.lost_link > 30),
        ("walk duplicates=0.1", lambda s: s.duplicate_packets > 5),
        ("walk drop=5/1.5", lambda s: (s.reconnects, s.segments, s.lost_link) == (1, 1, 150)),
        ("walk drop=5/1.5 no_resume", lambda s: (s.segments, s.lost_link) == (2, 150)),
        ("walk drop=5/1.5 reboot", lambda s: [g.cause for g in s.gaps] == ["reboot"]),
        ("walk missed=500/7", lambda s: s.lost_sensor == 7),
        ("walk stall=5/0.6", lambda s: s.clock.latency_max_ms > 500),
        ("walk interval=0.2", lambda s: s.clock.latency_p50_ms > 60),
        ("walk battery=22", lambda s: s.battery_percent == 22),
        ("walk rate=200", lambda s: s.nominal_rate_hz == 200.0),
    ],
)
def test_every_word_does_what_it_says(tmp_path: Path, words: str, count: object) -> None:
    summary = recorded(words, tmp_path)
    assert callable(count)
    assert count(summary)
    assert summary.uncounted == 0


@pytest.mark.parametrize(
    "words",
    [
        "",
        "swim",
        "walk loss",
        "walk loss=x",
        "walk loss=-1",
        "walk drop=3/4/5",
        "walk upside_down=1",
        "walk x=1",
    ],
)
def test_a_word_that_means_nothing_is_refused(words: str) -> None:
    with pytest.raises(UsageError) as refused:
        simulated(words.split())
    assert "模拟传感器" in refused.value.message("zh")
