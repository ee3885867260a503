"""A connection to one sensor, whatever carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notification:
    """Bytes that a sensor sent: `monotonic_ns` is the host's clock at arrival, before any decoding."""

    monotonic_ns: int
    characteristic: str
    value: bytes


class Link(Protocol):
    """An open connection. Characteristics are full UUID strings in lower case.

    `receive` gives notifications and indications in order of arrival, and None once the sensor will send no
    more (link closed, recording played to its end). `close` may be called twice and never raises.
    """

    name: str

    async def read(self, characteristic: str) -> bytes:
        """The present value of a characteristic."""

    async def subscribe(self, characteristic: str) -> None:
        """Let its notifications arrive."""

    async def write(self, characteristic: str, value: bytes) -> None:
        """Write with response; an indication that answers comes through `receive`."""

    async def receive(self) -> Notification | None:
        """The next notification, waiting for it."""

    async def close(self) -> None:
        """Let the sensor go."""
