"""Full disks, failed syncs, killed processes, moved clocks: what is stored, and what the person is told."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from by_path import load_module

from gaitsignal.synthetic import stander
from osteogait.acquire import Session, journal, to_recording
from osteogait.acquire.limits import LIMITS
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.recorder import Recorder
from osteogait.acquire.unfinished import discard, keep_as_partial, unfinished
from osteogait.errors import StoreError
from osteogait.radio.entry import Entry
from osteogait.radio.simulated import SimulatedSensor

Run = Callable[[Coroutine[Any, Any, Any]], Any]
told_session = load_module(Path(__file__).with_name("told_session.py"))
PERSON = stander(duration_s=40.0, seed=7).recording
FREE = replace(LIMITS, disk_start_bytes=0, disk_warn_bytes=0)
KILLS = int(os.environ.get("OSTEOGAIT_KILLS", "6"))
"""Random kills in this test; the long form is 500."""
READY_S = 3.0


def session(path: Path, limits: Any = FREE) -> tuple[Session, SimulatedSensor]:
    sensor = SimulatedSensor(PERSON, real_time=True)
    return told_session.ToldSession(sensor.source, path, limits=limits), sensor


def test_a_nearly_full_disk_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_free_bytes", lambda _: 150_000_000)
    it, sensor = session(tmp_path / "a.ogrec", LIMITS)
    with pytest.raises(StoreError, match="150") as refused:
        asyncio.run(it.run(5.0))
    assert "200" in refused.value.message("zh")
    assert sensor.born_ns is None
    assert not list(tmp_path.iterdir())


def test_a_disk_that_gets_low_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, virtual: Run) -> None:
    monkeypatch.setattr(journal, "_free_bytes", lambda _: 700_000_000)
    it, _ = session(tmp_path / "a.ogrec", LIMITS)
    virtual(it.run(5.0))
    (low,) = (event for event in it.events if event.code == "session_disk_low")
    assert "0.7 GB" in low.message("en")


@pytest.mark.parametrize("after", [0, 3])
def test_a_disk_that_fills_up_stops_the_sensor_and_keeps_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    write, commits = Recorder._write, 0

    def full(self: Recorder, db: sqlite3.Connection, batch: list[Entry]) -> None:
        nonlocal commits
        commits += 1
        if commits > after:
            db.execute("PRAGMA max_page_count = 1")
        write(self, db, batch)

    monkeypatch.setattr(Recorder, "_write", full)
    monkeypatch.setattr("osteogait.acquire.recorder.FLUSH_S", 0.1)
    it, sensor = session(tmp_path / "a.ogrec")
    with pytest.raises(StoreError, match="full") as told:
        asyncio.run(it.run(30.0))
    assert "无法写入" in told.value.message("zh")
    assert not sensor.running
    assert it.events[-1].state.value == "failed"
    assert "full" in it.events[-1].message("en")
    recorded = read_recorded(tmp_path / "a.ogrec")
    assert recorded.interrupted
    assert len(recorded.entries) >= it.journal.durable
    (left,) = unfinished(tmp_path)
    assert (left.problem is None) == (left.received > 0)


def test_a_failed_sync_is_never_trusted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, broken = Recorder._write, False

    def failing(self: Recorder, db: sqlite3.Connection, batch: list[Entry]) -> None:
        if broken:
            raise sqlite3.OperationalError("disk I/O error")
        write(self, db, batch)

    monkeypatch.setattr(Recorder, "_write", failing)
    it, sensor = session(tmp_path / "a.ogrec")

    async def broke() -> None:
        nonlocal broken
        task = asyncio.create_task(it.run(30.0))
        while it.journal.durable < 20:
            await asyncio.sleep(0.02)
        broken = True
        with pytest.raises(StoreError, match="disk I/O error"):
            await task

    asyncio.run(broke())
    assert not sensor.running
    assert len(read_recorded(tmp_path / "a.ogrec").entries) == it.journal.durable


def test_a_real_limit_of_the_system_is_told_in_words(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: the kernel itself refuses to let the file grow."""
    code = f"""
import asyncio, resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
from dataclasses import replace
from gaitsignal.synthetic import stander
from osteogait.acquire import Session
from osteogait.acquire.limits import LIMITS
from osteogait.errors import StoreError
from osteogait.radio.simulated import SimulatedSensor
sensor = SimulatedSensor(stander(duration_s=300.0, seed=1).recording)
it = Session(sensor.source, Path({str(tmp_path / "a.ogrec")!r}), limits=replace(LIMITS, disk_start_bytes=0))
try:
    asyncio.run(it.run())
except StoreError as error:
    print(it.journal.durable, sensor.running, error.message("zh"))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    durable, running, told = run.stdout.strip().split(" ", 2)
    assert running == "False"
    assert "无法写入" in told
    assert len(read_recorded(tmp_path / "a.ogrec").entries) >= int(durable)


def test_a_wall_clock_that_is_moved_changes_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, virtual: Run
) -> None:
    steady, _ = session(tmp_path / "a.ogrec")
    plain = virtual(steady.run(20.0))
    wall = time.time
    moved, _ = session(tmp_path / "b.ogrec", replace(FREE, wall_check_s=0.0))

    def step(first: int, _: object) -> None:
        if first == 1000:
            monkeypatch.setattr(journal.time, "time", lambda: wall() + 3600.0)

    moved.on_samples = step
    stepped = virtual(moved.run(20.0))
    monkeypatch.undo()
    assert replace(stepped, path=plain.path) == plain
    (told,) = (event for event in moved.events if event.code == "session_wall_clock_stepped")
    assert told.fields["seconds"] == pytest.approx(3600.0, abs=0.1)
    one, other = (to_recording(tmp_path / f"{name}.ogrec") for name in "ab")
    assert (one.acc == other.acc).all()
    assert one.fs_hz == other.fs_hz
    events = [
        json.loads(e.value) for e in read_recorded(tmp_path / "b.ogrec").entries if e.kind.value == "event"
    ]
    assert "session_wall_clock_stepped" in {event["code"] for event in events}


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


KILLED = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from gaitsignal.synthetic import stander
from osteogait.acquire import Session
from osteogait.acquire.limits import LIMITS
from osteogait.radio.simulated import SimulatedSensor
import osteogait.acquire.recorder as recorder
recorder.FLUSH_S = 0.03
person = stander(duration_s=60.0, seed=1).recording
for number in range(10**6):
    it = Session(SimulatedSensor(person, real_time=True).source, Path(sys.argv[1]) / f"{number}.ogrec",
                 limits=replace(LIMITS, disk_start_bytes=0))
    it.on_samples = lambda first, _: print(number, it.journal.durable, flush=True)
    asyncio.run(it.run(0.4))
    print(number, "closed", flush=True)
"""
READY = """
import sys
from pathlib import Path
from osteogait.acquire.unfinished import keep_as_partial, unfinished
for one in unfinished(Path(sys.argv[1])):
    if one.problem is None:
        keep_as_partial(one.path)
print(len(unfinished(Path(sys.argv[1]))))
"""


