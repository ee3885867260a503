"""The store of a box: what was added is on the disk when the call returns."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from osteogait.errors import StoreError
from osteogait.storage import access_tables  # noqa: F401 - so that every table is known before the first is used
from osteogait.storage.database import reading_once
from osteogait.storage.migrate import open_database
from osteogait.storage.moment import now
from osteogait.storage.records import (
    Person,
    Recording,
    Result,
    Value,
    Visit,
    canonical_json,
    text_sha256,
    values_of_assessment,
)
from osteogait.storage.rows import person_of, recording_of, result_of, value_of, value_row, visit_of
from osteogait.storage.site_key import FILE, SiteKey
from osteogait.storage.tables import PersonRow, RecordingRow, ResultRow, ValueRow, VisitRow
from osteogait.storage.usable import store_error


class Store:
    """People, visits, recordings, values and results in one file.

    Every `add_*` is one durable transaction of its own; inside `with store.transaction():` they are one
    together. All methods raise StoreError, after which nothing of the transaction is kept.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        """Use `Store.open`."""
        self.path = path
        self.site_key = SiteKey(self, path.with_name(FILE))
        self._engine, self._reads = engine, reading_once(engine)
        self._local = threading.local()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The store at `path`: made (private to its owner) when there is none, migrated when it is old."""
        return cls(open_database(path), path)

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

    def forget_deleted(self) -> None:
        """What was deleted is in no byte of the file or its log any more; StoreError while another program reads."""
        # the file itself was overwritten with zeros at the deletion (secure_delete): the log is what is left
        with self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            busy = raw is None or raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreError("erase_waits", path=self.path)
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists():
            with log.open("rb") as file:
                os.fsync(
                    file.fileno()
                )  # SQLite cuts its log short and leaves it there: a power cut would undo it

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets go of the file."""
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything added by this thread inside is kept together, or nothing is."""
        with self.session():
            yield

    # --- writing --------------------------------------------------------------------------------------------

    def add_person(self, *, birth_year: int, sex: str) -> str:
        """The pseudonym of a new person (`sex` is `female` or `male`)."""
        return self._add(PersonRow(birth_year=birth_year, sex=sex))

    def add_visit(
        self,
        person: str,
        *,
        started: datetime | None = None,
        battery: str | None = None,
        by: str | None = None,
    ) -> str:
        """The id of a new visit of `person`; `battery` names the tests meant to be done."""
        with self.session() as session:
            found = session.get(PersonRow, person)
            if found is None or found.erased is not None:
                raise StoreError("store_no_person", person=person)
            return self._add(VisitRow(person_id=person, started=started or now(), battery=battery, by=by))

    def close_visit(self, visit: str) -> None:
        """Nothing more will be done at this visit."""
        with self.session() as session:
            row = session.get(VisitRow, visit)
            if row is None:
                raise StoreError("store_no_visit", visit=visit)
            row.closed = row.closed or now()

    def withdraw_value(self, value: str, *, by: str, reason: str) -> None:
        """A value no longer counts; it stays readable with the reason. StoreError when there is no such value."""
        with self.session() as session:
            row = session.get(ValueRow, value)
            if row is None:
                raise StoreError("store_no_value", value=value)
            row.withdrawn, row.withdrawn_by, row.withdrawn_reason = now(), by, reason

    def add_recording(self, visit: str, recording: Recording) -> str:
        """The id of a recording of `visit`; its file is durable already."""
        row = RecordingRow(
            visit_id=visit,
            path=recording.path,
            sha256=recording.sha256,
            protocol=recording.protocol,
            fs_hz=recording.fs_hz,
            samples=recording.samples,
            lost=recording.lost,
            started=recording.started,
        )
        return self._add_to_visit(visit, row)

    def add_values(self, visit: str, values: Iterable[Value]) -> tuple[str, ...]:
        """The ids of the values, in their order; all are kept or none."""
        with self.session():
            return tuple(self._add_to_visit(visit, value_row(visit, value)) for value in values)

    def add_result(self, visit: str, assessment: Mapping[str, Any], *, supersedes: str | None = None) -> str:
        """The id of the result of `visit`: the assessment with its hash, model and software version.

        `supersedes` names the result that this one amends.
        """
        text = canonical_json(assessment)
        row = ResultRow(
            visit_id=visit,
            assessment=text,
            assessment_sha256=text_sha256(text),
            model_version=assessment["model"]["version"],
            model_sha256=assessment["model"]["sha256"],
            software_version=assessment["software"]["version"],
            supersedes=supersedes,
        )
        return self._add_to_visit(visit, row)

    def save_screening(
        self,
        person: str,
        assessment: Mapping[str, Any],
        recordings: Iterable[Recording] = (),
        *,
        started: datetime,
    ) -> str:
        """The id of the result of a whole visit (recordings, values, assessment), kept in one transaction."""
        with self.transaction():
            visit = self.add_visit(person, started=started)
            for recording in recordings:
                self.add_recording(visit, recording)
            self.add_values(visit, values_of_assessment(assessment, taken_at=started))
            return self.add_result(visit, assessment)

    # --- reading --------------------------------------------------------------------------------------------

    def person(self, person: str) -> Person | None:
        """The person with this pseudonym, also when erased; None when there is none."""
        rows = self.read(select(PersonRow).where(PersonRow.id == person))
        return person_of(rows[0]) if rows else None

    def people_with(self, people: Iterable[str]) -> dict[str, Person]:
        """The people with these pseudonyms who have not been erased, by pseudonym."""
        rows = self.read(select(PersonRow).where(PersonRow.id.in_(list(people)), PersonRow.erased.is_(None)))
        return {row.id: person_of(row) for row in rows}

    def visit(self, visit: str) -> Visit | None:
        """The visit with this id."""
        rows = self.read(select(VisitRow).where(VisitRow.id == visit))
        return visit_of(rows[0]) if rows else None

    def visits_of(self, person: str) -> tuple[Visit, ...]:
        """All visits of `person`, oldest first."""
        query = select(VisitRow).where(VisitRow.person_id == person).order_by(VisitRow.started)
        return tuple(visit_of(row) for row in self.read(query))

    def recent_visits(self, limit: int) -> tuple[Visit, ...]:
        """The last visits of everybody, newest first."""
        query = select(VisitRow).join(PersonRow).where(PersonRow.erased.is_(None))
        return tuple(visit_of(row) for row in self.read(query.order_by(VisitRow.started.desc()).limit(limit)))

    def recording(self, recording: str) -> Recording | None:
        """The recording with this id."""
        rows = self.read(select(RecordingRow).where(RecordingRow.id == recording))
        return recording_of(rows[0]) if rows else None

    def result(self, result: str) -> Result | None:
        """The result with this id; StoreError when it is not as it was stored."""
        rows = self.read(select(ResultRow).where(ResultRow.id == result))
        if not rows:
            return None
        visit = self.visit(rows[0].visit_id)
        return None if visit is None else self._proven(rows[0], visit.person_id)

    def people(self) -> tuple[Person, ...]:
        """Everybody, the longest known first."""
        rows = self.read(select(PersonRow).order_by(PersonRow.created))
        return tuple(person_of(row) for row in rows if row.erased is None)

    def recordings_of(self, person: str) -> tuple[Recording, ...]:
        """All recordings of `person`, oldest first."""
        query = select(RecordingRow).join(VisitRow).where(VisitRow.person_id == person)
        return tuple(recording_of(row) for row in self.read(query.order_by(RecordingRow.created)))

    def values_of(self, person: str, variable: str | None = None) -> tuple[Value, ...]:
        """All values of `person`, or those of one variable, oldest first."""
        query = select(ValueRow).join(VisitRow).where(VisitRow.person_id == person)
        if variable is not None:
            query = query.where(ValueRow.variable == variable)
        return tuple(value_of(row) for row in self.read(query.order_by(ValueRow.created)))

    def results_of(self, person: str) -> tuple[Result, ...]:
        """All results of `person`, oldest first; StoreError when one is not as it was stored."""
        query = select(ResultRow).join(VisitRow).where(VisitRow.person_id == person)
        return tuple(self._proven(row, person) for row in self.read(query.order_by(ResultRow.created)))

    # --- inside ---------------------------------------------------------------------------------------------

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return getattr(self._local, "session", None) is not None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The open transaction of this thread, or one of its own that ends with the block."""
        joined: Session | None = getattr(self._local, "session", None)
        if joined is not None:
            yield joined
            return
        try:
            with Session(self._engine) as session, session.begin():
                self._local.session = session
                yield session
        except IntegrityError as error:
            raise StoreError("store_refused", reason=error.orig) from error
        except DatabaseError as error:
            raise store_error(error.orig, self.path) from error
        finally:
            self._local.session = None

    def _add(self, row: PersonRow | VisitRow | RecordingRow | ValueRow | ResultRow) -> str:
        with self.session() as session:
            session.add(row)
            session.flush()
            return row.id

    def _add_to_visit(self, visit: str, row: RecordingRow | ValueRow | ResultRow) -> str:
        with self.session() as session:
            if session.get(VisitRow, visit) is None:
                raise StoreError("store_no_visit", visit=visit)
            return self._add(row)

    def read(self, query: Any) -> list[Any]:
        """All that `query` selects, inside the open transaction of this thread or in a snapshot of its own."""
        joined: Session | None = getattr(self._local, "session", None)
        if joined is not None:
            return list(joined.scalars(query))
        try:
            with Session(self._reads) as session:
                return list(session.scalars(query))
        except DatabaseError as error:
            raise store_error(error.orig, self.path) from error

    def _proven(self, row: ResultRow, person: str) -> Result:
        try:
            return result_of(row, person)
        except StoreError as error:
            raise StoreError("store_altered", path=self.path, result=row.id) from error
