"""What was noted of a trial, kept in its recording file: stopwatch marks by sample, distance, body mass."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from gaitsignal.trial import PARTS, Trial
from osteogait.acquire.recorder import PRAGMAS
from osteogait.errors import StoreError

FACT = "trial"


@dataclass(frozen=True, slots=True)
class Noted:
    """As `gaitsignal.trial.Trial`, with the marks as positions among the samples; None where nothing was noted."""

    started_sample: int | None = None
    stopped_sample: int | None = None
    distance_m: float | None = None
    part: str | None = None
    mass_kg: float | None = None
    seat_height_m: float | None = None

    def on_clock(self, fs_hz: float) -> Trial:
        """The notes with their marks in seconds of the recording's own clock."""
        return Trial(
            started_s=None if self.started_sample is None else self.started_sample / fs_hz,
            stopped_s=None if self.stopped_sample is None else self.stopped_sample / fs_hz,
            distance_m=self.distance_m, part=self.part, mass_kg=self.mass_kg, seat_height_m=self.seat_height_m,
        )  # fmt: skip


def note_trial(path: Path, noted: Noted) -> None:
    """Write the notes into the closed recording `path`; StoreError when that cannot be."""
    given = {key: value for key, value in asdict(noted).items() if value is not None}
    try:
        with closing(
            sqlite3.connect(path.resolve().as_uri() + "?mode=rw", uri=True, isolation_level=None)
        ) as db:
            for pragma in PRAGMAS:
                db.execute(pragma)
            db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (FACT, json.dumps(given)))
            db.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as failure:
        raise StoreError("recorder_failed", path=str(path), reason=str(failure)) from None


def noted_in(facts: Mapping[str, object]) -> Noted:
    """The notes among the facts of a recording; ValueError for what cannot be notes."""
    found = facts.get(FACT)
    if found is None:
        return Noted()
    if not isinstance(found, dict) or not all(_fits(key, value) for key, value in found.items()):
        raise ValueError(f"notes of the trial {found}")
    return Noted(**found)


def _fits(key: str, value: object) -> bool:
    if key == "part":
        return value in PARTS
    if key not in Noted.__slots__ or isinstance(value, bool):
        return False
    return isinstance(value, int) if key.endswith("_sample") else isinstance(value, int | float)
