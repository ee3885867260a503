"""A person is erased: what identifies and what was measured goes; that it happened stays in the audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from osteogait.storage.access_tables import ConsentRow, IdentityRow, SessionRow, SlipRow
from osteogait.storage.tables import (
    DocumentRow,
    PersonRow,
    RecordingRow,
    ResultRow,
    SignatureRow,
    TrialRow,
    ValueRow,
    VisitRow,
    now,
)

if TYPE_CHECKING:
    from osteogait.storage.audit import Audit
    from osteogait.storage.documents import Documents
    from osteogait.storage.store import Store

SUFFIXES = ("", "-wal", "-shm")
"""A recording is a database of its own and may have left these beside it."""


def erase(store: Store, documents: Documents, audit: Audit, person: str, by: str) -> None:
    """Everything of `person` goes but the pseudonym, marked as erased; files go once the rows are gone for good."""
    visits = select(VisitRow.id).where(VisitRow.person_id == person)
    results = select(ResultRow.id).where(ResultRow.visit_id.in_(visits))
    with store.session() as session:
        files = [
            Path(path)
            for path in session.scalars(select(RecordingRow.path).where(RecordingRow.visit_id.in_(visits)))
        ]
        hashes = list(session.scalars(select(DocumentRow.sha256).where(DocumentRow.person_id == person)))
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
        audit.add(by, "erase", f"person:{person}", recordings=len(files), documents=len(hashes))
    for file in files:
        for suffix in SUFFIXES:
            file.with_name(file.name + suffix).unlink(missing_ok=True)
    for digest in hashes:
        documents.delete_bytes(digest)
    store.forget_deleted()
