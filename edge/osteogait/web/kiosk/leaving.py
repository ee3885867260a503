"""The end: the session is dead in the box, and the browser forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.kiosk.visit import let_go

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call


def leave(call: Call) -> Response:
    """Nobody can go back to what was on the screen."""
    let_go(call)
    return gone(call)


def gone(call: Call) -> Response:
    """To the last page; the browser forgets its session and what it kept of the pages."""
    call.new_token = ""
    answer = call.go("kiosk.goodbye")
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


def goodbye(call: Call) -> Response:
    """Thank you."""
    return call.page("kiosk/goodbye.html.j2")
