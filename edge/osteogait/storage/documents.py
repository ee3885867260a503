"""Files as they were uploaded, kept byte for byte, sealed, under their hash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from osteogait.errors import StoreError
from osteogait.storage.database import FOLDER_MODE, sync_folder
from osteogait.storage.records import canonical_json
from osteogait.storage.tables import DocumentRow

if TYPE_CHECKING:
    from osteogait.storage.store import Store

NAME, CONTENT = "file name", "file"
"""A file names its person as a rule, inside and outside: both are sealed."""


@dataclass(frozen=True, slots=True)
class Document:
    """An uploaded file: `name` as it was sent (never a path), `report` what became of its rows.

    `again` is True when the same bytes had been kept for this person before.
    """

    id: str
    person_id: str
    visit_id: str | None
    name: str
    kind: str
    sha256: str
    size: int
    report: Mapping[str, Any]
    by: str
    created: datetime
    again: bool = False


class Documents:
    """The uploaded files of everybody; `folder` holds their bytes."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._folder = store, folder

    def known(self, person: str, content: bytes) -> Document | None:
        """The same bytes kept for `person` before."""
        digest = hashlib.sha256(content).hexdigest()
        query = select(DocumentRow).where(DocumentRow.person_id == person, DocumentRow.sha256 == digest)
        rows = self._store.read(query)
        return replace(self._document(rows[0]), again=True) if rows else None

    def keep(
        self,
        person: str,
        visit: str | None,
        name: str,
        kind: str,
        content: bytes,
        report: Mapping[str, Any],
        by: str,
    ) -> Document:
        """The file is on the disk before its row; the same bytes for the same person are kept once."""
        digest = hashlib.sha256(content).hexdigest()
        with self._store.session() as session:  # its lock keeps `sweep` away from a file without its row
            before = self.known(person, content)
            if before is not None:
                return before
            self._write(digest, self._store.site_key.seal(CONTENT, content, digest))
            sealed = self._store.site_key.seal_text(NAME, name, person)
            row = DocumentRow(
                person_id=person, visit_id=visit, name=sealed, kind=kind, sha256=digest, size=len(content),
                report=canonical_json(report), by=by,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return self._document(row)

    def get(self, document: str) -> Document | None:
        """The file with this id."""
        rows = self._store.read(select(DocumentRow).where(DocumentRow.id == document))
        return self._document(rows[0]) if rows else None

    def of(self, person: str) -> tuple[Document, ...]:
        """The files of a person, oldest first."""
        query = select(DocumentRow).where(DocumentRow.person_id == person).order_by(DocumentRow.created)
        return tuple(self._document(row) for row in self._store.read(query))

    def read(self, document: Document) -> bytes:
        """Its bytes; StoreError when they are gone or not what was uploaded."""
        try:
            sealed = (self._folder / document.sha256).read_bytes()
        except OSError as error:
            raise StoreError("document_lost", document=document.id) from error
        try:
            content = self._store.site_key.open(CONTENT, sealed, document.sha256)
        except StoreError as error:
            if error.code == "identity_key_missing":
                raise  # it is the key that has to be restored, not the file
            raise StoreError("document_lost", document=document.id) from error
        if hashlib.sha256(content).hexdigest() != document.sha256:
            raise StoreError("document_lost", document=document.id)
        return content

    def sweep(self) -> int:
        """How many files without a row are gone now: of people erased, of uploads that were cut off."""
        with self._store.session():
            kept = set(self._store.read(select(DocumentRow.sha256)))
            found = list(self._folder.iterdir()) if self._folder.is_dir() else []
            gone = [path for path in found if path.name not in kept]
            for path in gone:
                path.unlink()
            if gone:
                sync_folder(self._folder)
        return len(gone)

    def _write(self, digest: str, content: bytes) -> None:
        try:
            self._write_durably(digest, content)
        except OSError as error:
            raise StoreError("output_unwritable", file=digest, reason=error.strerror or str(error)) from error

    def _write_durably(self, digest: str, content: bytes) -> None:
        if not self._folder.exists():
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            sync_folder(self._folder.parent)
        part, path = self._folder / f"{digest}.part", self._folder / digest
        with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(self._folder)

    def _document(self, row: DocumentRow) -> Document:
        return Document(
            row.id, row.person_id, row.visit_id, self._store.site_key.open_text(NAME, row.name, row.person_id),
            row.kind, row.sha256, row.size, json.loads(row.report), row.by, row.created,
        )  # fmt: skip
