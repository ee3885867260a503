"""A database of the first release becomes one of the second: everything in it stays, a kill leaves old or new."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from osteogait.storage import migrate
from osteogait.storage.database import make_engine
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.records import canonical_json
from osteogait.storage.signatures import Signatures
from osteogait.storage.store import Store

PERSON, VISIT, RECORDING, RESULT = "p-1", "v-1", "r-1", "e-1"
THEN = "2026-03-01T01:30:00.000000+00:00"
ASSESSMENT = {"model": {"version": "1", "sha256": "a" * 64}, "software": {"version": "0.1"}, "note": "步行"}
ROWS = 3000
"""Values enough for the step to take long enough to be killed within."""
OPEN = "import sys\nfrom pathlib import Path\nfrom osteogait.storage.store import Store\nStore.open(Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the first release left it, with a screening in it."""
    path = tmp_path_factory.mktemp("first") / "osteogait.sqlite"
    engine, config = make_engine(path), Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    text = canonical_json(ASSESSMENT)
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO people VALUES (?, 1954, 'female', ?)", (PERSON, THEN))
        database.execute("INSERT INTO visits VALUES (?, ?, ?, ?)", (VISIT, PERSON, THEN, THEN))
        database.execute(
            "INSERT INTO recordings VALUES (?, ?, 'walk.csv', ?, 'walk', 100.0, 6000, 3, ?, ?)",
            (RECORDING, VISIT, "b" * 64, THEN, THEN),
        )
        database.executemany(
            "INSERT INTO observed_values VALUES (?, ?, NULL, 'ctx', ?, NULL, 'ng/mL', '410', 'pg/mL', 'typed', ?, ?)",
            [(f"o-{number}", VISIT, number / 1000, THEN, THEN) for number in range(ROWS)],
        )
        database.execute(
            "INSERT INTO results VALUES (?, ?, ?, ?, '1', ?, '0.1', ?)",
            (RESULT, VISIT, text, hashlib.sha256(text.encode()).hexdigest(), "a" * 64, THEN),
        )
    database.close()
    return path


@pytest.fixture
def old(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(first, tmp_path / "osteogait.sqlite"))


def _version(path: Path) -> str:
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ((version,),) = database.execute("SELECT version_num FROM alembic_version").fetchall()
    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns = {row[1] for row in database.execute("PRAGMA table_info(visits)")}
    database.close()
    assert ("audit" in tables, "battery" in columns) == (version == "0002",) * 2, "half a step"
    return str(version)


def test_everything_of_the_first_release_is_there_in_the_second(old: Path) -> None:
    with Store.open(old) as store:
        (person,) = store.people()
        assert (person.id, person.birth_year, person.sex, person.erased) == (PERSON, 1954, "female", None)
        (visit,) = store.visits_of(PERSON)
        assert (visit.id, visit.battery, visit.by, visit.closed) == (VISIT, None, None, None)
        recording = store.recording(RECORDING)
        assert recording is not None
        assert (recording.samples, recording.lost) == (6000, 3)
        values = store.values_of(PERSON, "ctx")
        assert [one.value for one in values] == [number / 1000 for number in range(ROWS)]
        assert {(one.written_value, one.notes == {}, one.withdrawn) for one in values} == {
            ("410", True, None)
        }
        result = store.result(RESULT)
        assert result is not None
        assert (result.assessment, result.supersedes) == (ASSESSMENT, None)
        assert [one.result_id for one in Signatures(store).queue()] == [RESULT]


def test_somebody_of_the_first_release_can_be_known_in_the_second(old: Path) -> None:
    with Store.open(old) as store:
        identities = Identities(store, old.with_name("identity.key"))
        assert identities.get(PERSON) is None
        identities.put(PERSON, Identity("王秀兰"))
        assert identities.get(PERSON) == Identity("王秀兰")


def test_the_file_of_the_first_release_is_kept_whole(first: Path, old: Path) -> None:
    Store.open(old).close()
    kept = sqlite3.connect(old.with_name("osteogait.sqlite.before-migration-0001"))
    was = sqlite3.connect(first)
    assert list(kept.iterdump()) == list(was.iterdump())
    kept.close()
    was.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_kill_leaves_the_first_or_the_second_whole(old: Path, seed: int) -> None:
    after = random.Random(seed).uniform(0.5, 1.6)  # noqa: S311 - loading takes the most of it
    running = subprocess.Popen([sys.executable, "-c", OPEN, str(old)])
    try:
        running.wait(after)
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert _version(old) in ("0001", "0002")
    with Store.open(old) as store:
        assert len(store.values_of(PERSON)) == ROWS
    assert _version(old) == "0002"


@pytest.mark.parametrize("step", range(0, 30, 3))
def test_a_step_cut_at_any_statement_leaves_the_first(
    old: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    from sqlalchemy import event

    left = step

    def cut(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal left
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "UPDATE")):
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

    def cutting(path: Path) -> object:
        engine = make_engine(path)
        event.listen(engine, "before_cursor_execute", cut)
        return engine

    monkeypatch.setattr(migrate, "make_engine", cutting)
    with pytest.raises(KeyboardInterrupt):
        Store.open(old)
    assert _version(old) == "0001"
    monkeypatch.undo()
    Store.open(old).close()
    assert _version(old) == "0002"
