"""`osteogait doctor` finds what is wrong with a station, names it, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from kept_person import kept_person

from osteogait import doctor
from osteogait.assessment import model
from osteogait.doctor import examine
from osteogait.storage import audit

CHECKS = ["database", "audit", "key", "files", "recordings", "disk", "clock", "model"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a station with a person of whom everything is kept; never changed."""
    folder = tmp_path_factory.mktemp("station")
    kept_person(folder).station.close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to break; its recordings are still those of `whole`."""
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def _states(folder: Path) -> dict[str, tuple[str, str]]:
    return {one.check: (one.state, one.code) for one in examine(folder / "osteogait.sqlite")}


def _sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "osteogait.sqlite")
    assert connection.execute(statement).rowcount > 0
    connection.commit()
    connection.close()


def _first_upload(folder: Path) -> Path:
    return sorted((folder / "documents").iterdir())[0]


def test_a_station_that_is_well(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SYNCHRONISED", whole)
    before = hashlib.sha256((whole / "osteogait.sqlite").read_bytes()).digest()
    found = examine(whole / "osteogait.sqlite")
    assert [one.check for one in found] == CHECKS
    assert {one.state for one in found if one.check != "disk"} == {"ok"}, found
    kept = next(one for one in found if one.check == "files")
    assert all(isinstance(number, int) and number > 0 for number in kept.fields.values())
    assert hashlib.sha256((whole / "osteogait.sqlite").read_bytes()).digest() == before


@pytest.mark.parametrize(
    ("broken", "check", "code"),
    [
        (lambda at: _sql(at, "UPDATE audit SET actor = 'nobody' WHERE seq = 2"), "audit", "audit_broken"),
        (lambda at: (at / "identity.key").unlink(), "key", "identity_key_missing"),
        (
            lambda at: _sql(at, "UPDATE results SET assessment = replace(assessment, '0', '1')"),
            "files",
            "store_altered",
        ),
        (lambda at: _first_upload(at).write_bytes(b"other"), "files", "document_lost"),
        (lambda at: _sql(at, "UPDATE recordings SET path = '/nowhere'"), "files", "doctor_recording_lost"),
        (
            lambda at: _sql(at, "UPDATE recordings SET sha256 = replace(hex(zeroblob(32)), '0', 'a')"),
            "files",
            "doctor_recording_lost",
        ),
        (lambda at: (at / "osteogait.sqlite").write_bytes(b"no database" * 99), "database", "store_damaged"),
        (lambda at: _sql(at, "UPDATE alembic_version SET version_num = '9999'"), "database", "store_newer"),
    ],
)
def test_what_is_wrong_is_found(
    folder: Path, broken: Callable[[Path], object], check: str, code: str
) -> None:
    broken(folder)
    assert _states(folder)[check] == ("fault", code)


def test_a_database_of_an_older_software_is_left_as_it_is(folder: Path) -> None:
    _sql(folder, "UPDATE alembic_version SET version_num = '0001'")
    states = _states(folder)
    assert states["database"] == ("warn", "doctor_database_older")
    assert "audit" not in states
    assert not list(folder.glob("*.before-migration-*"))


def test_a_recording_that_was_cut_off_is_told(folder: Path) -> None:
    recording = sorted((folder / "recordings").rglob("*.ogrec"))[0]
    connection = sqlite3.connect(recording)
    connection.execute("DELETE FROM fact WHERE name = 'closed'")
    connection.commit()
    connection.close()
    assert _states(folder)["recordings"] == ("warn", "doctor_cut_off_some")


@pytest.mark.parametrize(
    ("free", "state", "code"),
    [(1e8, "fault", "disk_nearly_full"), (5e8, "warn", "doctor_disk"), (5e9, "ok", "doctor_disk")],
)
def test_a_disk_that_fills(
    whole: Path, monkeypatch: pytest.MonkeyPatch, free: float, state: str, code: str
) -> None:
    usage = shutil.disk_usage(whole)._replace(free=int(free))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert _states(whole)["disk"] == (state, code)


def test_no_engine_that_may_answer(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = replace(model.load_model(), predictor=None)
    monkeypatch.setattr(model, "load_model", lambda: silent)
    assert _states(whole)["model"] == ("fault", "no_engine")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_says_it_to_people_and_programs(folder: Path, lang: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "osteogait", "doctor", "--data", str(folder), "--lang", lang]
    _sql(folder, "UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 1
    assert {"en": "FAULT", "zh": "故障"}[lang] in done.stdout
    told = subprocess.run(
        [*command, "--json"], capture_output=True, encoding="utf-8", env=environment, check=False
    )
    document = json.loads(told.stdout)
    assert document["ok"] is False
    assert [one["check"] for one in document["findings"]] == CHECKS
    assert all(one["message"] in done.stdout for one in document["findings"] if one["check"] == "audit")
