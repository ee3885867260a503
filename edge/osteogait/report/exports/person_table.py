"""What is kept of a person as one long table: a row a value, a measure, an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.clinic.intake.moment import in_its_zone
from osteogait.report.document import OUTCOMES, Document
from osteogait.report.exports.cells import Cell, table
from osteogait.report.exports.wanted import EVERYTHING, Wanted
from osteogait.report.fhir.facts import Facts
from osteogait.report.judgement import conclusions
from osteogait.report.withheld import is_genotype

if TYPE_CHECKING:
    from osteogait.storage.records import Result, Value
    from osteogait.storage.trials import Trial

HEADER = (
    "person", "kind", "taken_at", "visit", "test", "condition", "attempt", "state", "reason", "usable",
    "name", "value", "comparator", "unit", "low", "high", "written_value", "written_unit", "source", "code",
    "side", "document", "document_row", "withdrawn", "handling", "record", "made_by",
)  # fmt: skip
"""Of every row; what a row does not know stays empty."""
HGR = "contains HGR"


def person_csv(facts: Facts, wanted: Wanted = EVERYTHING) -> bytes:
    """The table of `facts`: pseudonym only, numbers in stored units beside what was written."""
    rows = (_cells(facts.person.id, row) for row in _rows(facts, wanted))
    return table(HEADER, rows)


def _cells(person: str, row: dict[str, Cell]) -> list[Cell]:
    return [person, *(row.get(name) for name in HEADER[1:])]


def _rows(facts: Facts, wanted: Wanted) -> Iterator[dict[str, Cell]]:
    if not wanted.only_tests:
        for value in facts.values:
            if wanted.on(value.taken_at or value.created, value.notes):
                yield _value(value)
    for one in facts.trials:
        if wanted.trial(one):
            yield from _measures(one)
    if not wanted.only_tests:
        for result in facts.results:
            if wanted.on(result.created):
                yield from _answers(facts.states[result.id], result, conclusions(facts.acts[result.id]))


def _value(value: Value) -> dict[str, Cell]:
    return {
        "kind": "value",
        "taken_at": _taken(value),
        "name": value.variable,
        "value": value.value,
        "comparator": value.comparator,
        "unit": value.unit,
        "written_value": value.written_value,
        "written_unit": value.written_unit,
        "source": value.source,
        "code": value.code,
        "side": str(value.notes.get("side") or ""),
        "document": value.document_id,
        "document_row": value.document_row,
        "withdrawn": _time(value.withdrawn),
        "reason": value.withdrawn_reason,
        "handling": HGR if is_genotype(value.variable) else None,
        "record": value.id,
    }


def _taken(value: Value) -> str | None:
    """When, on the clock of the place; the day alone where the file named no time."""
    when = value.taken_at or value.created
    if when is None:
        return None
    local = in_its_zone(when, value.notes)
    return local.date().isoformat() if value.notes.get("day_only") else _time(local)


def _measures(one: Trial) -> Iterator[dict[str, Cell]]:
    """A row a measure; one row without a number for a try that has none."""
    about: dict[str, Cell] = {
        "kind": "measure",
        "taken_at": _time(one.created),
        "visit": one.visit_id,
        "test": one.test,
        "condition": one.variant,
        "attempt": one.attempt,
        "state": one.state,
        "reason": one.reason,
        "usable": None if one.measures is None else one.usable,
        "source": one.protocol,
        "record": one.id,
    }
    held = {} if one.measures is None else one.measures["measures"]
    for name, item in held.items():
        yield about | {"name": name, "value": item["value"], "unit": item["unit"]}
    if not held:
        yield about


def _answers(state: str, result: Result, held: Mapping[str, str]) -> Iterator[dict[str, Cell]]:
    """A row an outcome: chance in percent with its interval, or a rule's status; `held`: what a clinician concluded."""
    document = Document.of(result.assessment)
    for outcome in OUTCOMES:
        about: dict[str, Cell] = {
            "kind": "result",
            "taken_at": _time(result.created),
            "visit": result.visit_id,
            "state": state,
            "name": outcome,
            "record": result.id,
            "made_by": f"osteogait {result.software_version}; model {result.model_version} {result.model_sha256}",
        }
        row = about | _answer(document, outcome)
        yield row | {"reason": f"override: {held[outcome]}"} if outcome in held else row


def _answer(document: Document, outcome: str) -> dict[str, Cell]:
    risk = document.risk(outcome)
    if risk is not None:
        low, high = (None, None) if risk.interval is None else risk.interval
        return {
            "value": _percent(risk.probability),
            "unit": "%",
            "low": _percent(low),
            "high": _percent(high),
        }
    if outcome == "osteoporosis" and document.bone["basis"] != "model":
        return {"value": str(document.bone["status"]), "source": str(document.bone["basis"])}
    return {"reason": "not computed"}


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds")
