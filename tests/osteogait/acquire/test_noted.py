"""Notes of a trial in its recording: written once it is closed, read back on its clock, refused when they are none."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.acquire import record, to_recording
from osteogait.acquire.noted import FACT, Noted, note_trial, noted_in
from osteogait.errors import StoreError
from osteogait.radio.simulated_people import simulated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "walk.ogrec"
    asyncio.run(record(simulated(["walk"], "SIMULATED-1").source, file))
    return file


def test_notes_come_back_on_the_clock_of_the_recording(path: Path) -> None:
    assert to_recording(path).trial.watched_s is None
    note_trial(path, Noted(300, 820, 4.0, "walk", 52.5, 0.45))
    recording = to_recording(path)
    trial = recording.trial
    assert trial.started_s == pytest.approx(300 / recording.fs_hz)
    assert trial.watched_s == pytest.approx(520 / recording.fs_hz)
    assert (trial.distance_m, trial.part, trial.mass_kg, trial.seat_height_m) == (4.0, "walk", 52.5, 0.45)
    note_trial(path, Noted(310))
    assert to_recording(path).trial.stopped_s is None
    assert not list(path.parent.glob("*-wal"))


def test_a_simulated_sensor_says_so(path: Path) -> None:
    assert "simulated_sensor" in {flag.code for flag in to_recording(path).remarks}


def test_there_must_be_a_recording(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        note_trial(tmp_path / "none.ogrec", Noted(1))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "notes", [[], "walk", {"started_sample": 1.5}, {"part": "sleep"}, {"jump": 1}, {"mass_kg": True}]
)
def test_what_cannot_be_notes_is_refused(path: Path, notes: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (FACT, json.dumps(notes)))
    with pytest.raises(StoreError):
        to_recording(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
    )
)
def test_anything_is_notes_or_refused(notes: object) -> None:
    try:
        found = noted_in({FACT: notes})
    except ValueError:
        return
    assert isinstance(found, Noted)
