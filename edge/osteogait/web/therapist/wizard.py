"""One test: explained, started, watched, judged; then a person accepts it, repeats it or skips it with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.errors import OsteogaitError
from osteogait.screening.phase import UNDER_WAY, Phase
from osteogait.screening.spared import held_whole, is_stage
from osteogait.screening.test_guide import SKIP_REASONS
from osteogait.web.therapist import seat
from osteogait.web.therapist.deciding import asked, onward, replace_earlier, under_way
from osteogait.web.therapist.names import named
from osteogait.web.therapist.steps import steps_of
from osteogait.web.therapist.verdict import verdict

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.storage.records import Visit
    from osteogait.web.call import Call
    from osteogait.web.therapist.steps import Steps


def show(call: Call) -> Response:
    """The page of a test, in whichever state it is."""
    visit, item = asked(call)
    return page(call, visit, item)


def start(call: Call) -> Response:
    """The sensor is listened to and the countdown begins."""
    visit, item = asked(call)
    screening = call.station.screening
    try:
        call.station.consents.require(visit.person_id, "test")
        seat_m = seat.typed(call, item)
        live = screening.begin(visit.id, item, by=call.actor, seat_height_m=seat_m)
        screening.start(live.id)
    except seat.NoSeatError:
        return page(call, visit, item, status=422, typed=call.form.text("seat"), wrong=seat.wrong(call))
    except OsteogaitError as error:
        return page(call, visit, item, error.message(call.lang), 422)
    return call.go("therapist.test", **call.params)


def stop(call: Call) -> Response:
    """The test ends here; it is judged next."""
    live = under_way(call)
    if live is not None:
        call.station.screening.stop(live.id)
    return call.go("therapist.test", **call.params)


def cancel(call: Call) -> Response:
    """Nothing of this try is kept."""
    live = under_way(call)
    if live is not None:
        call.station.screening.cancel(live.id)
    return call.go("therapist.test", **call.params)


def accept(call: Call) -> Response:
    """The try counts, in the place of an earlier one; on to the next test."""
    visit, item = asked(call)
    live = under_way(call)
    if live is None or live.phase is not Phase.REVIEW:
        return call.go("therapist.test", **call.params)
    with call.station.store.transaction():
        replace_earlier(call, visit, item)
        call.station.screening.keep(live.id, "accepted", by=call.actor)
    return onward(call, visit, item)


def repeat(call: Call) -> Response:
    """The try is kept but does not count; the test is shown anew."""
    visit, _ = asked(call)
    live, screening = under_way(call), call.station.screening
    if live is not None and live.phase is Phase.REVIEW and live.outcome is not None:
        if live.outcome.summary is None:
            screening.leave(visit.id, by=call.actor)
        else:
            screening.keep(live.id, "repeated" if live.outcome.usable else "rejected", by=call.actor)
    return call.go("therapist.test", **call.params)


def page(
    call: Call,
    visit: Visit,
    item: TestItem,
    problem: str = "",
    status: int = 200,
    typed: str = "",
    wrong: str = "",
) -> Response:
    """The page of a test; `wrong` is said at the field of the page that holds `typed`."""
    live, steps = under_way(call), steps_of(call, visit)
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
        seat=typed or seat.known(call) if seat.wanted(item) else None,
        typed=typed,
        wrong=wrong,
        asks_time=_asks_time(live),
        last_stand=live is not None and _spares_harder(steps, item, live),
    )


def _spares_harder(steps: Steps, item: TestItem, live: LiveTrial) -> bool:
    """True when accepting this try leaves harder stands out."""
    if live.outcome is None or not live.outcome.usable or not is_stage(item):
        return False
    later = steps.all[steps.place_of(item.id) :]
    harder = any(is_stage(one.item) and one.item.protocol == item.protocol for one in later)
    return harder and not held_whole(item, live.outcome.kept or {})


def _asks_time(live: LiveTrial | None) -> bool:
    """True when the sensor could only estimate what a stopwatch measures."""
    kept = None if live is None or live.outcome is None else live.outcome.kept
    return kept is not None and any(flag["code"] == "sppb_time_estimated" for flag in kept["flags"])


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
