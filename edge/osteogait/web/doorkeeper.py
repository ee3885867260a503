"""Who may wait at the door: connections that say in time what they want, and never so many that none is left."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from osteogait.web.guard import HEADERS, NO_STORE

HEADERS_S = 10.0
"""From the first byte to the last of what a request wants; a slow wireless network takes one second."""
MOST, MOST_OF_ONE = 256, 128
"""Connections at a time, of all and of one address. A browser opens six; each waiting one costs a file and some kB."""


class Doorkeeper(H11Protocol):
    """HTTP as uvicorn speaks it, for connections that do not keep a place for nothing."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has come; turned away at once when there is no room."""
        super().connection_made(transport)
        if len(self.connections) > MOST or self._of_the_same() > MOST_OF_ONE:
            transport.abort()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        """What was sent; the time runs until a request is whole, and anew for the next one."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._deadline is None:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._rest()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is told so, with the headers that every answer has."""
        head = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"connection", b"close"),
            NO_STORE,
            *HEADERS,
        ]
        said = (
            h11.Response(status_code=400, headers=head, reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        )
        for event in said:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _of_the_same(self) -> int:
        address = (self.client or ("",))[0]
        return sum((getattr(one, "client", None) or ("",))[0] == address for one in self.connections)

    def _watch(self) -> None:
        self._deadline = self.loop.call_later(HEADERS_S, self._too_slow)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE:
            self.timeout_keep_alive_handler()
