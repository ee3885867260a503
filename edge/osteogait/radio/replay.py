"""A stored session played back: the same bytes in the same order, so a session can be gone through again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

from osteogait.devices.driver import Model
from osteogait.errors import DeviceNotFound
from osteogait.radio.entry import Entry, Kind
from osteogait.radio.link import Notification
from osteogait.radio.source import Source

YIELD_EVERY = 64
"""Entries after which others get their turn when nothing is waited for."""


class Replay:
    """The links of a stored session, one after another; `source` gives them to a session.

    connections   the entries of each link, from its set-up on
    speed         1 as it was, 10 ten times as fast, infinite at once
    """

    def __init__(
        self, name: str, model: Model, connections: Sequence[Sequence[Entry]], speed: float = math.inf
    ) -> None:
        self.name, self.model = name, model
        self._connections, self._speed = connections, speed
        self._opened, self._began_s = 0, 0.0
        self._current: ReplayLink | None = None

    @property
    def source(self) -> Source:
        """The stored session as a new one takes it."""
        return Source(self.name, self.model, self.open, ended=self.ended)

    async def open(self) -> ReplayLink:
        """The next link; DeviceNotFound after the last."""
        if self._opened >= len(self._connections):
            raise DeviceNotFound("sensor_not_seen", sensor=self.name, seconds=0)
        first = next((one.monotonic_ns for part in self._connections for one in part), 0)
        now_s = asyncio.get_running_loop().time()
        if self._opened == 0:
            self._began_s = now_s
        self._current = ReplayLink(
            self.name, self._connections[self._opened], self._speed, first, self._began_s
        )
        self._opened += 1
        return self._current

    def ended(self) -> bool:
        """True when the last link has nothing more to give."""
        return self._opened >= len(self._connections) and (self._current is None or self._current.spent)


class ReplayLink:
    """A `Link` that gives what was heard, reads what was read, and waits at every write for it to be written."""

    def __init__(
        self, name: str, entries: Sequence[Entry], speed: float, first_ns: int, began_s: float
    ) -> None:
        self.name = name
        self._entries, self._speed, self._first_ns, self._began_s = entries, speed, first_ns, began_s
        self._reads = [one for one in entries if one.kind is Kind.READ]
        self._at = 0
        self._closed = False

    @property
    def spent(self) -> bool:
        """True when only a write could bring more."""
        return all(one.kind is not Kind.NOTIFY for one in self._until_write())

    async def read(self, characteristic: str) -> bytes:
        """What was read from it at this point."""
        for number, one in enumerate(self._reads):
            if one.characteristic == characteristic:
                del self._reads[: number + 1]
                return one.value
        raise DeviceNotFound("link_lost", sensor=self.name)

    async def subscribe(self, characteristic: str) -> None:
        """Nothing: what was heard is known."""

    async def write(self, characteristic: str, value: bytes) -> None:
        """Go on behind the next write of the stored session; link_lost when it held none."""
        for at in range(self._at, len(self._entries)):
            if self._entries[at].kind is Kind.WRITE:
                self._at = at + 1
                return
        raise DeviceNotFound("link_lost", sensor=self.name)

    async def receive(self) -> Notification | None:
        """The next notification in its time; None at a write that was not yet done, and at the end."""
        while not self._closed and self._at < len(self._entries):
            entry = self._entries[self._at]
            if entry.kind is Kind.WRITE:
                return None
            if entry.kind is Kind.NOTIFY:
                await self._in_time(entry)
                self._at += 1
                return entry.notification
            self._at += 1
        return None

    async def close(self) -> None:
        """Give no more."""
        self._closed = True

    def _until_write(self) -> list[Entry]:
        rest = list(self._entries[self._at :])
        write = next((i for i, one in enumerate(rest) if one.kind is Kind.WRITE), len(rest))
        return rest[:write]

    async def _in_time(self, entry: Entry) -> None:
        if math.isinf(self._speed):
            if self._at % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            return
        due_s = self._began_s + (entry.monotonic_ns - self._first_ns) / 1e9 / self._speed
        await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))
