"""The store of a box: what was added is on the disk when the call returns."""

from __future__ import annotations

import json
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
from osteogait.storage.database import reading
from osteogait.storage.migrate import open_database, store_error
from osteogait.storage.records import (
    Person,
    Recording,
    Result,
    Value,
    canonical_json,
    text_sha256,
    values_of_assessment,
)
from osteogait.storage.tables import PersonRow, RecordingRow, ResultRow, ValueRow, VisitRow, now


class Store:
    """People, visits, recordings, values and results in one file.

    Every `add_*` is one durable transaction of its own; inside `with store.transaction():` they are one
    together. All methods raise StoreError, after which nothing of the transaction is kept.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        """Use `Store.open`."""
        self.path = path
        self._engine = engine
        self._local = threading.local()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The store at `path`: made (private to its owner) when there is none, migrated when it is old."""
        return cls(open_database(path), path)

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

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
        with self._session():
            yield

    # --- writing --------------------------------------------------------------------------------------------

    def add_person(self, *, birth_year: int, sex: str) -> str:
        """The pseudonym of a new person (`sex` is `female` or `male`)."""
        return self._add(PersonRow(birth_year=birth_year, sex=sex))

    def add_visit(self, person: str, *, started: datetime | None = None) -> str:
        """The id of a new visit of `person`."""
        with self._session() as session:
            if session.get(PersonRow, person) is None:
                raise StoreError("store_no_person", person=person)
            return self._add(VisitRow(person_id=person, started=started or now()))

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
        with self._session():
            return tuple(self._add_to_visit(visit, _value_row(visit, value)) for value in values)

    def add_result(self, visit: str, assessment: Mapping[str, Any]) -> str:
        """The id of the result of `visit`: the assessment with its hash, model and software version."""
        text = canonical_json(assessment)
        row = ResultRow(
            visit_id=visit,
            assessment=text,
            assessment_sha256=text_sha256(text),
            model_version=assessment["model"]["version"],
            model_sha256=assessment["model"]["sha256"],
            software_version=assessment["software"]["version"],
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

    def people(self) -> tuple[Person, ...]:
        """Everybody, the longest known first."""
        rows = self._read(select(PersonRow).order_by(PersonRow.created))
        return tuple(Person(row.id, row.birth_year, row.sex, row.created) for row in rows)

    def recordings_of(self, person: str) -> tuple[Recording, ...]:
        """All recordings of `person`, oldest first."""
        query = select(RecordingRow).join(VisitRow).where(VisitRow.person_id == person)
        return tuple(_recording(row) for row in self._read(query.order_by(RecordingRow.created)))

    def values_of(self, person: str, variable: str | None = None) -> tuple[Value, ...]:
        """All values of `person`, or those of one variable, oldest first."""
        query = select(ValueRow).join(VisitRow).where(VisitRow.person_id == person)
        if variable is not None:
            query = query.where(ValueRow.variable == variable)
        return tuple(_value(row) for row in self._read(query.order_by(ValueRow.created)))

    def results_of(self, person: str) -> tuple[Result, ...]:
        """All results of `person`, oldest first; StoreError when one is not as it was stored."""
        query = select(ResultRow).join(VisitRow).where(VisitRow.person_id == person)
        return tuple(self._result(row, person) for row in self._read(query.order_by(ResultRow.created)))

    # --- inside ---------------------------------------------------------------------------------------------

    @contextmanager
    def _session(self) -> Iterator[Session]:
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
        with self._session() as session:
            session.add(row)
            session.flush()
            return row.id

    def _add_to_visit(self, visit: str, row: RecordingRow | ValueRow | ResultRow) -> str:
        with self._session() as session:
            if session.get(VisitRow, visit) is None:
                raise StoreError("store_no_visit", visit=visit)
            return self._add(row)

    def _read(self, query: Any) -> list[Any]:
        joined: Session | None = getattr(self._local, "session", None)
        if joined is not None:
            return list(joined.scalars(query))
        try:
            with Session(reading(self._engine)) as session:
                return list(session.scalars(query))
        except DatabaseError as error:
            raise store_error(error.orig, self.path) from error

    def _result(self, row: ResultRow, person: str) -> Result:
        if text_sha256(row.assessment) != row.assessment_sha256:
            raise StoreError("store_altered", path=self.path, result=row.id)
        return Result(
            id=row.id,
            person_id=person,
            visit_id=row.visit_id,
            created=row.created,
            assessment=json.loads(row.assessment),
            sha256=row.assessment_sha256,
            model_version=row.model_version,
            model_sha256=row.model_sha256,
            software_version=row.software_version,
        )


def _value_row(visit: str, value: Value) -> ValueRow:
    number = None if isinstance(value.value, str) else float(value.value)
    return ValueRow(
        visit_id=visit,
        recording_id=value.recording_id,
        variable=value.variable,
        number=number,
        text=value.value if isinstance(value.value, str) else None,
        unit=value.unit,
        written_value=value.written_value,
        written_unit=value.written_unit,
        source=value.source,
        taken_at=value.taken_at,
    )


def _value(row: ValueRow) -> Value:
    held = row.text if row.number is None else row.number
    if held is None:
        raise ValueError(f"value {row.id} is empty")  # the table's own check makes this impossible
    return Value(
        variable=row.variable,
        value=held,
        unit=row.unit,
        source=row.source,
        written_value=row.written_value,
        written_unit=row.written_unit,
        taken_at=row.taken_at,
        recording_id=row.recording_id,
    )


def _recording(row: RecordingRow) -> Recording:
    return Recording(row.path, row.sha256, row.protocol, row.fs_hz, row.samples, row.lost, row.started)
