"""A visit: which tests, how far they are, its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import UsageError
from osteogait.screening.battery import all_tests, batteries, battery
from osteogait.web.language import N_
from osteogait.web.therapist.days import day_and_time
from osteogait.web.therapist.names import named
from osteogait.web.therapist.steps import steps_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.web.call import Call

NEEDS = {"chair": N_("chair"), "walkway": N_("walkway"), "wall": N_("wall or firm hold")}
CHANGE_OVER_S = 60.0
"""Explaining and getting ready, a test: an estimate for planning, not a measurement."""
TYPICAL_S = {"walked": 20.0, "seated": 15.0, "risen": 15.0}
"""How long tests without a fixed length usually take."""


def choose(call: Call) -> Response:
    """The batteries, with what each needs and how long it takes."""
    person = call.params["person"]
    call.station.consents.require(person, "test")
    tiles = [(one, minutes(one.tests), _needs(call, one.tests)) for one in batteries()]
    return call.page(
        "therapist/batteries.html.j2",
        who=named(call, person),
        tiles=tiles,
        tests=all_tests(),
        body_known=_body_known(call, person),
        problem=call.query.get("problem", ""),
    )


def begin(call: Call) -> Response:
    """A new visit with the chosen tests; next is the sensor."""
    person = call.params["person"]
    call.station.consents.require(person, "test")
    chosen = call.form.text("battery")
    try:
        found = battery(f"custom:{','.join(call.form.all('test'))}" if chosen == "custom" else chosen)
    except UsageError:
        return call.go("therapist.batteries", person=person, problem="none")
    with call.station.store.transaction():
        visit = call.station.store.add_visit(person, battery=found.text, by=call.actor)
        call.audit("create", f"visit:{visit}", person=person, battery=found.text)
    return call.go("therapist.setup", visit=visit)


def show(call: Call) -> Response:
    """How far the visit is: every test with its state, the next one as a big button."""
    visit = visit_of(call)
    steps = steps_of(call, visit)
    call.audit("view", f"visit:{visit.id}", person=visit.person_id)
    return call.page(
        "therapist/visit.html.j2",
        who=named(call, visit.person_id),
        visit=visit,
        when=day_and_time(call, visit.started),
        steps=steps,
        reasons=_reasons(),
    )


def close(call: Call) -> Response:
    """Nothing more is done at this visit; what was not done stays not done."""
    visit = visit_of(call)
    with call.station.store.transaction():
        call.station.store.close_visit(visit.id)
        call.audit("change", f"visit:{visit.id}", what="closed", person=visit.person_id)
    return call.go("therapist.result", visit=visit.id)


def minutes(tests: Iterable[TestItem]) -> int:
    """About how long, in whole minutes."""
    seconds = sum(CHANGE_OVER_S + (one.seconds or TYPICAL_S[one.stop]) for one in tests)
    return max(1, round(seconds / 60))


def first_step(call: Call) -> Response:
    """To the next test of the visit, or to its result."""
    visit = visit_of(call)
    following = steps_of(call, visit).next
    if following is None:
        return call.go("therapist.result", visit=visit.id)
    return call.go("therapist.test", visit=visit.id, item=following.item.id)


def _needs(call: Call, tests: Iterable[TestItem]) -> str:
    wanted = {need for one in tests for need in one.needs}
    return call.say(", ").join(call.say(words) for need, words in NEEDS.items() if need in wanted)


def _body_known(call: Call, person: str) -> bool:
    """Whether the height is known: step lengths and speeds need it."""
    return any(one.withdrawn is None for one in call.station.store.values_of(person, "height"))


def _reasons() -> dict[str, str]:
    from osteogait.screening.test_guide import SKIP_REASONS

    return SKIP_REASONS
