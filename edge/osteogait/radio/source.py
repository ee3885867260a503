"""Where a sensor can be had: its name, its model, and how a link to it is made, once or again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from osteogait.devices.driver import Model
from osteogait.radio.link import Link


@dataclass(frozen=True, slots=True)
class Source:
    """A sensor to record from.

    open        makes a new link for every attempt; None when the sensor will never send more (a stored session
                played to its end). DeviceNotFound when it is not there.
    find        waits until the sensor advertises and gives its signal strength in dBm (None unknown); None: it
                has been seen already
    rssi_dbm    signal strength as last seen, None unknown
    """

    name: str
    model: Model
    open: Callable[[], Awaitable[Link | None]]
    find: Callable[[], Awaitable[int | None]] | None = None
    rssi_dbm: int | None = None
