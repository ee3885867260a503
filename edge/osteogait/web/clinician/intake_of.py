"""Between the intake, which knows no database, and what the box keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osteogait.clinic.intake.measurement import Intake, Measurement, PersonFacts
    from osteogait.storage.records import Value
    from osteogait.web.call import Call

ZONE = "zone"
"""The setting that names the zone of times that name none."""


def read(call: Call, name: str, content: bytes) -> Intake:
    """The account of the file for this box; Rejected when it cannot be read at all."""
    from osteogait.clinic.intake.door import read_upload

    digest = hashlib.sha256(content).hexdigest()
    return read_upload(
        name,
        content,
        default_zone=call.station.settings.get(ZONE, None),
        persons=lambda patient: _facts(call, patient),
        now=datetime.now(UTC),
        stored=lambda person, variable, at, side: _stored(call, person, variable, at, side, digest),
    )


def _facts(call: Call, patient: str) -> PersonFacts | None:
    """By the clinic's number, or by the pseudonym itself."""
    from osteogait.clinic.intake.measurement import PersonFacts

    person = call.station.identities.by_clinic_id(patient) or patient
    found = call.station.store.person(person)
    if found is None or found.erased is not None:
        return None
    return PersonFacts(found.id, found.birth_year, found.sex, call.station.consents.held(found.id))


def _stored(
    call: Call, person: str, variable: str, at: datetime, side: str, digest: str
) -> float | str | None:
    """What another source gave at that moment; what this very file gave before is no conflict, it is the same file."""
    held = call.station.store.values_of(person, variable)
    same = [
        one
        for one in held
        if one.withdrawn is None and one.taken_at == at and one.notes.get("side", "") == side
    ]
    others = [one for one in same if not _is_of_file(call, one.document_id, digest)]
    return others[-1].value if others else None


def _is_of_file(call: Call, document: str | None, digest: str) -> bool:
    found = None if document is None else call.station.documents.get(document)
    return found is not None and found.sha256 == digest


def values_of(rows: list[Measurement], kind: str, document: str, by: str) -> list[Value]:
    """The accepted rows as records that point to their file and row."""
    from osteogait.storage.records import Value

    return [
        Value(
            row.variable,
            row.value,
            row.unit,
            f"upload:{kind}",
            row.written_value,
            row.written_unit or None,
            row.taken_at,
            comparator=row.comparator if row.comparator not in ("", "=") else None,
            code=row.code or None,
            document_id=document,
            document_row=row.row,
            notes=_notes(row),
            by=by,
        )
        for row in rows
    ]


def _notes(row: Measurement) -> Mapping[str, Any]:
    notes: dict[str, Any] = dict(row.notes)
    if notes.get("scanner_generation") in ("1", "2"):
        notes["scanner_generation"] = int(notes["scanner_generation"])
    if row.day_only:
        notes["day_only"] = True
    if not row.usable:
        notes["usable"] = False
    return notes


def account(found: Intake, person: str) -> dict[str, Any]:
    """What became of the rows of one person, kept with the file: keys and counts, no text of the file."""
    from osteogait.clinic.intake.measurement import ALONE

    mine = [row for row in found.accepted if row.person == person]
    return {
        "kind": found.kind,
        "encoding": found.encoding,
        "accepted": len(mine),
        "warned": sum(bool(row.warnings) for row in mine),
        "refused": [{"row": row.row, "reason": row.reason} for row in found.refused],
        "ignored": dict(found.ignored),
        ALONE: found.people == {person},
    }
