"""Recordings that a power cut interrupted: a person decides whether they are kept as they are or thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.therapist.days import day_and_time
from osteogait.web.therapist.names import shown

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.screening.left_over import CutOff
    from osteogait.web.call import Call


@dataclass(frozen=True, slots=True)
class Cut:
    """One of them: `text` says whose it is, from when and how long; `usable` whether anything can be kept."""

    key: str
    text: str
    usable: bool


def cut_off(call: Call) -> list[Cut]:
    """What was found and nobody has decided yet."""
    return [
        Cut(one.name, _text(call, one), one.problem is None) for one in call.station.screening.left_over.all()
    ]


def decide(call: Call) -> Response:
    """Keep as it is, which no number may rest on, or throw away."""
    key, choice = call.form.text("recording"), call.form.text("choice")
    if choice not in ("keep", "discard"):
        raise Unknown
    left_over = call.station.screening.left_over
    if choice == "keep":
        left_over.keep(key, call.actor)
    else:
        left_over.discard(key, call.actor)
    return call.go("therapist.people")


def _text(call: Call, one: CutOff) -> str:
    person = None if one.person is None else call.station.store.person(one.person)
    whose = (
        call.say("Of nobody known")
        if person is None
        else shown(call, person, call.station.identities.get(person.id)).name
    )
    when = "" if one.started_utc is None else day_and_time(call, datetime.fromisoformat(one.started_utc))
    return call.say(
        "%(whose)s, %(when)s: %(seconds)s seconds.", whose=whose, when=when, seconds=round(one.seconds)
    )
