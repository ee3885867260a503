"""The durable recorder: the transcript of a session into one SQLite file, at most a second behind.

Why SQLite and how a cut of power was reckoned with: docs/decisions/0004-recorder-in-sqlite.md, 0017.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import threading
import zlib
from collections import deque
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from osteogait.errors import StoreError
from osteogait.radio.entry import Entry, pack

FORMAT = "osteogait.recording/2"
FLUSH_S = 0.5
"""Oldest unsaved entry when a commit starts; with a slow card's sync the promise of 1 s holds. The writer sleeps
until then: one that is woken by every packet costs more than all that it writes."""
BATCH = 1024
CAPACITY = 4096
"""Entries in memory: three minutes at 20 packets a second."""
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-256",  # kB: nothing is read back, and four sensors would fill 8 MB
)  # fmt: skip

_SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE stream (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, characteristic TEXT NOT NULL, UNIQUE (kind, characteristic)
) STRICT;
CREATE TABLE chunk (
    seq INTEGER PRIMARY KEY, entries INTEGER NOT NULL, crc32 INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
"""


class Recorder:
    """Writes a new recording file from its own thread; the caller never waits for the disk.

    `durable` counts the entries that a power cut cannot take any more. A write that failed is never retried:
    what came after the last good commit counts as lost, and `put` and `close` raise StoreError.
    """

    def __init__(self, path: Path, facts: Mapping[str, object]) -> None:
        """Create the file, which must not exist; `wait_ready` tells when it is on disk."""
        self.path = path
        self.durable = 0
        self._facts = {"format": FORMAT, **facts}
        self._streams: dict[tuple[str, str], int] = {}
        self._waiting: deque[Entry] = deque()
        self._ready, self._due = threading.Event(), threading.Event()
        self._failure: Exception | None = None
        self._closing: Mapping[str, object] | None = None
        _create_exclusively(path)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def wait_ready(self) -> None:
        """Block until the file and its facts are durable; StoreError if they never will be."""
        self._ready.wait()
        self.check()

    @property
    def crowded(self) -> bool:
        """True when the disk falls behind: let the writer catch up before the next `put`."""
        return len(self._waiting) > CAPACITY // 2

    def put(self, entry: Entry) -> None:
        """Hand over an entry without waiting; StoreError when it cannot be kept."""
        self.check()
        if len(self._waiting) >= CAPACITY:
            raise StoreError("recorder_full", path=str(self.path), seconds=CAPACITY // 20)
        self._waiting.append(entry)
        if len(self._waiting) == BATCH:
            self._due.set()

    def close(self, facts: Mapping[str, object]) -> None:
        """Write what is left and the closing facts, and block until that is durable; may be called twice."""
        self._closing = self._closing or facts
        self._due.set()
        self._thread.join()
        self.check()

    def check(self) -> None:
        """StoreError once the writer has failed."""
        if self._failure is not None:
            raise StoreError("recorder_failed", path=str(self.path), reason=str(self._failure))

    def _run(self) -> None:
        try:
            with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
                self._prepare(db)
                self._ready.set()
                self._write_until_closed(db)
        except (sqlite3.Error, OSError, struct.error) as failure:
            self._failure = failure
        finally:
            self._ready.set()

    def _prepare(self, db: sqlite3.Connection) -> None:
        for pragma in PRAGMAS:
            db.execute(pragma)
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        with _transaction(db):
            _write_facts(db, self._facts)
        _sync_folder(self.path.parent)

    def _write_until_closed(self, db: sqlite3.Connection) -> None:
        more = True
        while more:
            batch, more = self._gather()
            if batch:
                self._write(db, batch)
        if self._closing is not None:
            with _transaction(db):
                _write_facts(db, {**self._closing, "closed": True})
        db.execute("PRAGMA journal_mode=DELETE")
        _sync_folder(self.path.parent)

    def _gather(self) -> tuple[list[Entry], bool]:
        """What has come when the oldest has waited long enough, and whether more may come."""
        self._due.wait(FLUSH_S)
        last = self._closing is not None  # asked first: what was put before the closing is then in the batch
        self._due.clear()
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        if self._waiting or self._closing is not None:
            self._due.set()
        return batch, bool(self._waiting) or not last

    def _write(self, db: sqlite3.Connection, batch: list[Entry]) -> None:
        with _transaction(db):
            body = pack((entry.monotonic_ns, self._stream(db, entry), entry.value) for entry in batch)
            db.execute(
                "INSERT INTO chunk (entries, crc32, body) VALUES (?, ?, ?)",
                (len(batch), zlib.crc32(body), body),
            )
        self.durable += len(batch)

    def _stream(self, db: sqlite3.Connection, entry: Entry) -> int:
        """The number of the entry's kind and characteristic; a new one is written with its first entry."""
        key = (entry.kind.value, entry.characteristic)
        if key not in self._streams:
            self._streams[key] = len(self._streams) + 1
            db.execute("INSERT INTO stream VALUES (?, ?, ?)", (self._streams[key], *key))
        return self._streams[key]


class _transaction:  # noqa: N801 - used like a keyword
    """BEGIN IMMEDIATE ... COMMIT, rolled back when the block raises."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        elif self._db.in_transaction:  # a full disk has rolled back already
            self._db.execute("ROLLBACK")


def _write_facts(db: sqlite3.Connection, facts: Mapping[str, object]) -> None:
    rows = [(name, json.dumps(value, ensure_ascii=False)) for name, value in facts.items()]
    db.executemany("INSERT INTO fact VALUES (?, ?)", rows)


def _create_exclusively(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StoreError("recording_exists", path=str(path)) from None
    except OSError as failure:
        raise StoreError("recorder_failed", path=str(path), reason=failure.strerror) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
