"""From whatever version the file has to the present one: whole or not at all, never backwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from osteogait.errors import StoreError
from osteogait.storage.database import copy_database, make_engine, make_private_file, reading

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(path: Path) -> Engine:
    """An engine on the database at `path`, made or migrated to the present version.

    Raises StoreError, with no byte of the file changed, when it is damaged, not ours, newer than this
    software, locked or not writable.
    """
    after_a_crash = _leftover(path)
    try:
        make_private_file(path)
    except OSError as error:
        raise StoreError("store_unwritable", path=path, reason=error.strerror or error) from error
    engine = make_engine(path)
    try:
        if after_a_crash:
            _check_pages(engine, path)
        _bring_up_to_date(engine, path)
    except StoreError:
        engine.dispose()
        raise
    except DatabaseError as error:
        engine.dispose()
        raise store_error(error, path) from error
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


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    current = current_revision(engine)
    head = head_revision()
    if current == head:
        return
    if current is None and _holds_tables(engine):
        raise StoreError("store_foreign", path=path)
    if current is not None:
        if current not in _known_revisions():
            raise StoreError("store_newer", path=path, version=current, known=head)
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


def _holds_tables(engine: Engine) -> bool:
    with reading(engine).connect() as connection:
        return bool(inspect(connection).get_table_names())


def _leftover(path: Path) -> bool:
    """Whether the last user of the file went without closing it."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _check_pages(engine: Engine, path: Path) -> None:
    with reading(engine).connect() as connection:
        answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if answer != "ok":
        raise StoreError("store_damaged", path=path, reason=answer)


def store_error(error: DatabaseError, path: Path) -> StoreError:
    """What a database error means to the person at the box."""
    reason = str(error.orig)
    if isinstance(error, OperationalError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        return StoreError("store_busy" if busy else "store_unwritable", path=path, reason=reason)
    return StoreError("store_damaged", path=path, reason=reason)
