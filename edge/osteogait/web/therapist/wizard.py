"""One test: explained, started, watched, judged; then a person accepts it, repeats it or skips it with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError
from osteogait.screening.phase import UNDER_WAY, Phase
from osteogait.screening.test_guide import SKIP_REASONS
from osteogait.web.access import Unknown
from osteogait.web.therapist.names import named
from osteogait.web.therapist.steps import ACCEPTED, item_of, steps_of, visit_of
from osteogait.web.therapist.verdict import verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.storage.records import Visit
    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """The page of a test, in whichever state it is."""
    visit, item = _named(call)
    return _page(call, visit, item)


def start(call: Call) -> Response:
    """The sensor is listened to and the countdown begins."""
    visit, item = _named(call)
    screening = call.station.screening
    try:
        call.station.consents.require(visit.person_id, "test")
        live = screening.begin(visit.id, item, by=call.actor)
        screening.start(live.id)
    except OsteogaitError as error:
        return _page(call, visit, item, error.message(call.lang), 422)
    return call.go("therapist.test", **call.params)


def stop(call: Call) -> Response:
    """The test ends here; it is judged next."""
    live = _live(call)
    if live is not None:
        call.station.screening.stop(live.id)
    return call.go("therapist.test", **call.params)


def cancel(call: Call) -> Response:
    """Nothing of this try is kept."""
    live = _live(call)
    if live is not None:
        call.station.screening.cancel(live.id)
    return call.go("therapist.test", **call.params)


def accept(call: Call) -> Response:
    """The try counts, in the place of an earlier one; on to the next test."""
    visit, item = _named(call)
    live = _live(call)
    if live is None or live.phase is not Phase.REVIEW:
        return call.go("therapist.test", **call.params)
    with call.station.store.transaction():
        _replace_earlier(call, visit, item)
        call.station.screening.keep(live.id, "accepted", by=call.actor)
    return _onward(call, visit, item)


def repeat(call: Call) -> Response:
    """The try is kept but does not count; the test is shown anew."""
    visit, _ = _named(call)
    live, screening = _live(call), call.station.screening
    if live is not None and live.phase is Phase.REVIEW and live.outcome is not None:
        if live.outcome.summary is None:
            screening.leave(visit.id, by=call.actor)
        else:
            screening.keep(live.id, "repeated" if live.outcome.usable else "rejected", by=call.actor)
    return call.go("therapist.test", **call.params)


def why(call: Call) -> Response:
    """The reasons for not doing a test, each one tap."""
    from osteogait.screening.composed import NOT_ABLE

    visit, item = _named(call)
    return call.page(
        "therapist/skip.html.j2",
        who=named(call, visit.person_id),
        visit=visit,
        item=item,
        reasons=SKIP_REASONS,
        zero=NOT_ABLE if item.protocol == "sppb" else (),
    )


def skip(call: Call) -> Response:
    """The test is not done, for this reason; a try that was under review is kept as refused."""
    visit, item = _named(call)
    reason = call.form.text("reason")
    if reason not in SKIP_REASONS:
        raise Unknown
    with call.station.store.transaction():
        _replace_earlier(call, visit, item)
        call.station.screening.skip(visit.id, item, reason, by=call.actor)
    return _onward(call, visit, item)


def _named(call: Call) -> tuple[Visit, TestItem]:
    visit = visit_of(call)
    return visit, item_of(call, visit)


def _live(call: Call) -> LiveTrial | None:
    """The try under way, when it is of this visit and test."""
    live = call.station.screening.current
    if live is None or (live.visit, live.item.id) != (call.params["visit"], call.params["item"]):
        return None
    return live


def _replace_earlier(call: Call, visit: Visit, item: TestItem) -> None:
    """Of one test only one try counts."""
    for trial in call.station.trials.of_visit(visit.id):
        if trial.test == item.id and trial.state == ACCEPTED:
            call.station.trials.set_state(trial.id, "repeated", "replaced")
            call.audit("change", f"trial:{trial.id}", person=visit.person_id, what="replaced")


def _onward(call: Call, visit: Visit, item: TestItem) -> Response:
    following = steps_of(call, visit).next_after(item.id)
    if following is None:
        return call.go("therapist.result", visit=visit.id)
    return call.go("therapist.test", visit=visit.id, item=following.item.id)


def _page(call: Call, visit: Visit, item: TestItem, problem: str = "", status: int = 200) -> Response:
    live, steps = _live(call), steps_of(call, visit)
    busy = _busy(call) if live is None else None
    return call.page(
        _template(live),
        status=status,
        who=named(call, visit.person_id),
        visit=visit,
        item=item,
        live=live,
        verdict=None if live is None or live.outcome is None else verdict(call, live.outcome),
        step=next(one for one in steps.all if one.item.id == item.id),
        following=steps.next_after(item.id),
        steps=steps,
        kiosk=False,
        problem=problem or _failure(call, live),
        busy=busy,
        simulated=call.station.screening.sensor().kind == "simulated",
        back=call.url("therapist.test", visit=visit.id, item=item.id),
        reasons=SKIP_REASONS,
    )


def _busy(call: Call) -> LiveTrial | None:
    """Another test that is being recorded just now."""
    current = call.station.screening.current
    return current if current is not None and current.phase in UNDER_WAY else None


def _template(live: LiveTrial | None) -> str:
    if live is None or live.phase in (Phase.READY, Phase.FAILED):
        return "therapist/ready.html.j2"
    return "therapist/review.html.j2" if live.phase is Phase.REVIEW else "therapist/running.html.j2"


def _failure(call: Call, live: LiveTrial | None) -> str:
    if live is None or live.error is None:
        return ""
    return live.error.message(call.lang)
