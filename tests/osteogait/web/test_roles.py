"""Who may ask what: every place by every role, with one's own and with somebody else's ids."""

from __future__ import annotations

import re
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.access import OWNERS
from osteogait.web.app import places
from osteogait.web.place import ANYONE, Place

PLACES = places()
PARAMETER = re.compile(r"{(\w+)}")
HARMLESS = "00000000-0000-4000-8000-000000000000"


def _path(place: Place, params: dict[str, str]) -> str:
    return PARAMETER.sub(lambda found: params.get(found[1], "1"), place.path)


def _ask(visitor: Visitor, place: Place, params: dict[str, str]) -> Any:
    path = _path(place, params)
    if "POST" in place.methods:
        return visitor.client.post(path, data={"csrf": visitor.csrf}, follow_redirects=False)
    return visitor.client.get(path, follow_redirects=False)


def _turned_away(answer: Any) -> bool:
    sent_to = answer.headers.get("location", "").partition("?")[0]
    return answer.status_code in (401, 403) or sent_to in ("/sign-in", "/kiosk")


def _everybody(visitors: Visitors, known: Any) -> dict[Role | None, Visitor]:
    staff = {role: visitors.signed_in(role) for role in (Role.THERAPIST, Role.CLINICIAN, Role.ADMINISTRATOR)}
    return {
        None: visitors.stranger(),
        Role.GUEST: visitors.guest(known.person, known.visit),
        Role.SERVICE: visitors.service(),
        **staff,
    }


def test_everybody_is_turned_away_from_what_is_not_theirs(visitors: Visitors, known: Any) -> None:
    visitors.account(Role.OWNER)
    wrong = [
        (role, place.path, place.methods)
        for role, visitor in _everybody(visitors, known).items()
        for place in PLACES
        if place.roles != ANYONE
        and role not in place.roles
        and not _turned_away(_ask(visitor, place, known.params))
    ]
    assert not wrong


def test_administrators_see_no_person(visitors: Visitors) -> None:
    del visitors
    clinical = [place for place in PLACES if OWNERS.keys() & set(PARAMETER.findall(place.path))]
    assert len(clinical) > 10
    assert not [place.path for place in clinical if Role.ADMINISTRATOR in place.roles]


def test_guests_can_only_name_themselves(visitors: Visitors, known: Any, other: Any) -> None:
    guest = visitors.guest(known.person, known.visit)
    for place in PLACES:
        if Role.GUEST in place.roles and OWNERS.keys() & set(PARAMETER.findall(place.path)):
            assert _ask(guest, place, other.params).status_code == 404, place.path
    assert not [
        place.path for place in PLACES if Role.GUEST in place.roles and place.name == "therapist.people"
    ]


@pytest.mark.parametrize(
    "bad", [HARMLESS, "../../etc/passwd", "%2e%2e", "%00", "' OR 1=1 --", "con", "é" * 40]
)
def test_what_there_is_not_is_not_found(visitors: Visitors, known: Any, bad: str) -> None:
    visitor = visitors.signed_in(Role.CLINICIAN)
    for place in PLACES:
        names = OWNERS.keys() & set(PARAMETER.findall(place.path))
        if Role.CLINICIAN in place.roles and names:
            answer = _ask(visitor, place, dict.fromkeys(known.params, bad))
            assert answer.status_code in (404, 405), (place.path, answer.status_code)


def test_ids_of_two_people_in_one_address_are_refused(visitors: Visitors, known: Any, other: Any) -> None:
    visitor = visitors.signed_in(Role.CLINICIAN)
    for place in PLACES:
        names = OWNERS.keys() & set(PARAMETER.findall(place.path))
        if Role.CLINICIAN in place.roles and len(names) > 1:
            mixed = known.params | {"person": other.person}
            assert _ask(visitor, place, mixed).status_code == 404, place.path


def test_names_of_places_are_unique() -> None:
    names = [place.name for place in PLACES if place.name]
    assert len(names) == len(set(names))
    addresses = [(place.path, method) for place in PLACES for method in place.methods]
    assert len(addresses) == len(set(addresses))
