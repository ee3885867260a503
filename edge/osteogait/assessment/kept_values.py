"""Of everything that is kept of a person, what counts now: one value a variable, with what has to be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from osteogait.assessment.remarks import Remark
from osteogait.clinic.frax import Frax, read_frax
from osteogait.clinic.intake.moment import in_its_zone
from osteogait.clinic.kept import as_entry
from osteogait.clinic.values import UNKNOWN, Entry
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema
    from osteogait.storage.records import Value, Visit

OLD_DAYS = 365
"""Older values are used and their age is told: a year is the shortest usual time between two bone densities."""
NEVER_OLD = frozenset(
    {"parent_hip_fracture", "prior_fracture", "ancestry", "black_ancestry", "postmenopausal", "height"}
)
LOWEST = "_t"  # T-scores: of two sides measured on one day the lower one counts, as in the WHO rule
GENOTYPE = "snp"
KIOSK = "kiosk"
BOUNDS = ("<", ">", "<=", ">=")
FRAX = {"frax_mof": "mof_percent", "frax_hip": "hip_percent"}


def newest_values(values: Iterable[Value], allowed: Mapping[str, bool] | None = None) -> dict[str, Value]:
    """Of every variable the value that counts: not withdrawn, taken last; typed, uploaded or answered, not measured."""
    found: dict[str, Value] = {}
    for value in values:
        if (
            value.withdrawn is not None
            or value.recording_id is not None
            or value.source.startswith("recording:")
        ):
            continue
        if allowed is not None and not allowed.get(value.variable, True):
            continue
        known = found.get(value.variable)
        if known is None or _counts_before(value, known):
            found[value.variable] = value
    return found


def _counts_before(value: Value, known: Value) -> bool:
    """Whether `value`, kept later, counts instead of `known`."""
    if _guest_does_not_know(value) != _guest_does_not_know(known):
        return _guest_does_not_know(known)
    now, before = value.value, known.value
    same_day = taken(value).date() == taken(known).date() and value.document_id is not None
    if same_day and value.variable.endswith(LOWEST) and isinstance(now, float) and isinstance(before, float):
        return now < before
    return taken(value) >= taken(known)


def _guest_does_not_know(value: Value) -> bool:
    """An answer that takes the place of nothing: a guest who does not know does not make the clinic forget."""
    return value.value == UNKNOWN and value.source == KIOSK


def taken(value: Value) -> datetime:
    """When the value was taken, on the clock of that place; where nobody said, when it was kept."""
    when = value.taken_at or value.created
    assert when is not None  # noqa: S101 - the store writes it
    return in_its_zone(when, value.notes)


def entries_of(
    newest: Mapping[str, Value], schema: Schema, visit: Visit
) -> tuple[dict[str, Entry], list[Remark]]:
    """Entries of what the model or a rule knows, and what has to be said of them."""
    entries: dict[str, Entry] = {}
    remarks: list[Remark] = []
    for feature in schema.features:
        value = newest.get(feature.id)
        if value is None or feature.id in ("age", "sex"):
            continue
        why = not_used(value)
        if why is not None:
            remarks += _shown_only(feature, value, why)
            continue
        try:
            entry = as_entry(feature, value)
        except CaseError as error:
            remarks.append(Remark("value_not_usable", "warn", {"feature": feature.id, "reason": error}))
            continue
        if entry is not None:
            entries[feature.id] = entry
            remarks += _old(feature, value, visit.started.date())
    return entries, remarks


def not_used(value: Value) -> str | None:
    """Why a value that is kept does not go into the estimate: `unknown`, `censored`, `not_counted`; None: it does."""
    if value.value == UNKNOWN:
        return "unknown"
    if value.comparator in BOUNDS:
        return "censored"
    return "not_counted" if value.notes.get("usable") is False else None


def _shown_only(feature: Feature, value: Value, why: str) -> list[Remark]:
    """What is said of a value that is printed and counts as missing; an answer `unknown` speaks for itself."""
    if why == "censored":
        shown = f"{value.comparator} {value.written_value or value.value} {value.written_unit or value.unit}"
        return [Remark("value_censored", "info", {"feature": feature.id, "written": shown})]
    if why == "not_counted":
        return [Remark("value_not_counted", "info", {"variant": feature.id, "written": value.value})]
    return []


def _old(feature: Feature, value: Value, today: date) -> list[Remark]:
    day = taken(value).date()
    days = (today - day).days
    if days <= OLD_DAYS or feature.group == GENOTYPE or feature.id in NEVER_OLD:
        return []
    fields = {"feature": feature.id, "date": day.isoformat(), "months": round(days / 30.44)}
    return [Remark("value_old", "warn", fields)]


def frax_of(newest: Mapping[str, Value]) -> tuple[Frax | None, list[Remark]]:
    """The FRAX result as it was typed last; both numbers must come from one page of FRAX."""
    typed = [newest[name] for name in FRAX if name in newest and newest[name].value != UNKNOWN]
    if not typed:
        return None, []
    latest = max(typed, key=taken)
    block = dict(latest.notes) | {
        FRAX[value.variable]: value.value for value in typed if taken(value) == taken(latest)
    }
    known = ("country", "with_bmd", *FRAX.values())
    try:
        return read_frax({key: item for key, item in block.items() if key in known}), []
    except CaseError as error:
        return None, [Remark("value_not_usable", "warn", {"feature": "FRAX", "reason": error})]
