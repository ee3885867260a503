"""Connections and migrations: the pragmas hold everywhere, a version step is whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from osteogait.errors import StoreError
from osteogait.storage import database as database_module
from osteogait.storage import migrate
from osteogait.storage.database import copy_database, make_engine, reading, reading_once
from osteogait.storage.migrate import current_revision, head_revision, open_database
from osteogait.storage.store import Store
from osteogait.storage.tables import Base


def test_pragmas_are_set_on_every_connection(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "osteogait.db")
    with engine.connect() as first, reading(engine).connect() as second:  # two connections at a time
        first.rollback()
        for connection in (first, second):
            read = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
            }
            connection.rollback()
            assert read == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 10_000,
                "secure_delete": 1,
            }
    engine.dispose()


def test_writes_begin_with_the_lock_and_reads_do_not(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "osteogait.db")
    other = sqlite3.connect(tmp_path / "osteogait.db", timeout=0, isolation_level=None)
    with reading(engine).connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM people")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "osteogait.db")
    with reading(engine).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert current_revision(engine) == head_revision()
    engine.dispose()


def test_the_checks_of_the_models_are_in_the_file(tmp_path: Path) -> None:
    open_database(tmp_path / "osteogait.db").dispose()
    made = sqlite3.connect(tmp_path / "osteogait.db")
    text = " ".join(row[0] for row in made.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    made.close()
    for table in Base.metadata.tables.values():
        names = [constraint.name for constraint in table.constraints if constraint.name]
        assert names
        assert all(f"CONSTRAINT {name} " in text for name in names), names


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "osteogait.db"
    Store.open(path).close()
    database = sqlite3.connect(path)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreError) as newer:
        Store.open(path)
    assert newer.value.code == "store_newer"
    assert "9999" in newer.value.message("en")
    assert "更新" in newer.value.message("zh")
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.before-migration-*"))


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE letters (text)")
    database.close()
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(StoreError) as foreign:
        Store.open(path)
    assert foreign.value.code == "store_foreign"
    assert path.read_bytes() == before  # not even its journal mode
    assert path.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.db"]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "osteogait.db"
    path.write_bytes(b"Dear diary, " * 400)
    with pytest.raises(StoreError) as damaged:
        Store.open(path)
    assert damaged.value.code == "store_damaged"
    assert path.read_bytes() == b"Dear diary, " * 400


def test_a_damaged_page_is_found_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "osteogait.db"
    with Store.open(path) as store:
        for _ in range(200):
            store.add_person(birth_year=1950, sex="male")
    content = bytearray(path.read_bytes())
    page = 4096
    content[page:] = os.urandom(len(content) - page)
    path.write_bytes(content)
    path.with_name("osteogait.db-wal").write_bytes(b"torn")  # what an unclean stop leaves
    with pytest.raises(StoreError) as damaged:
        Store.open(path)
    assert damaged.value.code == "store_damaged"
    assert path.read_bytes()[page:] == content[page:]


def test_a_held_database_is_said_to_be_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "osteogait.db"
    monkeypatch.setattr(
        database_module, "PRAGMAS", ("PRAGMA busy_timeout = 50", *database_module.PRAGMAS[1:])
    )
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as busy:
            store.add_person(birth_year=1950, sex="male")
        other.execute("ROLLBACK")
        other.close()
        assert busy.value.code == "store_busy"
        store.add_person(birth_year=1950, sex="male")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError) as unwritable:
        Store.open(tmp_path / "file" / "osteogait.db")
    assert unwritable.value.code == "store_unwritable"


def test_the_old_file_is_copied_before_a_step(tmp_path: Path, next_version: None) -> None:
    path = tmp_path / "osteogait.db"
    with Store.open(path) as store:  # version 0002 with one person, then the software learns version 0003
        store.add_person(birth_year=1950, sex="male")
        (person,) = store.people()
    migrate.MIGRATIONS = tmp_path / "migrations"
    with Store.open(path) as store:
        assert store.people() == (person,)
    assert _columns(path) == {"note"}
    backup = tmp_path / "osteogait.db.before-migration-0002"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert _columns(backup) == set()
    kept = sqlite3.connect(backup)
    assert kept.execute("SELECT count(*) FROM people").fetchone() == (1,)
    kept.close()


def test_a_step_that_fails_leaves_the_old_version_whole(tmp_path: Path, next_version: None) -> None:
    path = tmp_path / "osteogait.db"
    Store.open(path).close()
    migrate.MIGRATIONS = tmp_path / "migrations"
    step = tmp_path / "migrations/versions/v0003_note.py"
    step.write_text(step.read_text() + "    raise RuntimeError('power cut')\n")
    with pytest.raises(RuntimeError, match="power cut"):
        Store.open(path)
    assert _columns(path) == set()
    step.write_text(step.read_text().replace("    raise RuntimeError('power cut')\n", ""))
    Store.open(path).close()
    assert _columns(path) == {"note"}
    assert len(list(tmp_path.glob("*.before-migration-0002*"))) == 2  # an earlier copy is never overwritten


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the migrations with one step more, not yet in use."""
    import shutil

    shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations/versions/v0003_note.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '0003'\ndown_revision = '0002'\n\n\n"
        "def upgrade():\n    with op.batch_alter_table('people') as people:\n"
        "        people.add_column(sa.Column('note', sa.String(), nullable=True))\n"
    )
    monkeypatch.setattr(migrate, "MIGRATIONS", migrate.MIGRATIONS)  # so that the test's own change is undone


