"""Finding somebody: who came today, who was here last, a search while typing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.web.language import N_
from osteogait.web.therapist.days import day, is_today
from osteogait.web.therapist.names import Named, shown
from osteogait.web.therapist.unfinished import cut_off

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

RECENT, MOST_FOUND = 60, 20
NOBODY = N_("Nobody found under this name or number.")


@dataclass(frozen=True, slots=True)
class Line:
    """One person in a list: when last seen, in words, and whether that is today."""

    who: Named
    seen: str
    today: bool


def show(call: Call) -> Response:
    """The start page of the room."""
    lines = _recent(call)
    wanted = call.query.get("q", "").strip()
    found = _found(call, wanted) if wanted else None
    call.audit("view", "people", shown=len(lines if found is None else found))
    return call.page(
        "therapist/people.html.j2",
        today=[line for line in lines if line.today],
        earlier=[line for line in lines if not line.today],
        wanted=wanted,
        found=found,
        cut_off=cut_off(call),
    )


def search(call: Call) -> Response:
    """The list below the search field, while somebody types."""
    wanted = call.query.get("q", "").strip()
    found = _found(call, wanted) if wanted else None
    if found is not None:
        call.audit("view", "people", shown=len(found))
    return call.part("therapist/found.html.j2", found=found)


def _found(call: Call, wanted: str) -> list[Line]:
    """By name or clinic number, or by the mark of somebody without a name."""
    people = {person.id: person for person in call.station.store.people()}
    pairs = [(person, one) for person, one in call.station.identities.find(wanted) if person in people]
    known = {person for person, _ in pairs}
    lines = [_line(call, shown(call, people[person], identity)) for person, identity in pairs[:MOST_FOUND]]
    marks = [one for one in people.values() if one.id.startswith(wanted.lower()) and one.id not in known]
    if len(wanted) >= len("0000"):
        lines += [
            _line(call, shown(call, one, call.station.identities.get(one.id))) for one in marks[:MOST_FOUND]
        ]
    return lines


def _recent(call: Call) -> list[Line]:
    """The last ones, each once, the newest first."""
    last: dict[str, datetime] = {}
    for visit in call.station.store.recent_visits(RECENT):
        last.setdefault(visit.person_id, visit.started)
    people, known = call.station.store.people_with(last), call.station.identities.of(last)
    return [
        _seen(call, shown(call, people[person], known.get(person)), when)
        for person, when in last.items()
        if person in people
    ]


def _line(call: Call, who: Named) -> Line:
    visits = call.station.store.visits_of(who.id)
    return _seen(call, who, visits[-1].started) if visits else Line(who, call.say("not tested yet"), False)


def _seen(call: Call, who: Named, when: datetime) -> Line:
    return Line(who, call.say("last here: %(day)s", day=day(call, when)), is_today(when))
