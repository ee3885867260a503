"""The movements: those that staff enabled and that are safe without anybody near, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError
from osteogait.screening.battery import all_tests, test
from osteogait.screening.phase import Phase
from osteogait.web.access import Unknown
from osteogait.web.kiosk.once_more import once_more
from osteogait.web.kiosk.steps import SARC_F
from osteogait.web.kiosk.visit import whose

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.web.call import Call

USUAL = ("chair_stand_5x", "walk", "quiet_stance")
"""Strength, walking, balance: the order of stations in China. Only what is safe alone, unless staff stand by."""
DECLINED = "refused"
DECIDED = ("accepted", "rejected", "skipped")
HELD = "held"
MOST_TRIES = 2
"""Then the staff should look; nobody is kept at it."""


def offered(call: Call) -> tuple[TestItem, ...]:
    """The tests of this kiosk, in the order they are done."""
    chosen = call.station.settings.get("kiosk_tests", list(USUAL))
    watched = bool(call.station.settings.get("staff_present", False))
    known = {one.id: one for one in all_tests()}
    return tuple(known[name] for name in chosen if name in known and (known[name].alone_ok or watched))


def undone(call: Call) -> list[TestItem]:
    """What was neither tried nor left out at this visit, in order."""
    _, visit = whose(call)
    tried = {one.test for one in call.station.trials.of_visit(visit)}
    return [one for one in offered(call) if one.id not in tried]


def needs_somebody(item: TestItem) -> bool:
    """Whether somebody is asked to stand by: whoever stands still on purpose may sway."""
    return item.stop == HELD


def overview(call: Call) -> Response:
    """The sensor is put on, then the movements begin, or go on."""
    whose(call)
    tests, left = offered(call), undone(call)
    if not tests:
        return call.go("kiosk.question", number=len(SARC_F) + 1)
    return call.page(
        "kiosk/tests.html.j2", tests=tests, left=left, sensor=call.station.screening.sensor(),
        last_question=len(SARC_F),
    )  # fmt: skip


def begin(call: Call) -> Response:
    """To the first movement that was not done; without them to the questions that follow."""
    _, visit = whose(call)
    left = undone(call)
    if call.form.has("without"):
        for item in left:
            call.station.screening.skip(visit, item, DECLINED, by=call.actor)
        left = []
    return call.go("kiosk.test", item=left[0].id) if left else _on(call)


def show(call: Call) -> Response:
    """One movement, in whichever state it is."""
    return _page(call, "")


def start(call: Call) -> Response:
    """The countdown begins."""
    person, visit = whose(call)
    item = asked_for(call)
    if not item.alone_ok and not call.form.has("beside"):
        return _page(call, call.say("Somebody must stand beside you for this movement."), 422)
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
    if live is None and _state(call) in DECIDED:  # touched twice
        return _on(call)
    if live is None or live.phase is not Phase.REVIEW or live.outcome is None:
        return call.go("kiosk.test", item=call.params["item"])
    state = "accepted" if live.outcome.usable else "rejected"
    call.station.screening.keep(live.id, state, by=call.actor)
    return _on(call)


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
    item = asked_for(call)
    if _live(call) is not None or _state(call) not in DECIDED:
        call.station.screening.skip(visit, item, DECLINED, by=call.actor)
    return _on(call)


def asked_for(call: Call) -> TestItem:
    """The movement in the address; Unknown when this kiosk does not offer it."""
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


def _state(call: Call) -> str:
    """What became of the last try of this movement; empty before the first."""
    _, visit = whose(call)
    tries = [one.state for one in call.station.trials.of_visit(visit) if one.test == call.params["item"]]
    return tries[-1] if tries else ""


def _on(call: Call) -> Response:
    """To the next movement in order; after the last to the questions that follow."""
    names = [one.id for one in offered(call)]
    place = names.index(call.params["item"]) + 1 if "item" in call.params else len(names)
    if place < len(names):
        return call.go("kiosk.test", item=names[place])
    return call.go("kiosk.question", number=len(SARC_F) + 1)


def _page(call: Call, problem: str, status: int = 200) -> Response:
    _, visit = whose(call)
    item, tests, live = asked_for(call), offered(call), _live(call)
    tries = [
        one for one in call.station.trials.of_visit(visit) if one.test == item.id and one.state != "skipped"
    ]
    phase = Phase.READY if live is None else live.phase
    error = "" if live is None or live.error is None else live.error.message(call.lang)
    outcome = None if live is None else live.outcome
    return call.page(
        _template(phase), status=status, item=item, live=live, problem=problem or error,
        number=[one.id for one in tests].index(item.id) + 1, count=len(tests), outcome=outcome,
        advice="" if outcome is None else once_more(call, outcome), may_repeat=len(tries) + 1 < MOST_TRIES,
        beside=needs_somebody(item), kiosk=True,
    )  # fmt: skip


def _template(phase: Phase) -> str:
    if phase in (Phase.READY, Phase.FAILED):
        return "kiosk/ready.html.j2"
    return "kiosk/review.html.j2" if phase is Phase.REVIEW else "kiosk/running.html.j2"
