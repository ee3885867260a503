"""From whatever version the file has to the present one: whole or not at all, never backwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from osteogait.errors import StoreError
from osteogait.storage.database import copy_database, make_engine, make_private_file, reading

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(path: Path) -> Engine:
    """An engine on the database at `path`, made or migrated to the present version.

    Raises StoreError, with no byte of the file changed, when it is damaged, not ours, newer than this
    software, locked or not writable.
    """
    try:
        _refuse_what_is_not_ours(path)
        make_private_file(path)
    except OSError as error:
        raise StoreError("store_unwritable", path=path, reason=error.strerror or error) from error
    engine = make_engine(path)
    try:
        _bring_up_to_date(engine, path)
    except BaseException as error:
        engine.dispose()  # whatever went wrong, the file is let go of
        if isinstance(error, DatabaseError):
            raise store_error(error.orig, path) from error
        raise
    return engine


def head_revision() -> str:
    """The version this software writes."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if head is None:
        raise RuntimeError("the package has no migrations")
    return head


def current_revision(engine: Engine) -> str | None:
    """The version of the file; None for an empty one."""
    with reading(engine).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_what_is_not_ours(path: Path) -> None:
    """Looks at an existing file by a connection that changes nothing, before any setting is made on it."""
    if not path.exists() or path.stat().st_size == 0:
        return
    after_a_crash = _leftover(path)
    connection = sqlite3.connect(path)
    try:
        if after_a_crash and (answer := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise StoreError("store_damaged", path=path, reason=answer)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "alembic_version" not in tables:
            raise StoreError("store_foreign", path=path)
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone() if tables else None
    except sqlite3.DatabaseError as error:
        raise store_error(error, path) from error
    finally:
        connection.close()
    if version is not None and version[0] not in _known_revisions():
        raise StoreError("store_newer", path=path, version=version[0], known=head_revision())


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    current = current_revision(engine)
    if current == head_revision():
        return
    if current is not None:
        copy_database(path, backup_path(path, current))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:  # one BEGIN IMMEDIATE around all steps: a kill leaves old or new
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def backup_path(path: Path, revision: str) -> Path:
    """Where the file of version `revision` is kept before a migration; never an existing name."""
    target = path.with_name(f"{path.name}.before-migration-{revision}")
    number = 2
    while target.exists():
        target = path.with_name(f"{path.name}.before-migration-{revision}-{number}")
        number += 1
    return target


def _known_revisions() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _leftover(path: Path) -> bool:
    """Whether the last user of the file went without closing it."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def store_error(error: BaseException | None, path: Path) -> StoreError:
    """What an error of SQLite means to the person at the box."""
    if not isinstance(error, sqlite3.OperationalError):
        return StoreError("store_damaged", path=path, reason=error)
    busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return StoreError("store_busy" if busy else "store_unwritable", path=path, reason=error)
