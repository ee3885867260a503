"""Somebody's page: what is next, what was done, how it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.screening.battery import battery
from osteogait.web.therapist.days import day_and_time, is_today
from osteogait.web.therapist.names import named
from osteogait.web.therapist.registration import BODY, newest, plain
from osteogait.web.therapist.steps import Steps, steps_of
from osteogait.web.therapist.trend import trends, words

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.records import Result, Visit
    from osteogait.web.call import Call

SHOWN_TRENDS = 2


@dataclass(frozen=True, slots=True)
class Past:
    """One visit: when, what it was for, how far it came, and its newest report with its state."""

    visit: Visit
    when: str
    title: str
    steps: Steps
    result: Result | None
    state: str | None

    @property
    def done(self) -> int:
        """Tests that count."""
        return sum(step.state == "accepted" for step in self.steps.all)


def show(call: Call) -> Response:
    """The page."""
    person = call.params["person"]
    past = _past(call, person)
    goes_on = next((one for one in past if _goes_on(one)), None)
    found = trends(call, person)
    call.audit("view", f"person:{person}")
    return call.page(
        "therapist/person.html.j2",
        who=named(call, person),
        agreed=call.station.consents.held(person),
        body=[
            (name, plain(value), unit) for name, unit in BODY.items() if (value := newest(call, person, name))
        ],
        past=past,
        goes_on=goes_on,
        trends=found[:SHOWN_TRENDS],
        more_trends=len(found) > SHOWN_TRENDS,
        **words(call),
    )


def _past(call: Call, person: str) -> list[Past]:
    """Visits with tests, the newest first."""
    results: dict[str, Result] = {one.visit_id: one for one in call.station.store.results_of(person)}
    return [
        _visit(call, visit, results.get(visit.id))
        for visit in reversed(call.station.store.visits_of(person))
        if visit.battery or visit.id in results
    ]


def _visit(call: Call, visit: Visit, result: Result | None) -> Past:
    title = call.say(battery(visit.battery).title) if visit.battery else call.say("Values and report")
    state = None if result is None else call.station.signatures.state(result)
    return Past(visit, day_and_time(call, visit.started), title, steps_of(call, visit), result, state)


def _goes_on(one: Past) -> bool:
    return one.visit.closed is None and is_today(one.visit.started) and one.steps.next is not None
