"""The recorder: what it calls durable is on the disk, whatever happens next."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from osteogait.acquire import recorder as module
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.recorder import Recorder
from osteogait.devices.open_profile import CONTROL, DATA
from osteogait.errors import StoreError
from osteogait.radio.entry import Entry, Kind, pack, unpack

TURNS = 3
"""Of what must be quick the quickest counts: a computer that does other things as well is not the recorder's fault."""


def notification(number: int) -> Entry:
    return Entry(
        1000 + number, Kind.NOTIFY, DATA if number % 3 else CONTROL, number.to_bytes(4, "little") * 19
    )


def started(path: Path) -> Recorder:
    recorder = Recorder(path, {"sensor": "OG-1", "height_m": 1.6})
    recorder.wait_ready()
    return recorder


def wait_durable(recorder: Recorder, count: int, limit_s: float = 60.0) -> float:
    """Seconds until `count` notifications are durable."""
    begun = time.monotonic()
    while recorder.durable < count:
        assert time.monotonic() - begun < limit_s
        time.sleep(0.01)
    return time.monotonic() - begun


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    recorder, sent = started(tmp_path / "a.ogr"), [notification(i) for i in range(2000)]
    for one in sent:
        recorder.put(one)
    recorder.close({"received": 2000})
    recorder.close({"received": 2000})
    recorded = read_recorded(tmp_path / "a.ogr")
    assert list(recorded.notifications) == sent
    assert recorder.durable == 2000
    assert recorded.facts["sensor"] == "OG-1"
    assert recorded.facts["received"] == 2000
    assert not recorded.interrupted
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.ogr"]


def test_it_is_durable_within_a_second_without_being_closed(tmp_path: Path) -> None:
    recorder = started(tmp_path / "a.ogr")
    sent, took_s = [notification(number) for number in range(TURNS)], []
    for number, one in enumerate(sent, 1):
        recorder.put(one)
        took_s.append(wait_durable(recorder, number))
    assert min(took_s) < 1.0
    recorded = read_recorded(tmp_path / "a.ogr")
    assert list(recorded.notifications) == sent
    assert recorded.interrupted
    recorder.close({})


def test_write_ahead_and_full_sync_are_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def prepare(self: Recorder, db: sqlite3.Connection) -> None:
        original(self, db)
        seen["mode"] = db.execute("PRAGMA journal_mode").fetchone()[0]
        seen["sync"] = db.execute("PRAGMA synchronous").fetchone()[0]

    original = Recorder._prepare
    monkeypatch.setattr(Recorder, "_prepare", prepare)
    started(tmp_path / "a.ogr").close({})
    assert seen == {"mode": "wal", "sync": 2}


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.ogr"
    path.write_bytes(b"precious")
    with pytest.raises(StoreError, match="exists already"):
        Recorder(path, {})
    assert path.read_bytes() == b"precious"


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written") as refused:
        Recorder(tmp_path / "no" / "a.ogr", {})
    assert "无法写入" in refused.value.message("zh")


def test_a_failed_commit_is_never_called_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = started(tmp_path / "a.ogr")
    recorder.put(notification(1))
    wait_durable(recorder, 1)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(recorder, "_write", full)
    recorder.put(notification(2))
    with pytest.raises(StoreError, match="disk is full"):
        recorder.close({})
    with pytest.raises(StoreError):
        recorder.put(notification(3))
    assert recorder.durable == 1
    assert read_recorded(tmp_path / "a.ogr").notifications == (notification(1),)


def test_an_overflow_is_said_not_swallowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAPACITY", 4)
    monkeypatch.setattr(Recorder, "_gather", lambda _: time.sleep(0.3) or ([], False))
    recorder = started(tmp_path / "a.ogr")
    for i in range(4):
        recorder.put(notification(i))
    assert recorder.crowded
    with pytest.raises(StoreError, match="too slow"):
        recorder.put(notification(5))


def test_a_damaged_chunk_is_left_out_and_counted(tmp_path: Path) -> None:
    recorder = started(tmp_path / "a.ogr")
    recorder.put(notification(1))
    wait_durable(recorder, 1)
    recorder.put(notification(2))
    recorder.close({})
    with closing(sqlite3.connect(tmp_path / "a.ogr")) as db, db:
        db.execute("UPDATE chunk SET body = zeroblob(length(body)) WHERE seq = 1")
    recorded = read_recorded(tmp_path / "a.ogr")
    assert recorded.damaged_chunks == 1
    assert recorded.notifications == (notification(2),)


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00" + bytes(100)])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.ogr"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be read"):
        read_recorded(path)
    assert path.read_bytes() == content


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        read_recorded(tmp_path / "none.ogr")
    assert not list(tmp_path.iterdir())


def test_packing_is_symmetric() -> None:
    entries = [(2**63, 1, b""), (5, 65535, b"abc")]
    assert list(unpack(pack(entries))) == entries


KILLED = """
import sys, time
from pathlib import Path
from osteogait.acquire.recorder import Recorder
from osteogait.radio.entry import Entry, Kind
r = Recorder(Path(sys.argv[1]), {})
r.wait_ready()
for i in range(10**6):
    r.put(Entry(i, Kind.NOTIFY, "x", i.to_bytes(4, "little")))
    print(r.durable, flush=True)
    time.sleep(0.002)
"""


def test_kill_9_takes_nothing_that_was_called_durable(tmp_path: Path) -> None:
    path = tmp_path / "k.ogr"
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert child.stdout is not None
    durable = 0
    for line in child.stdout:
        durable = int(line)
        if durable > 300:
            break
    child.kill()
    rest, _ = child.communicate()
    durable = max([durable, *(int(line) for line in rest.split() if line.isdigit())])
    recorded = read_recorded(path)
    assert recorded.interrupted
    assert len(recorded.notifications) >= durable > 300
    assert [n.monotonic_ns for n in recorded.notifications] == list(range(len(recorded.notifications)))
