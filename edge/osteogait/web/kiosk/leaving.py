"""The end: the session is dead in the box, and the browser forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def leave(call: Call) -> Response:
    """Nobody can go back to what was on the screen."""
    if call.session is not None:
        if call.session.visit is not None:
            call.station.screening.leave(call.session.visit, by=call.actor)
        with call.station.store.transaction():
            if call.session.visit is not None:
                call.station.store.close_visit(call.session.visit)
            call.station.sessions.end(call.session)
            call.audit("logout", f"visit:{call.session.visit}")
    call.new_token = ""
    answer = call.go("kiosk.goodbye")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def goodbye(call: Call) -> Response:
    """Thank you."""
    return call.page("kiosk/goodbye.html.j2")
