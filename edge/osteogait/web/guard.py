"""What every request passes first: names of this box, size, origin; and the headers of every answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), usb=()"),
)
NO_STORE = (b"cache-control", b"no-store")
LARGEST = 64_000_000
"""Bytes of any request; a place that takes less says so and is checked while the body is read."""
MOST_DIGITS = 12


class Guard:
    """Around the whole app: a request for another name, from another site or too large never reaches a room."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        """`hosts`: names under which this box may be asked, without port."""
        self.app = app
        self.hosts = frozenset(host.lower() for host in (*LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refused = self._refused(scope, _headers(scope))
        if scope["type"] == "websocket":
            if refused:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            await self.app(scope, receive, send)
            return
        answer = _with_headers(send, scope["path"])
        if refused:
            await _plain(answer, *refused)
            return
        await self.app(scope, receive, answer)

    def _refused(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Status and reason, None when the request may pass."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if _name(host) not in self.hosts:
            return 421, "This box does not answer under that name."
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return 403, "The request came from another site."
        changing = scope["type"] == "websocket" or scope["method"] not in SAFE
        site = headers.get("sec-fetch-site", "none")
        if changing and origin is None and site not in ("same-origin", "none"):
            return 403, "The request came from another site."
        if scope["type"] == "websocket" and origin is None:
            return 403, "A browser names its site."
        return _too_large(headers)


def _headers(scope: Scope) -> dict[str, str]:
    """By name in small letters; one that was sent twice is both, so that nothing passes by the one not looked at."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _too_large(headers: dict[str, str]) -> tuple[int, str] | None:
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers and "content-length" in headers:
        return 400, "A request says its length in one way."  # RFC 9112, 6.1: the shape of a smuggled request
    if not (length.isascii() and length.isdigit() and len(length) <= MOST_DIGITS) or int(length) > LARGEST:
        return 413, "The request is too large."
    return None


def _name(host: str) -> str:
    """The host without its port, in small letters."""
    host = host.lower()
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.rsplit(":", 1)[0] if ":" in host else host


def _with_headers(send: Send, path: str) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = list(message.get("headers", ()))
            named = {name.lower() for name, _ in kept}
            kept += [pair for pair in HEADERS if pair[0] not in named]
            if b"cache-control" not in named and not path.startswith("/static/"):
                kept.append(NO_STORE)
            message = {**message, "headers": kept}
        await send(message)

    return answer


async def _plain(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
