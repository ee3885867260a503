"""Between the rows of the tables and the records that the rest of the app knows."""

from __future__ import annotations

import json

from osteogait.errors import StoreError
from osteogait.storage.records import Person, Recording, Result, Value, Visit, canonical_json, text_sha256
from osteogait.storage.tables import PersonRow, RecordingRow, ResultRow, ValueRow, VisitRow


def person_of(row: PersonRow) -> Person:
    """The person of a row."""
    return Person(row.id, row.birth_year, row.sex, row.created, row.erased)


def visit_of(row: VisitRow) -> Visit:
    """The visit of a row."""
    return Visit(row.id, row.person_id, row.started, row.battery, row.by, row.closed)


def result_of(row: ResultRow, person: str) -> Result:
    """The result of a row, proven unchanged; StoreError when it is not."""
    if text_sha256(row.assessment) != row.assessment_sha256:
        raise StoreError("store_altered", path="", result=row.id)
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
        supersedes=row.supersedes,
    )


def value_row(visit: str, value: Value) -> ValueRow:
    """The row of a value of `visit`."""
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
        comparator=value.comparator,
        code=value.code,
        document_id=value.document_id,
        document_row=value.document_row,
        notes=canonical_json(value.notes) if value.notes else None,
        by=value.by,
    )


def value_of(row: ValueRow) -> Value:
    """The value of a row."""
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
        comparator=row.comparator,
        code=row.code,
        document_id=row.document_id,
        document_row=row.document_row,
        notes={} if row.notes is None else json.loads(row.notes),
        by=row.by,
        id=row.id,
        created=row.created,
        withdrawn=row.withdrawn,
        withdrawn_reason=row.withdrawn_reason,
    )


def recording_of(row: RecordingRow) -> Recording:
    """The recording of a row."""
    return Recording(
        row.path, row.sha256, row.protocol, row.fs_hz, row.samples, row.lost, row.started, id=row.id
    )
