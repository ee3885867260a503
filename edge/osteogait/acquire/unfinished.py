"""After a power cut or a crash: which recordings were cut off, what they hold, and what a person decides about them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from osteogait.acquire.recorded import PARTIAL, Recorded, read_recorded
from osteogait.acquire.recorder import PRAGMAS
from osteogait.devices.reason import Reason, reason
from osteogait.errors import StoreError

SUFFIX = ".ogrec"
COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One recording that was never closed.

    sensor, started_utc   None when the power went before the file had begun
    seconds               length of the trial until it was cut off
    received, lost        samples in it, and known to be missing in it
    why                   nothing of it can be used because of this; None: it can be kept as partial
    """

    path: Path
    sensor: str | None
    started_utc: str | None
    seconds: float
    received: int
    lost: int
    why: Reason | None

    @property
    def problem(self) -> str | None:
        """`why` in English, for programs."""
        return None if self.why is None else str(self.why)


def unfinished(folder: Path) -> tuple[Unfinished, ...]:
    """The interrupted recordings in `folder`, by name; never an error, what cannot be read says so."""
    found = (_looked_at(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
    return tuple(one for one in found if one is not None)


def keep_as_partial(path: Path) -> None:
    """Close an interrupted recording as it is: one file, marked `interrupted`; StoreError when it cannot be."""
    read_recorded(path)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            for pragma in PRAGMAS:
                db.execute(pragma)
            db.execute("INSERT OR IGNORE INTO fact VALUES ('ended', ?)", (json.dumps(PARTIAL),))
            db.execute("INSERT OR IGNORE INTO fact VALUES ('closed', 'true')")
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as failure:
        raise StoreError("recorder_failed", path=str(path), reason=str(failure)) from None


def discard(path: Path) -> None:
    """Remove an interrupted recording and what SQLite left beside it."""
    for companion in COMPANIONS:
        path.with_name(path.name + companion).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _looked_at(path: Path) -> Unfinished | None:
    try:
        recorded = read_recorded(path)
    except StoreError as failure:
        return Unfinished(path, None, None, 0.0, 0, 0, _why(failure))
    return _described(recorded) if recorded.interrupted else None


def _described(recorded: Recorded) -> Unfinished:
    facts = recorded.facts
    try:
        books = recorded.books()
    except StoreError as failure:
        return Unfinished(recorded.path, str(facts.get("sensor")), None, 0.0, 0, 0, _why(failure))
    track, stream = books.main, books.stream
    return Unfinished(
        path=recorded.path,
        sensor=str(facts.get("sensor")),
        started_utc=str(facts.get("started_utc")),
        seconds=track.position / stream.rate_hz if stream else 0.0,
        received=track.received,
        lost=track.lost,
        why=None if track.packets else reason("no_samples_yet"),
    )


def _why(failure: StoreError) -> Reason:
    found = failure.fields.get("reason")
    return found if isinstance(found, Reason) else reason("not_a_recording", problem=failure)
