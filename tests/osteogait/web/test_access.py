"""What an address names must exist, belong together, and be the session's to see."""

from __future__ import annotations

from typing import Any

import pytest

from osteogait.clinic.roles import Role
from osteogait.storage.sessions import Session
from osteogait.web.access import Unknown, check_objects
from osteogait.web.station import Station

NAMES = ("person", "visit", "trial", "result", "document")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def guest(station: Station, known: Any) -> Session:
    _, session = station.sessions.begin(None, Role.GUEST, "kiosk", known.person, known.visit)
    return session


@pytest.mark.parametrize("name", NAMES)
def test_a_guest_sees_the_own_and_nothing_of_others(
    station: Station, guest: Session, known: Any, other: Any, name: str
) -> None:
    check_objects({name: known.params[name]}, guest, station)
    with pytest.raises(Unknown):
        check_objects({name: other.params[name]}, guest, station)
    with pytest.raises(Unknown):
        check_objects({name: NOBODY}, guest, station)


def test_a_guest_sees_the_visit_of_today_alone(station: Station, guest: Session, known: Any) -> None:
    earlier = station.store.add_visit(known.person, battery="quick", by="test")
    with pytest.raises(Unknown):
        check_objects({"visit": earlier}, guest, station)
    with pytest.raises(Unknown):
        check_objects({"person": known.person, "visit": earlier}, guest, station)


@pytest.mark.parametrize("name", NAMES[1:])
def test_what_an_address_names_belongs_together(station: Station, known: Any, other: Any, name: str) -> None:
    _, staff = station.sessions.begin(None, Role.CLINICIAN, "staff")
    check_objects({"person": known.person, name: known.params[name]}, staff, station)
    with pytest.raises(Unknown):
        check_objects({"person": known.person, name: other.params[name]}, staff, station)


def test_whoever_was_erased_is_not_there(station: Station, known: Any) -> None:
    from osteogait.storage.erase import erase

    erase(station.store, station.documents, station.audit, known.person, "test")
    with pytest.raises(Unknown):
        check_objects({"person": known.person}, None, station)
