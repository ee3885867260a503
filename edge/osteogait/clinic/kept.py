"""A value of the case as the store keeps it, and back: numbers in the stored unit, yes 1, no 0, the rest as text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.clinic.intake.number import read_typed
from osteogait.clinic.intake.reason import RowRefused
from osteogait.clinic.values import UNKNOWN, Entry, read_entry
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature
    from osteogait.storage.records import Value

Held = float | str

YES, NO = "yes", "no"
ANSWERS = {YES: True, NO: False}


def written(feature: Feature, text: str, unit: str | None = None, scanner: int | None = None) -> object:
    """What a person wrote in a form, as `read_entry` takes it; CaseError for what is no number.

    A yes/no question takes `yes`, `no` and `unknown`; fracture sites come parted by commas.
    """
    if text == UNKNOWN:
        return UNKNOWN
    if feature.kind == "bool":
        if text not in ANSWERS:
            raise CaseError("not_yes_no", feature=feature.id, value=text)
        return ANSWERS[text]
    if feature.kind == "sites":
        return [part for part in text.split(",") if part]
    if feature.kind == "category":
        return text
    number = plain_number(feature.id, text)
    if feature.kind == "dosage":
        return int(number) if number.is_integer() else number
    block: dict[str, object] = {"value": number}
    if unit:
        block["unit"] = unit
    if scanner is not None:
        block["scanner_generation"] = scanner
    return block


def plain_number(feature: str, text: str) -> float:
    """The number behind digits with a decimal point, full-width ones read as plain; CaseError for anything else."""
    try:
        return float(read_typed(text))
    except RowRefused as refused:
        raise CaseError("typed_number", feature=feature, value=text[:40]) from refused


def held(entry: Entry | None) -> Held:
    """The value of a column of the store; what was asked and is not known is the text `unknown`."""
    if entry is None:
        return UNKNOWN
    if isinstance(entry.value, tuple):
        return json.dumps(list(entry.value))
    return entry.value


def as_entry(feature: Feature, value: Value) -> Entry | None:
    """The entry of a case from what the store holds; None for `unknown`; CaseError when it fits the schema no more."""
    if value.value == UNKNOWN:
        return None
    if feature.kind != "number":
        return read_entry(feature, _plain(feature, value.value))
    extra = {key: item for key, item in value.notes.items() if key == feature.requires}
    entry = read_entry(feature, {"value": value.value, "unit": value.unit or feature.unit, **extra})
    if entry is None or value.written_value is None:
        return entry
    return replace(entry, written_value=value.written_value, written_unit=value.written_unit or value.unit)


def _plain(feature: Feature, value: Held) -> object:
    if feature.kind == "bool" and value in (0.0, 1.0):
        return bool(value)
    if feature.kind == "dosage" and isinstance(value, float) and value.is_integer():
        return int(value)
    if feature.kind == "sites" and isinstance(value, str):
        return json.loads(value)
    return value


def typed_value(
    feature: Feature,
    text: str,
    *,
    unit: str | None = None,
    scanner: int | None = None,
    by: str,
    taken_at: datetime,
    source: str = "typed",
) -> tuple[Value, Entry | None]:
    """One field of a form as a record of the store and its entry (None: not known); CaseError when it is refused."""
    from osteogait.storage.records import Value

    entry = read_entry(feature, written(feature, text, unit, scanner))
    extra = (
        {} if scanner is None or feature.requires != "scanner_generation" else {"scanner_generation": scanner}
    )
    value = Value(
        variable=feature.id,
        value=held(entry),
        unit=feature.unit if entry is None else entry.unit,
        source=source,
        written_value=text,
        written_unit=unit,
        taken_at=taken_at,
        notes=extra,
        by=by,
    )
    return value, entry