def _columns(path: Path) -> set[str]:
    database = sqlite3.connect(path)
    names = {row[1] for row in database.execute("PRAGMA table_info(people)")}
    database.close()
    return names & {"note"}


def test_a_copy_is_complete_while_somebody_writes(tmp_path: Path) -> None:
    with Store.open(tmp_path / "osteogait.db") as store:
        store.add_person(birth_year=1950, sex="male")  # still in the write-ahead log only
        copy_database(store.path, tmp_path / "copy.db")
        engine = make_engine(tmp_path / "copy.db")
        with reading(engine).connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == 1
        engine.dispose()
    assert not (tmp_path / "copy.db.part").exists()


OPEN_AND_ADD = """
import sys
from pathlib import Path
from osteogait.storage.store import Store
with Store.open(Path(sys.argv[1])) as store:
    for _ in range(5):
        store.add_person(birth_year=1950, sex="male")
"""
ADD_UNTIL_KILLED = """
import sys
from pathlib import Path
from osteogait.storage.store import Store
store = Store.open(Path(sys.argv[1]))
while True:
    print(store.add_person(birth_year=1950, sex="male"), flush=True)
"""


def test_two_programs_may_make_the_same_database(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_ADD, str(tmp_path / "osteogait.db")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    errors = [process.communicate(timeout=300)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors
    with Store.open(tmp_path / "osteogait.db") as store:
        assert len(store.people()) == 15


def test_everything_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ADD_UNTIL_KILLED, str(tmp_path / "osteogait.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(25)]
        writer.kill()
    with Store.open(tmp_path / "osteogait.db") as store:
        assert set(acknowledged) <= {person.id for person in store.people()}


def test_the_room_can_be_named_without_loading_the_database_library() -> None:
    program = (
        "import sys, osteogait.storage, osteogait.storage.records; sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_one_select_is_read_without_a_transaction_while_another_writes(tmp_path: Path) -> None:
    engine, said = make_engine(tmp_path / "a.db"), list[str]()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as writing, reading_once(engine).connect() as once:
        writing.exec_driver_sql("INSERT INTO t VALUES (2)")
        raw = once.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(said.append)
        assert once.exec_driver_sql("SELECT count(*) FROM t").scalar_one() == 1
        raw.set_trace_callback(None)
        writing.commit()
    assert said == ["SELECT count(*) FROM t"]
    engine.dispose()
