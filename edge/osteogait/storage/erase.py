"""A person is erased: what identifies and what was measured goes; that it happened stays in the audit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from osteogait.errors import StoreError
from osteogait.storage.access_tables import ConsentRow, IdentityRow, SessionRow, SlipRow
from osteogait.storage.database import sync_folder
from osteogait.storage.moment import now
from osteogait.storage.tables import (
    DocumentRow,
    PersonRow,
    RecordingRow,
    ResultRow,
    SignatureRow,
    TrialRow,
    ValueRow,
    VisitRow,
)

if TYPE_CHECKING:
    from osteogait.storage.audit import Audit
    from osteogait.storage.documents import Documents
    from osteogait.storage.store import Store

BESIDE = ("", "-wal", "-shm")
"""A recording is a database of its own and may have left these beside it."""
COPIES = ("before-migration", "backup")
RECORDINGS = "recordings"
"""Beside the database: a folder a visit, also with what was recorded and never kept."""


def erase(store: Store, documents: Documents, audit: Audit, person: str, by: str) -> None:
    """Everything of `person` goes but the pseudonym, marked as erased.

    Recordings go first: a cut before the rows are gone leaves somebody who can be erased again, and no file that
    nobody knows of. Copies of the database, from before a migration or of a backup that was cut off, still hold the
    person, so they go too. Backups that were taken away are not in reach.
    """
    try:
        recordings = _delete_recordings(store, person)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("output_unwritable", file=error.filename, reason=reason) from error
    with store.transaction():
        files = len(store.read(select(DocumentRow.id).where(DocumentRow.person_id == person)))
        _delete_rows(store, person)
        audit.add(by, "erase", f"person:{person}", recordings=recordings, documents=files)
    documents.sweep()
    for kind in COPIES:
        for copy in store.path.parent.glob(f"{store.path.name}.{kind}-*"):
            copy.unlink()
    sync_folder(store.path.parent)
    store.forget_deleted()


def _delete_recordings(store: Store, person: str) -> int:
    kept = store.recordings_of(person)
    for recording in kept:
        file = Path(recording.path)
        for suffix in BESIDE:
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        if file.parent.is_dir():
            sync_folder(file.parent)
    root = store.path.parent / RECORDINGS
    folders = [root / visit.id for visit in store.visits_of(person) if (root / visit.id).is_dir()]
    for folder in folders:
        shutil.rmtree(folder)
    if folders:
        sync_folder(root)
    return len(kept)


def _delete_rows(store: Store, person: str) -> None:
    visits = select(VisitRow.id).where(VisitRow.person_id == person)
    results = select(ResultRow.id).where(ResultRow.visit_id.in_(visits))
    with store.session() as session:
        for gone in (
            delete(SignatureRow).where(SignatureRow.result_id.in_(results)),
            delete(ResultRow).where(ResultRow.visit_id.in_(visits)),
            delete(ValueRow).where(ValueRow.visit_id.in_(visits)),
            delete(TrialRow).where(TrialRow.visit_id.in_(visits)),
            delete(RecordingRow).where(RecordingRow.visit_id.in_(visits)),
            delete(DocumentRow).where(DocumentRow.person_id == person),
            delete(ConsentRow).where(ConsentRow.person_id == person),
            delete(SlipRow).where(SlipRow.person_id == person),
            delete(SessionRow).where(SessionRow.person_id == person),
            delete(VisitRow).where(VisitRow.person_id == person),
            delete(IdentityRow).where(IdentityRow.person_id == person),
        ):
            session.execute(gone)
        row = session.get(PersonRow, person)
        if row is not None:
            row.erased = now()
