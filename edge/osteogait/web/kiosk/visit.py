"""The visit of whoever stands at the kiosk: begun, found again on every page, and what was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from osteogait.storage.records import Person
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
    person, _ = whose(call)
    assert call.session is not None  # noqa: S101 - `whose` has just seen it
    begun = call.session.created
    kept = call.station.store.values_of(person.id)
    return {
        value.variable: value.written_value or ""
        for value in kept
        if value.source == SOURCE
        and value.withdrawn is None
        and value.created is not None
        and value.created >= begun
    }
