"""All reports of one person, and the way to a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.web.clinician.subject import KINDS, STATES, person_page, state_of
from osteogait.web.therapist.days import date, day_and_time

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Result
    from osteogait.web.call import Call


@dataclass(frozen=True, slots=True)
class Line:
    """One report of the person: its state and what it answered, in words; `replaced` by a later one."""

    result: str
    when: str
    state: str
    kind: str
    replaced: bool
    answers: tuple[tuple[str, str], ...]


def show(call: Call) -> Response:
    """Reports, newest first; visits that have none yet."""
    person, store = call.params["person"], call.station.store
    results = store.results_of(person)
    assessed = {result.visit_id for result in results}
    visits = [visit for visit in reversed(store.visits_of(person)) if visit.id not in assessed]
    call.audit("view", f"person:{person}", part="reports")
    return call.page(
        "clinician/person.html.j2",
        here_tab="clinician.person",
        lines=lines(call, results),
        outcomes=outcome_names(call),
        visits=[(visit.id, day_and_time(call, visit.started)) for visit in visits],
        **person_page(call, person),
    )


def outcome_names(call: Call) -> list[str]:
    """The short names of the outcomes."""
    from osteogait.report.document import OUTCOMES
    from osteogait.report.language import load_language

    return [load_language(call.lang).text(f"clinic.short.{name}") for name in OUTCOMES]


def lines(call: Call, results: tuple[Result, ...]) -> list[Line]:
    """The reports as rows, newest first."""
    replaced = {result.supersedes for result in results}
    return [_line(call, result, result.id in replaced) for result in reversed(results)]


def _line(call: Call, result: Result, replaced: bool) -> Line:
    from osteogait.report.document import Document
    from osteogait.report.language import load_language
    from osteogait.report.outcomes import result_rows

    rows = result_rows(Document.of(result.assessment), (0, 100), load_language(call.lang))
    answers = tuple((row.result, row.interval) for row in rows)
    state = state_of(call, result)
    return Line(
        result.id, date(call, result.created), call.say(STATES[state]), KINDS[state], replaced, answers
    )
