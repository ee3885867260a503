"""A station whose data cannot be used says so and ends; it never offers itself as a new one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from osteogait.storage import migrate
from osteogait.storage.usable import known_versions


def _served(folder: Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "osteogait",
        "serve",
        "--port",
        "0",
        "--data",
        str(folder),
        "--lang",
        lang,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _database(folder: Path, script: str) -> Path:
    path = folder / "osteogait.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "osteogait.sqlite"
    path.write_bytes(bytes(range(256)) * 40)
    done = _served(tmp_path)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert path.read_bytes() == bytes(range(256)) * 40
    assert "127.0.0.1" not in done.stderr


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')",
            "newer",
        ),
        ("CREATE TABLE another (program TEXT)", "a database of something else"),
    ],
)
def test_a_database_of_somebody_else(tmp_path: Path, script: str, said: str) -> None:
    path = _database(tmp_path, script)
    before = path.read_bytes()
    done = _served(tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = _served(tmp_path / "file", lang="zh")
    assert done.returncode == 1
    assert "无法" in done.stderr
    assert done.stdout == ""


def test_the_start_knows_the_versions_that_the_migrations_know() -> None:
    scripts = migrate.ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()
    assert known_versions() == tuple(sorted(script.revision for script in scripts))
