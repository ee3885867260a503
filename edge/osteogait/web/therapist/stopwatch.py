"""The time of a stopwatch in somebody's hand, typed in for a try: it beats what the sensor saw."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from osteogait.screening.phase import Phase
from osteogait.web.therapist import wizard
from osteogait.web.therapist.deciding import asked, under_way

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.live_trial import LiveTrial
    from osteogait.web.call import Call

SHORTEST_S = 0.1


def use(call: Call) -> Response:
    """The try is measured anew with the typed seconds; what cannot be is said at the field."""
    visit, item = asked(call)
    live, text = under_way(call), call.form.text("seconds")
    if live is None or live.phase is not Phase.REVIEW or live.longest_by_watch_s is None:
        return call.go("therapist.test", **call.params)
    seconds = _seconds(text)
    if seconds is None or not SHORTEST_S <= seconds <= live.longest_by_watch_s:
        return wizard.page(call, visit, item, status=422, typed=text, wrong=_wrong(call, live))
    call.station.screening.time_by_watch(live.id, seconds)
    return call.go("therapist.test", **call.params)


def _seconds(text: str) -> float | None:
    """Plain digits with a point, also full-width ones; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = plain.replace(".", "", 1)
    return float(plain) if digits.isascii() and digits.isdigit() else None


def _wrong(call: Call, live: LiveTrial) -> str:
    return call.say(
        "Please enter seconds with a point, from %(low)s to %(high)s: no longer than the recording.",
        low=f"{SHORTEST_S:g}", high=f"{live.longest_by_watch_s:.2f}",
    )  # fmt: skip
