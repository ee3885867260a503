"""A copy of everything a box keeps, in one sealed file, made while the box works."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from osteogait.errors import StoreError
from osteogait.storage.database import copy_database, sync_folder
from osteogait.storage.moment import now
from osteogait.storage.sealed_stream import SealedWriter

if TYPE_CHECKING:
    from osteogait.storage.audit import Audit
    from osteogait.storage.store import Store

BACKUP = "backup"
"""What the key for it is derived for."""
MANIFEST, DATABASE, DOCUMENTS, RECORDINGS = "manifest.json", "osteogait.sqlite", "documents", "recordings"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Backup:
    """The file, the head of the audit in it (to be kept elsewhere), and which files named in the database were gone."""

    path: Path
    created: str
    head: str
    documents: int
    recordings: int
    missing: tuple[str, ...]


def back_up(store: Store, audit: Audit, target: Path, by: str) -> Backup:
    """A sealed copy in folder `target`, whole when it appears there; its row of the audit is inside.

    The key of the site is not. StoreError when `target` cannot be written or the key is missing.
    """
    key = store.site_key.derived(BACKUP)
    audit.add(by, "export", "database", what=BACKUP)
    copy = store.path.with_name(f"{store.path.name}.backup-{os.getpid()}")
    moment = now()
    try:
        copy_database(store.path, copy)
        with closing(sqlite3.connect(copy)) as database:
            manifest = _manifest(database, moment)
            wanted = list(_files(database, store.path.parent))
        return _write(target, key, manifest, copy, wanted)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("output_unwritable", file=error.filename or target, reason=reason) from error
    finally:
        for left in copy.parent.glob(f"{copy.name}*"):
            left.unlink()


def _manifest(database: sqlite3.Connection, moment: datetime) -> dict[str, Any]:
    (head, rows) = database.execute("SELECT sha256, seq FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return {
        "format": FORMAT,
        "created": moment.isoformat(timespec="seconds"),
        "software": version("osteogait"),
        "database": revision,
        "audit": {"head": head, "rows": rows},
    }


def _files(database: sqlite3.Connection, folder: Path) -> Iterator[tuple[str, Path]]:
    """Name in the backup and place of every file that the database names."""
    for (digest,) in database.execute("SELECT DISTINCT sha256 FROM documents ORDER BY sha256"):
        yield f"{DOCUMENTS}/{digest}", folder / DOCUMENTS / digest
    for (path,) in database.execute("SELECT path FROM recordings ORDER BY path"):
        place = Path(path)
        yield f"{RECORDINGS}/{place.parent.name}/{place.name}", place


def _write(
    target: Path, key: bytes, manifest: dict[str, Any], copy: Path, wanted: list[tuple[str, Path]]
) -> Backup:
    stamp = datetime.fromisoformat(manifest["created"]).strftime("%Y%m%dT%H%M%SZ")
    path = target / f"osteogait-{stamp}.backup"
    part = path.with_name(path.name + ".part")
    missing = [name for name, place in wanted if not place.is_file()]
    there = [(name, place) for name, place in wanted if name not in missing]
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
            sealed = SealedWriter(file, key)
            with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="w|") as archive:
                content = json.dumps(manifest, indent=1).encode()
                archive.addfile(_member(MANIFEST, len(content)), io.BytesIO(content))
                for name, place in [(DATABASE, copy), *there]:
                    with place.open("rb") as source:
                        archive.addfile(_member(name, os.fstat(source.fileno()).st_size), source)
            sealed.close()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    kept = [sum(name.startswith(folder) for name, _ in there) for folder in (DOCUMENTS, RECORDINGS)]
    return Backup(path, manifest["created"], manifest["audit"]["head"], kept[0], kept[1], tuple(missing))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Nothing of the machine or of who made it."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member
