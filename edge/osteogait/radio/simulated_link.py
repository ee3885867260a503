"""The link to a simulated sensor: what it sends, when that arrives, and what is lost on the way."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from osteogait.devices.driver import BATTERY_LEVEL
from osteogait.devices.open_control import Request
from osteogait.devices.open_profile import CONTROL, DATA, INFO
from osteogait.errors import DeviceNotFound
from osteogait.radio.link import Notification

if TYPE_CHECKING:
    from osteogait.radio.simulated import SimulatedSensor

RETRANSMISSION = 0.03


class SimulatedLink:
    """A `Link` to a simulated sensor, good until it is closed or dropped."""

    def __init__(self, sensor: SimulatedSensor) -> None:
        self.name = sensor.name
        self._sensor = sensor
        self._ready: deque[Notification] = deque()
        self._subscribed: set[str] = set()
        self._closed = False

    async def read(self, characteristic: str) -> bytes:
        """INFO or the battery level."""
        self._demand_open()
        sensor = self._sensor
        if characteristic == INFO:
            return bytes(replace(sensor.info, running=sensor.running))
        if characteristic == BATTERY_LEVEL and sensor.battery_percent is not None:
            return bytes([sensor.battery_percent])
        raise DeviceNotFound("characteristic_missing", sensor=self.name, characteristic=characteristic)

    async def subscribe(self, characteristic: str) -> None:
        """Deliver what `characteristic` sends from now on."""
        self._demand_open()
        self._subscribed.add(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        """Carry out a CONTROL request; its reply is queued."""
        self._demand_open()
        if characteristic != CONTROL:
            raise DeviceNotFound("characteristic_missing", sensor=self.name, characteristic=characteristic)
        reply = self._sensor.answer(Request.from_bytes(value))
        self._deliver(self._sensor.now_ns(), CONTROL, bytes(reply))

    async def receive(self) -> Notification | None:
        """The next reply or packet; None after `close`, a drop, or when the recording has been played."""
        while not self._ready:
            if self._closed or not self._sensor.running or self._sensor.ended():
                return None
            await self._next_packet()
        return self._ready.popleft()

    async def close(self) -> None:
        """Let the sensor go."""
        self._closed = True
        self._ready.clear()

    def _demand_open(self) -> None:
        if self._closed:
            raise DeviceNotFound("link_lost", sensor=self.name)

    async def _next_packet(self) -> None:
        """One packet: built, then lost, delivered or delivered twice; or the link goes."""
        sensor, faults = self._sensor, self._sensor.faults
        if sensor.drop and sensor.row >= sensor.drop.at_s * sensor.info.rate_hz:
            self._closed = True
            sensor.leave(sensor.drop)
            return
        row = sensor.row
        if sensor.real_time:
            await _sleep_until(self._arrival_ns(row + sensor.n))
        elif row % (64 * sensor.n) == 0:
            await asyncio.sleep(0)
        packet = sensor.build()
        if packet is None:
            return
        sensor.arrived_ns = now_ns() if sensor.real_time else self._arrival_ns(sensor.row)
        if sensor.rng.random() >= faults.loss:
            self._deliver(sensor.arrived_ns, DATA, bytes(packet))
            if sensor.rng.random() < faults.duplicates:
                self._deliver(sensor.arrived_ns, DATA, bytes(packet))

    def _arrival_ns(self, row: int) -> int:
        """When the packet that ends with `row` comes through: at a connection event, after a stall, in order."""
        sensor, faults = self._sensor, self._sensor.faults
        events = sensor.rng.random() + sensor.rng.geometric(1.0 - RETRANSMISSION) - 1
        arrival_ns = sensor.due_ns(row) + round(1e9 * faults.interval_s * events)
        stall_from, stall_to = (
            sensor.due_ns(round(at_s * sensor.info.rate_hz)) for at_s in (faults.stall[0], sum(faults.stall))
        )
        if stall_from <= arrival_ns < stall_to:
            arrival_ns = stall_to
        return max(sensor.arrived_ns, arrival_ns)

    def _deliver(self, arrival_ns: int, characteristic: str, value: bytes) -> None:
        if characteristic in self._subscribed:
            self._ready.append(Notification(arrival_ns, characteristic, value))


def now_ns() -> int:
    """The event loop's clock."""
    return round(asyncio.get_running_loop().time() * 1e9)


async def _sleep_until(due_ns: int) -> None:
    await asyncio.sleep(max(0.0, (due_ns - now_ns()) / 1e9))
