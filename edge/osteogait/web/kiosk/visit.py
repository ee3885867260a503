"""The visit of whoever stands at the kiosk: begun, found again on every page, what was answered, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from osteogait.storage.records import Person, Value
    from osteogait.web.call import Call

SOURCE = "kiosk"
MACHINE = "kiosk"
"""Who acts in the audit before there is a session."""


def begin(call: Call, person: str) -> None:
    """A visit and a session for `person`, who becomes the guest of this browser."""
    from osteogait.screening.battery import custom
    from osteogait.web.kiosk.moving import offered

    station, tests = call.station, [one.id for one in offered(call)]
    battery = custom(tests).text if tests else None
    with station.store.transaction():
        visit = station.store.add_visit(person, battery=battery, by=MACHINE)
        call.new_token, session = station.sessions.begin(None, Role.GUEST, "kiosk", person, visit)
        station.audit.add(f"guest:{session.id}", "login", f"person:{person}", visit=visit)


def whose(call: Call) -> tuple[Person, str]:
    """The guest and the visit; Unknown when this session is nobody's."""
    if call.session is None or call.session.person is None or call.session.visit is None:
        raise Unknown
    person = call.station.store.person(call.session.person)
    if person is None or person.erased is not None:
        raise Unknown
    return person, call.session.visit


def answers(call: Call) -> dict[str, str]:
    """What was answered at this visit, as it was chosen; the last answer counts."""
    return {value.variable: value.written_value or "" for value in answered(call)}


def answered(call: Call, variable: str | None = None) -> list[Value]:
    """The values of this visit that hold, the oldest first."""
    person, _ = whose(call)
    assert call.session is not None  # noqa: S101 - `whose` has just seen it
    begun = call.session.created
    return [
        value
        for value in call.station.store.values_of(person.id, variable)
        if value.source == SOURCE
        and value.withdrawn is None
        and value.created is not None
        and value.created >= begun
    ]


def came_alone(call: Call) -> bool:
    """Nobody but the kiosk knows of this guest: no slip, no name, no visit before."""
    person, visit = whose(call)
    station = call.station
    return (
        station.store.visits_of(person.id)[0].id == visit
        and not station.slips.knows(person.id)
        and station.identities.get(person.id) is None
    )


def let_go(call: Call, *, refused: bool = False) -> None:
    """The session that this browser came with ends, and its visit; who came alone and never agreed, or `refused`, is
    erased. Not within a transaction: nothing of them may be left in the log of the store.
    """
    session, station = call.session, call.station
    if session is None:
        return
    if session.visit is None or session.person is None:
        station.sessions.end(session)
        return
    unknown = station.store.visit(session.visit) is not None and came_alone(call)
    station.screening.leave(session.visit, by=call.actor)
    with station.store.transaction():
        station.store.close_visit(session.visit)
        station.sessions.end(session)
        call.audit("logout", f"visit:{session.visit}")
    if unknown and (refused or not station.consents.of(session.person)):
        _erase(call, session.person)


def _erase(call: Call, person: str) -> None:
    from osteogait.storage.erase import erase

    erase(call.station.store, call.station.documents, call.station.audit, person, MACHINE)
