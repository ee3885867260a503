"""The page that somebody looks at while a form is on its way: where to come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from osteogait.web.guard import SAFE

if TYPE_CHECKING:
    from starlette.requests import Request


def seen(request: Request) -> str:
    """Path of the page asked for; after a form the page it came from, `/` when that can only be sent to."""
    if request.method in SAFE:
        return _with_query(request.url.path, request.url.query)
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc == request.url.netloc and _is_page(request, came.path):
        return _with_query(came.path, came.query)
    return request.url.path if _is_page(request, request.url.path) else "/"


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _is_page(request: Request, path: str) -> bool:
    """Whether there is something to look at under `path`."""
    from starlette.routing import Match

    asked = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
