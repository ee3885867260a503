"""From a backup to a working box: everything is opened and checked first, and appears last of all."""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from osteogait.errors import StoreError
from osteogait.storage.backup import BACKUP, DATABASE, DOCUMENTS, FORMAT, MANIFEST, RECORDINGS
from osteogait.storage.database import FOLDER_MODE, sync_folder
from osteogait.storage.sealed_stream import SealedReader
from osteogait.storage.site_key import FILE, derive, write_key

NAME = re.compile(
    rf"{re.escape(MANIFEST)}|{re.escape(DATABASE)}|{DOCUMENTS}/[0-9a-f]{{64}}"
    rf"|{RECORDINGS}/[0-9A-Za-z_-]{{1,64}}/[0-9A-Za-z_-][0-9A-Za-z._-]{{0,150}}"
)
"""Whatever else a backup may name is not ours, and is no path of this box."""
UNDER_WAY = "restoring"
LARGEST_MANIFEST = 100_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the moment of the backup, the head of its audit, how many people and files."""

    created: str
    head: str
    people: int
    documents: int
    recordings: int


def restore(backup: Path, folder: Path, key: bytes, by: str) -> Restored:
    """The box of `backup` in `folder`, which must not hold one; every session but those of services has ended.

    Nothing is there under its name before all of it was opened, unpacked and checked. StoreError: `restore_not_empty`,
    `backup_other_key`, `backup_damaged`, or the database is newer than this software.
    """
    place = folder / UNDER_WAY
    if place.exists() and not (folder / DATABASE).exists():
        _take_away(folder)
    for name in (DATABASE, DOCUMENTS, RECORDINGS):
        if (folder / name).exists():
            raise StoreError("restore_not_empty", folder=folder, name=name)
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        place.mkdir(mode=FOLDER_MODE)
        _unpack(backup, place, derive(key, BACKUP))
        write_key(place / FILE, key)
        found = _checked(place, folder, by)
        _put_in_place(place, folder)
    except OSError as error:
        _take_away(folder)
        reason = error.strerror or str(error)
        raise StoreError("output_unwritable", file=error.filename or folder, reason=reason) from error
    except BaseException:
        _take_away(folder)
        raise
    shutil.rmtree(place)
    return found


def _take_away(folder: Path) -> None:
    """What a restore that did not come to its end had put there: none of it was there before it began."""
    for name in (DOCUMENTS, RECORDINGS, UNDER_WAY):
        shutil.rmtree(folder / name, ignore_errors=True)


def _unpack(backup: Path, place: Path, key: bytes) -> None:
    with backup.open("rb") as file:
        sealed = SealedReader(file, key)
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="r|") as archive:
                for member in archive:
                    _keep(archive, member, place)
            while sealed.read(tarfile.RECORDSIZE):
                pass  # to the seal of the last piece
        except tarfile.TarError as error:
            raise StoreError("backup_damaged") from error


def _keep(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    content = archive.extractfile(member) if member.isreg() and NAME.fullmatch(member.name) else None
    if content is None:
        raise StoreError("backup_damaged")
    path = place / member.name
    for above in reversed(path.relative_to(place).parents[:-1]):
        (place / above).mkdir(mode=FOLDER_MODE, exist_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())


def _checked(place: Path, folder: Path, by: str) -> Restored:
    """What was unpacked is a box whose audit is whole up to the head that the backup tells; it is made this box's."""
    from sqlalchemy import select, update

    from osteogait.storage.access_tables import SessionRow
    from osteogait.storage.audit import Audit
    from osteogait.storage.sessions import SERVICE
    from osteogait.storage.store import Store
    from osteogait.storage.tables import DocumentRow, RecordingRow

    manifest = _manifest(place)
    head = manifest["audit"]["head"]
    with Store.open(place / DATABASE) as store:
        audit = Audit(store)
        if not audit.verify().ok or audit.head() != head:
            raise StoreError("backup_damaged")
        with store.session() as session:
            recordings = session.scalars(select(RecordingRow)).all()
            for row in recordings:
                old = Path(row.path)
                row.path = str(folder.resolve() / RECORDINGS / old.parent.name / old.name)
            session.execute(update(SessionRow).where(SessionRow.kind != SERVICE).values(ended=True))
            audit.add(by, "change", "database", what="restored", backup=manifest["created"])
        documents = len(set(store.read(select(DocumentRow.sha256))))
        found = Restored(manifest["created"], head, len(store.people()), documents, len(recordings))
        store.forget_deleted()
    return found


def _manifest(place: Path) -> dict[str, Any]:
    path = place / MANIFEST
    if not path.is_file() or path.stat().st_size > LARGEST_MANIFEST:
        raise StoreError("backup_damaged")
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    if manifest["format"] != FORMAT:
        raise StoreError("backup_newer")
    return manifest


def _put_in_place(place: Path, folder: Path) -> None:
    """The database comes last: while it is missing there is no box, and the restore can be done again."""
    for part in place.rglob("*"):
        if part.is_dir():
            sync_folder(part)
    if (folder / FILE).exists():
        (place / FILE).unlink()  # it is the one that opened the backup
    for name in (FILE, DOCUMENTS, RECORDINGS, DATABASE):
        if (place / name).exists():
            (place / name).rename(folder / name)
        sync_folder(folder)
