"""The movements: those that staff enabled and that are safe without anybody near, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError
from osteogait.screening.battery import all_tests, test
from osteogait.screening.phase import Phase
from osteogait.web.access import Unknown
from osteogait.web.kiosk.visit import whose

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.web.call import Call

USUAL = ("chair_stand_5x", "walk", "quiet_stance")
"""Strength, walking, balance: the order of stations in China. Only what is safe alone, unless staff stand by."""
DECLINED = "refused"
MOST_TRIES = 2
"""Then the staff should look; nobody is kept at it."""


def offered(call: Call) -> tuple[TestItem, ...]:
    """The tests of this kiosk, in the order they are done."""
    chosen = call.station.settings.get("kiosk_tests", list(USUAL))
    watched = bool(call.station.settings.get("staff_present", False))
    known = {one.id: one for one in all_tests()}
    return tuple(known[name] for name in chosen if name in known and (known[name].alone_ok or watched))


def overview(call: Call) -> Response:
    """The sensor is put on, then the movements begin."""
    whose(call)
    tests = offered(call)
    return call.page("kiosk/tests.html.j2", tests=tests, sensor=call.station.screening.sensor())


def begin(call: Call) -> Response:
    """To the first movement, or without them to the result."""
    tests = offered(call)
    if call.form.has("without"):
        person, visit = whose(call)
        for item in tests:
            call.station.screening.skip(visit, item, DECLINED, by=call.actor)
        del person
        return _result(call)
    return call.go("kiosk.test", item=tests[0].id) if tests else _result(call)


def show(call: Call) -> Response:
    """One movement, in whichever state it is."""
    return _page(call, "")


def start(call: Call) -> Response:
    """The countdown begins."""
    person, visit = whose(call)
    item = _item(call)
    try:
        call.station.consents.require(person.id, "test")
        live = call.station.screening.begin(visit, item, by=call.actor)
        call.station.screening.start(live.id)
    except OsteogaitError as error:
        return _page(call, error.message(call.lang), 422)
    return call.go("kiosk.test", item=item.id)


def stop(call: Call) -> Response:
    """It ends here."""
    live = _live(call)
    if live is not None:
        call.station.screening.stop(live.id)
    return call.go("kiosk.test", item=call.params["item"])


def accept(call: Call) -> Response:
    """It counts when it is usable, and is kept as refused when it is not; on to the next."""
    live = _live(call)
    if live is None or live.phase is not Phase.REVIEW or live.outcome is None:
        return call.go("kiosk.test", item=call.params["item"])
    state = "accepted" if live.outcome.usable else "rejected"
    call.station.screening.keep(live.id, state, by=call.actor)
    return _next(call)


def repeat(call: Call) -> Response:
    """Once more."""
    live = _live(call)
    if live is not None and live.phase is Phase.REVIEW and live.outcome is not None:
        state = "repeated" if live.outcome.usable else "rejected"
        call.station.screening.keep(live.id, state, by=call.actor)
    return call.go("kiosk.test", item=call.params["item"])


def skip(call: Call) -> Response:
    """Not this one."""
    _, visit = whose(call)
    call.station.screening.skip(visit, _item(call), DECLINED, by=call.actor)
    return _next(call)


def _item(call: Call) -> TestItem:
    known = {one.id for one in offered(call)}
    if call.params["item"] not in known:
        raise Unknown
    return test(call.params["item"])


def _live(call: Call) -> LiveTrial | None:
    """The try under way, when it is of this visit and movement."""
    _, visit = whose(call)
    live = call.station.screening.current
    if live is None or (live.visit, live.item.id) != (visit, call.params["item"]):
        return None
    return live


def _next(call: Call) -> Response:
    names = [one.id for one in offered(call)]
    place = names.index(call.params["item"]) + 1
    return call.go("kiosk.test", item=names[place]) if place < len(names) else _result(call)


def _result(call: Call) -> Response:
    from osteogait.web.kiosk.result import make

    return make(call)


def _page(call: Call, problem: str, status: int = 200) -> Response:
    _, visit = whose(call)
    item, tests, live = _item(call), offered(call), _live(call)
    tries = [
        one for one in call.station.trials.of_visit(visit) if one.test == item.id and one.state != "skipped"
    ]
    phase = Phase.READY if live is None else live.phase
    error = "" if live is None or live.error is None else live.error.message(call.lang)
    outcome = None if live is None else live.outcome
    return call.page(
        _template(phase), status=status, item=item, live=live, problem=problem or error,
        number=[one.id for one in tests].index(item.id) + 1, count=len(tests), outcome=outcome,
        advice=() if outcome is None else outcome.advice(call.lang), may_repeat=len(tries) + 1 < MOST_TRIES,
        simulated=call.station.screening.sensor().kind == "simulated", kiosk=True,
    )  # fmt: skip


def _template(phase: Phase) -> str:
    if phase in (Phase.READY, Phase.FAILED):
        return "kiosk/ready.html.j2"
    return "kiosk/review.html.j2" if phase is Phase.REVIEW else "kiosk/running.html.j2"
