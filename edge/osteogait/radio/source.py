"""Where a sensor can be had: its name, its model, and how a link to it is made, once or again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from osteogait.devices.driver import Model
from osteogait.radio.link import Link


@dataclass(frozen=True, slots=True)
class Source:
    """A sensor to record from.

    open        makes a new link for every attempt; DeviceNotFound when the sensor is not there
    find        waits until the sensor advertises and gives its signal strength in dBm (None unknown); without
                it the sensor has been seen already
    ended       tells, when a link falls silent for good, that no other one would bring more: a stored session
                or a simulated person played to the end. A radio never knows that
    rssi_dbm    signal strength as last seen, None unknown
    """

    name: str
    model: Model
    open: Callable[[], Awaitable[Link]]
    find: Callable[[], Awaitable[int | None]] | None = None
    ended: Callable[[], bool] | None = None
    rssi_dbm: int | None = None
