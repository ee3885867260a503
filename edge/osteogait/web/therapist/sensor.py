"""Before the tests: is the sensor fit, and does it sit as it should? Each finding with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.errors import OsteogaitError
from osteogait.web.language import N_
from osteogait.web.therapist.names import named
from osteogait.web.therapist.steps import visit_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.acquire.setup_check import Checked
    from osteogait.web.call import Call

NAMES = {
    "battery": N_("Battery"),
    "signal": N_("Radio signal"),
    "rate": N_("Samples a second"),
    "loss": N_("Lost samples"),
    "still": N_("Held still"),
    "gravity": N_("Gravity"),
    "mounting": N_("Way up"),
    "place": N_("Place on the body"),
}
GRAVEST = ("fail", "warn", "unknown", "ok")
"""What needs a hand comes first."""
KINDS = {"ok": "good", "warn": "warn", "fail": "bad", "unknown": "plain"}
WORDS = {"ok": N_("good"), "warn": N_("look at this"), "fail": N_("not usable"), "unknown": N_("not known")}
DRAWINGS = {"upside_down": "sensor_upside_down", "tilted": "sensor_loose"}
"""How it seems to sit, by the word of a finding; for any other fault the picture shows how it should."""
CHECK_S = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One finding as the page shows it."""

    name: str
    kind: str
    word: str
    text: str


def show(call: Call) -> Response:
    """How the sensor is worn, and the button that checks it."""
    return _page(call, None, "")


def check(call: Call) -> Response:
    """Listens for some seconds and says what was found."""
    try:
        return _page(call, call.station.screening.check(), "")
    except OsteogaitError as error:
        return _page(call, None, error.message(call.lang))


def _page(call: Call, checked: Checked | None, problem: str) -> Response:
    visit = visit_of(call) if "visit" in call.params else None
    context: dict[str, Any] = {} if visit is None else {"who": named(call, visit.person_id)}
    if checked is not None and checked.error is not None:
        problem = checked.error.message(call.lang)
    return call.page(
        "therapist/sensor.html.j2",
        visit=visit,
        sensor=None if checked is None else checked.sensor,
        ready=checked is not None and checked.ready,
        marked=checked is not None and any(one.status == "warn" for one in checked.findings),
        rows=() if checked is None else _rows(call, checked),
        drawing=_drawing(checked),
        problem=problem,
        seconds=CHECK_S,
        simulated=call.station.screening.sensor().kind == "simulated",
        **context,
    )


def _rows(call: Call, checked: Checked) -> tuple[Row, ...]:
    return tuple(
        Row(call.say(NAMES[one.name]), KINDS[one.status], call.say(WORDS[one.status]), one.message(call.lang))
        for one in sorted(checked.findings, key=lambda one: GRAVEST.index(one.status))
    )


def _drawing(checked: Checked | None) -> str:
    """The picture of what is wrong, else of how it should be."""
    found = () if checked is None else checked.findings
    return next((DRAWINGS[one.word] for one in found if one.word in DRAWINGS), "sensor_placement")
