"""Who may ask what, in one place: the role of the session, then whether the person asked about is theirs to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role
from osteogait.web.place import ANYONE, Place

if TYPE_CHECKING:
    from osteogait.storage.sessions import Session
    from osteogait.web.station import Station


class Unknown(Exception):
    """There is no such thing, or it is not this session's to know about: both look the same."""


def may(place: Place, role: Role | None) -> bool:
    """Whether somebody with `role` (None: nobody signed in) may ask for `place` at all."""
    return place.roles is ANYONE or place.roles == ANYONE or role in place.roles


def check_objects(params: Mapping[str, str], session: Session | None, station: Station) -> None:
    """Unknown unless everything named in the address exists, belongs together and is this session's to see."""
    if not OWNERS.keys() & params.keys():
        return
    owners = {name: OWNERS[name](station, params[name]) for name in OWNERS if name in params}
    if None in owners.values() or len(set(owners.values())) > 1:
        raise Unknown
    if session is not None and session.role is Role.GUEST and set(owners.values()) != {session.person}:
        raise Unknown
    if (
        session is not None
        and session.role is Role.GUEST
        and params.get("visit", session.visit) != session.visit
    ):
        raise Unknown


def _person(station: Station, identifier: str) -> str | None:
    found = station.store.person(identifier)
    return None if found is None or found.erased is not None else found.id


def _visit(station: Station, identifier: str) -> str | None:
    found = station.store.visit(identifier)
    return None if found is None else found.person_id


def _trial(station: Station, identifier: str) -> str | None:
    found = station.trials.get(identifier)
    return None if found is None else found.person_id


def _result(station: Station, identifier: str) -> str | None:
    found = station.store.result(identifier)
    return None if found is None else found.person_id


def _document(station: Station, identifier: str) -> str | None:
    found = station.documents.get(identifier)
    return None if found is None else found.person_id


OWNERS = {"person": _person, "visit": _visit, "trial": _trial, "result": _result, "document": _document}
"""By the name of a path parameter, how to find whose it is; None when there is no such thing."""
