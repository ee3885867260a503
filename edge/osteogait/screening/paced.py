"""A simulated sensor played faster than life: the same packets with the same times, only sooner. For tests."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

from osteogait.radio.link import Link, Notification
from osteogait.radio.source import Source

SPEED = "OSTEOGAIT_SIMULATED_SPEED"


def asked_speed() -> float:
    """How many times faster than life simulated people move: `OSTEOGAIT_SIMULATED_SPEED`, else 1."""
    text = os.environ.get(SPEED, "1")
    try:
        speed = float(text)
    except ValueError:
        return 1.0
    return speed if 0.0 < speed < 1e6 else 1.0


def paced(source: Source, speed: float) -> Source:
    """`source`, which gives its packets at once, with every packet held back until it is due at `speed`."""

    async def open_link() -> PacedLink:
        return PacedLink(await source.open(), speed)

    return replace(source, open=open_link)


class PacedLink:
    """A `Link` whose notifications come when they are due."""

    def __init__(self, link: Link, speed: float) -> None:
        self.name = link.name
        self._link, self._speed = link, speed
        self._zero: tuple[float, int] | None = None

    async def read(self, characteristic: str) -> bytes:
        """At once."""
        return await self._link.read(characteristic)

    async def subscribe(self, characteristic: str) -> None:
        """At once."""
        await self._link.subscribe(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        """At once."""
        await self._link.write(characteristic, value)

    async def receive(self) -> Notification | None:
        """The next notification, when it is due."""
        found = await self._link.receive()
        if found is None:
            return None
        now_s = asyncio.get_running_loop().time()
        if self._zero is None:
            self._zero = (now_s, found.monotonic_ns)
        due_s = self._zero[0] + (found.monotonic_ns - self._zero[1]) * 1e-9 / self._speed
        if due_s > now_s:
            await asyncio.sleep(due_s - now_s)
        return found

    async def close(self) -> None:
        """At once."""
        await self._link.close()
