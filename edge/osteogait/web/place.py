"""One address of the app: what answers, and who may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

from osteogait.clinic.roles import Role

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

ANYONE: frozenset[Role] = frozenset()
"""Also without a session: signing in, the first run, the welcome of the kiosk."""
STAFF = frozenset({Role.THERAPIST, Role.CLINICIAN, Role.OWNER})
CLINICIANS = frozenset({Role.CLINICIAN, Role.OWNER})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR, Role.OWNER})
SIGNED_IN = STAFF | ADMINISTRATORS
GUESTS = frozenset({Role.GUEST})
SMALL_BODY = 200_000
"""Bytes of a form that a person fills in; places that take files say their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the table that the app is made from and that tests walk.

    path      with parameters in braces; person, visit, trial, result and document are checked in `access`
    endpoint  synchronous ones run in a worker thread and may use the store
    roles     who may; ANYONE for all, also without a session
    name      how templates and redirects call it
    body      bytes a request may carry
    quiet     asked by the page itself, not by a person: does not keep a session awake
    locked    may also be asked while the screen is locked
    """

    path: str
    endpoint: Callable[[Call], Response | Awaitable[Response]]
    roles: frozenset[Role]
    methods: tuple[str, ...] = ("GET",)
    name: str = ""
    body: int = SMALL_BODY
    quiet: bool = False
    locked: bool = False

    @property
    def is_async(self) -> bool:
        """True when the endpoint must be awaited."""
        return iscoroutinefunction(self.endpoint)
