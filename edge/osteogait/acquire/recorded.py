"""A recording file read back: facts and transcript, then raw packets decoded once more into a `Recording`."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from osteogait.acquire.books import Books
from osteogait.acquire.recorder import FORMAT
from osteogait.acquire.transcript import reread
from osteogait.devices.driver import Model, Settings
from osteogait.devices.reason import Reason, reason
from osteogait.devices.registry import model_named
from osteogait.errors import StoreError
from osteogait.radio.entry import Entry, Kind, unpack

PARTIAL = "interrupted"
"""How a recording ended that was cut off and kept: stands in its facts and stays with its measures as a warning."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording file holds: its facts, its transcript, and chunks that fail their checksum."""

    path: Path
    facts: Mapping[str, object]
    entries: tuple[Entry, ...]
    damaged_chunks: int

    @property
    def interrupted(self) -> bool:
        """True when the recorder was never closed (power cut, crash): the rest is still good."""
        return not self.facts.get("closed")

    @property
    def notifications(self) -> tuple[Entry, ...]:
        """What the sensor sent by itself."""
        return tuple(entry for entry in self.entries if entry.kind is Kind.NOTIFY)

    @property
    def model(self) -> Model:
        """The sensor's model; StoreError when this version knows none of that name."""
        key = str(self.facts.get("driver"))
        model = model_named(key)
        if model is None:
            raise _unreadable(self.path, reason("model_unknown", key=key))
        return model

    @property
    def settings(self) -> Settings:
        """What was asked of the sensor."""
        asked = self.facts.get("settings")
        return Settings(**asked) if isinstance(asked, dict) else Settings()

    def books(self) -> Books:
        """Everything that came, counted, clocked and placed once more, with its samples."""
        model = self.model
        return reread(self.entries, model.make(), self.settings, Books(model.loss, hold=True))


def read_recorded(path: Path) -> Recorded:
    """The content of the recording file `path`; StoreError when it is none."""
    if not path.is_file():
        raise _unreadable(path, reason("no_file"))
    try:
        facts, streams, chunks = _content(path)
    except (sqlite3.Error, ValueError, TypeError) as failure:  # TypeError: NULL where the schema allows none
        raise _unreadable(path, reason("not_a_recording", problem=failure)) from None
    good = [body for crc, body in chunks if isinstance(body, bytes) and zlib.crc32(body) == crc]
    try:
        found = [entry for body in good for entry in unpack(body)]
        entries = tuple(Entry(ns, *streams[stream], value) for ns, stream, value in found)
    except (struct.error, KeyError) as failure:
        raise _unreadable(path, reason("not_a_recording", problem=repr(failure))) from None
    return Recorded(path, facts, entries, len(chunks) - len(good))


Content = tuple[dict[str, object], dict[int, tuple[Kind, str]], list[tuple[int, bytes]]]


def _content(path: Path) -> Content:
    try:
        return _tables(path, "ro")
    except sqlite3.OperationalError as failure:
        if failure.sqlite_errorname != "SQLITE_READONLY_ROLLBACK":
            raise
        return _tables(path, "rw")  # power went while the file was being closed: only a writer may undo that


def _tables(path: Path, mode: str) -> Content:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True)) as db:
        facts = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM fact")}
        if facts.get("format") != FORMAT:
            raise ValueError(f"format {facts.get('format')}")
        rows = db.execute("SELECT id, kind, characteristic FROM stream")
        streams = {number: (Kind(kind), characteristic) for number, kind, characteristic in rows}
        return facts, streams, db.execute("SELECT crc32, body FROM chunk ORDER BY seq").fetchall()


def _unreadable(path: Path, why: Reason) -> StoreError:
    return StoreError("recording_unreadable", path=str(path), reason=why)
