"""Whoever looks at somebody leaves a row of the audit that names them, whichever page it is."""

from __future__ import annotations

import re
from typing import Any

from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.access import OWNERS
from osteogait.web.app import places
from osteogait.web.place import GUESTS, Place

PARAMETER = re.compile(r"{(\w+)}")
ASK_ONLY = frozenset(
    {
        "/people/{person}/tests",
        "/results/{result}/what-if",
        "/visits/{visit}/sensor",
        "/visits/{visit}/tests/{item}",
        "/visits/{visit}/tests/{item}/skip",
    }
)
"""Nothing that is kept of a person is on them but the name in the head: batteries, sensor, a test to be done, and a
slider on a page that was looked at already. What is done there is told when it is sent."""


def _of_somebody() -> list[Place]:
    return [
        place
        for place in places()
        if "GET" in place.methods
        and place.roles != GUESTS
        and OWNERS.keys() & set(PARAMETER.findall(place.path))
    ]


def _rows(visitors: Visitors, known: Any) -> int:
    ids = set(known.params.values())
    rows = visitors.station.audit.rows(None, None)
    return sum(any(one in row.object + row.details for one in ids) for row in rows)


def test_every_look_at_somebody_is_told(visitors: Visitors, known: Any) -> None:
    owner, service = visitors.signed_in(Role.OWNER), visitors.service()
    silent = []
    for place in _of_somebody():
        visitor: Visitor = service if place.path.startswith("/api/") else owner
        path = PARAMETER.sub(lambda found: known.params.get(found[1], "walk"), place.path)
        before = _rows(visitors, known)
        answer = visitor.client.get(path, follow_redirects=False)
        if answer.status_code == 200 and _rows(visitors, known) == before:
            silent.append(place.path)
    assert sorted(silent) == sorted(ASK_ONLY)
