"""What a decision about a test takes with it: earlier tries no longer count, and the next test is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.therapist.steps import ACCEPTED, item_of, steps_of, visit_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.screening.live_trial import LiveTrial
    from osteogait.storage.records import Visit
    from osteogait.web.call import Call


def asked(call: Call) -> tuple[Visit, TestItem]:
    """The visit and the test of the address; Unknown when there are none."""
    visit = visit_of(call)
    return visit, item_of(call, visit)


def under_way(call: Call) -> LiveTrial | None:
    """The try under way, when it is of this visit and test."""
    live = call.station.screening.current
    if live is None or (live.visit, live.item.id) != (call.params["visit"], call.params["item"]):
        return None
    return live


def replace_earlier(call: Call, visit: Visit, item: TestItem) -> None:
    """Of one test only one try counts."""
    for trial in call.station.trials.of_visit(visit.id):
        if trial.test == item.id and trial.state == ACCEPTED:
            call.station.trials.set_state(trial.id, "repeated", "replaced")
            call.audit("change", f"trial:{trial.id}", person=visit.person_id, what="replaced")


def onward(call: Call, visit: Visit, item: TestItem) -> Response:
    """The next test to do, else the result."""
    following = steps_of(call, visit).next_after(item.id)
    if following is None:
        return call.go("therapist.result", visit=visit.id)
    return call.go("therapist.test", visit=visit.id, item=following.item.id)
