"""What goes into the store and comes out of it, apart from how it is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """A pseudonym with year of birth and sex (`female`, `male`)."""

    id: str
    birth_year: int
    sex: str
    created: datetime
    erased: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of a person: `battery` names the tests meant to be done, `by` who began it."""

    id: str
    person_id: str
    started: datetime
    battery: str | None = None
    by: str | None = None
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording made at `fs_hz`: `samples` kept, `lost` missing; `path` holds bytes with hash `sha256`."""

    path: str
    sha256: str
    protocol: str
    fs_hz: float
    samples: int
    lost: int = 0
    started: datetime | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of `variable` in the stored `unit`; `written_*` is what a person or a file wrote.

    document_id, document_row   the uploaded file and its row; notes: what the file said besides (lab, method, side ...)
    id, created, withdrawn      set by the store
    """

    variable: str
    value: float | str
    unit: str
    source: str
    written_value: str | None = None
    written_unit: str | None = None
    taken_at: datetime | None = None
    recording_id: str | None = None
    comparator: str | None = None
    code: str | None = None
    document_id: str | None = None
    document_row: int | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    id: str = ""
    created: datetime | None = None
    withdrawn: datetime | None = None
    withdrawn_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """An assessment as it was stored, proven unchanged by `sha256`."""

    id: str
    person_id: str
    visit_id: str
    created: datetime
    assessment: Mapping[str, Any]
    sha256: str
    model_version: str
    model_sha256: str
    software_version: str
    supersedes: str | None = None


def canonical_json(content: Mapping[str, Any]) -> str:
    """One text for one content: keys sorted, no spaces; ValueError for NaN and infinity."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def text_sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of `text`, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def values_of_assessment(assessment: Mapping[str, Any], taken_at: datetime | None = None) -> list[Value]:
    """The `values` of an assessment as records; lists and yes/no of the paper are kept as JSON text."""
    return [_value(variable, held, taken_at) for variable, held in assessment["values"].items()]


def _value(variable: str, held: Mapping[str, Any], taken_at: datetime | None) -> Value:
    value = held["value"]
    written = held.get("as_written") or {}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return Value(
        variable=variable,
        value=float(value) if number else _text(value),
        unit=held["unit"],
        source=held["source"],
        written_value=_text(written["value"]) if "value" in written else None,
        written_unit=written.get("unit"),
        taken_at=taken_at,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
