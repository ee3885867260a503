"""Whether the database of a box can be used, answered without the database library: the start asks before it opens."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from osteogait.errors import StoreError
from osteogait.storage.database import make_private_file

STEPS = Path(__file__).parent / "migrations" / "versions"


def check_usable(path: Path) -> None:
    """The file at `path` is there, private, ours and not newer than this software; made when it is missing.

    Raises StoreError, with no byte of the file changed, when it is damaged, not ours, newer, locked or not writable.
    """
    try:
        _refuse_what_is_not_ours(path)
        make_private_file(path)
        if not os.access(path.parent, os.W_OK | os.X_OK):  # SQLite keeps its log beside the file
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise StoreError("store_unwritable", path=path, reason=error.strerror or error) from error


def known_versions() -> tuple[str, ...]:
    """The versions of the file that this software knows, the oldest first."""
    return tuple(sorted(step.name[1:5] for step in STEPS.glob("v[0-9]*.py")))


def store_error(error: BaseException | None, path: Path) -> StoreError:
    """What an error of SQLite means to the person at the box."""
    if not isinstance(error, sqlite3.OperationalError):
        return StoreError("store_damaged", path=path, reason=error)
    busy = error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return StoreError("store_busy" if busy else "store_unwritable", path=path, reason=error)


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
    if version is not None and version[0] not in known_versions():
        raise StoreError("store_newer", path=path, version=version[0], known=known_versions()[-1])


def _leftover(path: Path) -> bool:
    """Whether the last user of the file went without closing it."""
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0
