"""A test that is not done, and why: one tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from osteogait.screening.battery import RISING
from osteogait.screening.test_guide import SKIP_REASONS
from osteogait.web.access import Unknown
from osteogait.web.language import N_
from osteogait.web.therapist.deciding import asked, onward, replace_earlier
from osteogait.web.therapist.names import named

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.battery import TestItem
    from osteogait.web.call import Call

ARMS = "used_arms"


def why(call: Call) -> Response:
    """The reasons for not doing a test, each one tap."""
    visit, item = asked(call)
    return call.page(
        "therapist/skip.html.j2",
        who=named(call, visit.person_id),
        visit=visit,
        item=item,
        reasons=reasons_for(item),
        counts=counts_as(item),
    )


def skip(call: Call) -> Response:
    """The test is not done, for this reason; a try that was under review is kept as refused."""
    visit, item = asked(call)
    reason = call.form.text("reason")
    if reason not in reasons_for(item):
        raise Unknown
    with call.station.store.transaction():
        replace_earlier(call, visit, item)
        call.station.screening.skip(visit.id, item, reason, by=call.actor)
    return onward(call, visit, item)


def reasons_for(item: TestItem) -> dict[str, str]:
    """Those that can be true of this test: arms help only in standing up."""
    return {code: text for code, text in SKIP_REASONS.items() if code != ARMS or item.stop in RISING}


def counts_as(item: TestItem) -> Mapping[str, str]:
    """What a reason is worth that tells of the person's ability, by the sheets of SPPB and STEADI."""
    from osteogait.screening.composed import NO_RISE, NOT_ABLE

    if item.protocol == "sppb":
        return dict.fromkeys(NOT_ABLE, N_("0 SPPB points"))
    if item.protocol == "four_stage":
        return dict.fromkeys(NOT_ABLE, N_("counts as not held"))
    return dict.fromkeys(NO_RISE, N_("counts as 0 times")) if item.stop == "counted" else {}
