"""A stored session played through the session's code gives the same result; a thousand reconnects leave nothing."""

from __future__ import annotations

import asyncio
import gc
import math
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gaitsignal.synthetic import stander
from osteogait import acquire
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.replaying import replay
from osteogait.acquire.transcript import connections
from osteogait.errors import DeviceNotFound, StoreError
from osteogait.radio.replay import Replay
from osteogait.radio.simulated import Drop, Faults, SimulatedSensor

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PERSON = stander(duration_s=40.0, seed=7).recording
CYCLES = 1000

FAULTS = [
    Faults(),
    Faults(loss=0.02, duplicates=0.05, missed=(1000, 7), drift_ppm=-40, first_tick=2**32 - 3_000_000),
    Faults(drops=(Drop(10.0, 3.0), Drop(20.0, 0.3)), loss=0.01),
    Faults(drops=(Drop(10.0, 3.0, reboot=True),)),
    Faults(drops=(Drop(10.0, 3.0),), resumes=False),
]


@pytest.mark.parametrize("seconds", [None, 30.0])
@pytest.mark.parametrize("faults", FAULTS)
def test_the_same_bytes_give_the_same_result(tmp_path: Path, faults: Faults, seconds: float | None) -> None:
    sensor = SimulatedSensor(PERSON, faults=faults, seed=3)
    path = tmp_path / "a.ogrec"
    first = asyncio.run(acquire.record(sensor.source, path, seconds))
    before = path.read_bytes()
    again = asyncio.run(replay(path))
    assert again == first
    assert first.uncounted == 0
    assert path.read_bytes() == before
    books = read_recorded(path).books()
    assert (books.main.received, books.main.gaps) == (first.received, [*first.gaps][: len(books.main.gaps)])


def test_any_speed_gives_the_same_result(tmp_path: Path, virtual: Run) -> None:
    path = tmp_path / "a.ogrec"
    sensor = SimulatedSensor(PERSON, faults=Faults(loss=0.02), seed=3, real_time=True)
    first = virtual(acquire.record(sensor.source, path, 20.0))

    async def timed(speed: float) -> tuple[float, acquire.RecordingSummary]:
        begun_s = asyncio.get_running_loop().time()
        summary = await replay(path, speed=speed)
        return asyncio.get_running_loop().time() - begun_s, summary

    for speed, took_s in ((1.0, 20.0), (10.0, 2.0), (math.inf, 0.0)):
        took, summary = virtual(timed(speed))
        assert took == pytest.approx(took_s, abs=0.3)
        assert summary == first


def test_a_recording_cut_off_by_a_crash_is_replayed_to_where_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.ogrec"
    asyncio.run(acquire.record(SimulatedSensor(PERSON).source, path, 20.0))
    recorded = read_recorded(path)
    (link,) = connections(recorded.entries)
    source = Replay("OG-0000", recorded.model, [link.entries[:200]]).source
    summary = asyncio.run(acquire.Session(source, tmp_path / "b.ogrec").run())
    assert 900 < summary.received < 1000
    assert summary.uncounted is None
    assert acquire.to_recording(tmp_path / "b.ogrec").n == summary.received


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        asyncio.run(replay(tmp_path / "none.ogrec"))


def test_a_thousand_reconnects_leave_no_task_thread_or_file(tmp_path: Path) -> None:
    drops = tuple(Drop(0.2 * i, 0.05) for i in range(1, CYCLES + 1))
    person = stander(duration_s=0.2 * CYCLES + 60.0, seed=1).recording
    path = tmp_path / "a.ogrec"
    first = asyncio.run(acquire.record(SimulatedSensor(person, faults=Faults(drops=drops)).source, path))
    assert (first.reconnects, first.uncounted, first.segments) == (CYCLES, 0, 1)

    async def cycled() -> tuple[acquire.RecordingSummary, int]:
        summary = await replay(path)
        return summary, len(asyncio.all_tasks())

    gc.collect()
    files, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    summary, tasks = asyncio.run(cycled())
    assert replace(summary, path=path) == first
    assert tasks == 1
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == (files, threads)


def test_after_the_last_link_there_is_none(tmp_path: Path) -> None:
    source = Replay("OG-0000", SimulatedSensor(PERSON).source.model, []).source
    with pytest.raises(DeviceNotFound):
        asyncio.run(source.open())
