"""One SQLite file that keeps what it acknowledged: connections, locking, file rights."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_TIMEOUT_MS = 10_000  # a second writer waits; a migration or a slow SD card takes seconds at most
FOLDER_MODE = 0o700
FILE_MODE = 0o600

# WAL with FULL lost no acknowledged row when power was cut after any system call; NORMAL and the rollback
# journal did. journal_mode is kept in the file, the others are per connection and so set on every one.
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


def make_engine(path: Path) -> Engine:
    """An engine on `path`: every connection gets PRAGMAS, every transaction begins with the write lock."""
    from sqlalchemy import create_engine, event  # here: the start looks at files before the library is loaded

    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for reads: a snapshot that takes no write lock."""
    return engine.execution_options(begin="DEFERRED")


def reading_once(engine: Engine) -> Engine:
    """The same engine for one SELECT: a snapshot by itself, without the cost of a transaction around it."""
    return engine.execution_options(begin=None)


def _prepare_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # sqlite3 would begin late and commit before DDL; we begin ourselves
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "IMMEDIATE")
    if mode is not None:
        connection.exec_driver_sql(f"BEGIN {mode}")


def make_private_file(path: Path) -> None:
    """An empty database file at `path` that only its owner can read, its name durable; kept when it exists.

    Folders made on the way are private too; the rights of folders that exist are their owner's affair.
    """
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.exists():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            sync_folder(folder.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    except FileExistsError:
        path.chmod(FILE_MODE)
        return
    sync_folder(path.parent)


def copy_database(source: Path, target: Path) -> None:
    """A consistent, durable copy of `source` at `target`; appears under its name only when it is whole."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    make_private_file(part)
    before, after = sqlite3.connect(source), sqlite3.connect(part)
    try:
        before.backup(after)
    finally:
        after.close()
        before.close()
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Makes the present names in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