@pytest.fixture
def killed_once(tmp_path: Path) -> Callable[[random.Random], None]:
    """One process recording trial after trial, killed at a random point, then started anew."""

    def kill(chance: random.Random) -> None:
        folder = tmp_path / str(chance.random())
        folder.mkdir()
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        said = [child.stdout.readline()]
        time.sleep(chance.uniform(0.0, 1.0))
        child.send_signal(signal.SIGKILL)
        said += child.communicate()[0].splitlines()
        whole = [line.split() for line in said if len(line.split()) == 2]
        begun, begun_cpu = time.monotonic(), _children_cpu_s()
        found = {one.path.name: one for one in unfinished(folder)}
        subprocess.run([sys.executable, "-c", READY, str(folder)], check=True, capture_output=True)
        assert _children_cpu_s() - begun_cpu <= READY_S  # the wall clock is the machine's, see the print
        print(f"ready after {time.monotonic() - begun:.2f} s")  # noqa: T201
        durable = {number: int(count) for number, count in whole if count != "closed"}
        closed = {number for number, count in whole if count == "closed"}
        for number, count in durable.items():
            recorded = read_recorded(folder / f"{number}.ogrec")
            assert len(recorded.entries) >= count
            assert recorded.damaged_chunks == 0
            if number in closed:
                assert f"{number}.ogrec" not in found

    return kill


def test_kill_9_at_random_points_leaves_what_was_durable(
    killed_once: Callable[[random.Random], None],
) -> None:
    chance = random.Random(5)  # noqa: S311
    for _ in range(KILLS):
        killed_once(chance)


def test_what_was_cut_off_can_be_kept_or_thrown_away(tmp_path: Path) -> None:
    for name in "ab":
        code = KILLED.replace("it.run(0.4)", "it.run(40.0)").replace('f"{number}.ogrec"', f'"{name}.ogrec"')
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        for line in child.stdout:
            if int(line.split()[1]) > 40:
                break
        child.kill()
        child.communicate()
    kept, thrown = unfinished(tmp_path)
    assert kept.problem is None
    assert kept.sensor == "OG-0000"
    assert kept.received > 100
    assert kept.seconds == pytest.approx(kept.received / 100.0)
    keep_as_partial(kept.path)
    discard(thrown.path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.ogrec"]
    assert unfinished(tmp_path) == ()
    recording = to_recording(tmp_path / "a.ogrec")
    assert recording.n == kept.received
    assert "recording_interrupted" in {flag.code for flag in recording.remarks}
    (tmp_path / "c.ogrec").write_bytes(b"no recording")
    (broken,) = unfinished(tmp_path)
    assert broken.problem is not None
    with pytest.raises(StoreError):
        keep_as_partial(broken.path)
