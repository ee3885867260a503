"""From whatever version the file has to the present one: whole or not at all, never backwards."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from osteogait.storage.database import copy_database, make_engine, reading
from osteogait.storage.usable import check_usable, store_error

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(path: Path) -> Engine:
    """An engine on the database at `path`, made or migrated to the present version.

    Raises StoreError, with no byte of the file changed, when it is damaged, not ours, newer than this
    software, locked or not writable.
    """
    check_usable(path)
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
