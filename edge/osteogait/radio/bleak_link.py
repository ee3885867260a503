"""A link over the air: bleak's client, with a time limit on every phase, and an end that is always told.

Three habits of bleak on BlueZ decide the shape of this file. Each client has a bus connection of its own that only
`disconnect()` closes, and one left open gets every notification of the next client too. Callbacks are called from the
reader of the message bus, so they stamp, append and return. A call that BlueZ answers with InProgress is repeated
without end, so each one is given a time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakCharacteristicNotFoundError, BleakDBusError, BleakError

from osteogait.devices.reason import reason
from osteogait.errors import DeviceNotFound
from osteogait.radio.availability import unavailable
from osteogait.radio.link import Notification
from osteogait.radio.phase import Phase

logger = logging.getLogger(__name__)

REQUEST_S = 2.0
"""A read or write takes two connection events, 0.1 s at the slowest default interval."""
CLOSE_S = 5.0
QUEUE = 4096
"""Notifications that may wait: 200 s of one sensor at 100 Hz; a reader that far behind has stopped."""
ATT_HEADER = 3
BREATH_S = 0.1
"""A stream is handed on this often, for all links in the same moment: a wake-up costs more than a packet."""
UNASKED = 10
"""So many notifications after the last request no reply is due any more: it is a stream."""


class BleakLink:
    """A `Link` to one sensor; made by `BleakLink.open`, one for each attempt to connect."""

    def __init__(self, device: BLEDevice, name: str) -> None:
        self.name, self.address = name, device.address
        self._client = BleakClient(device, disconnected_callback=self._gone)
        self._queue: deque[Notification] = deque()
        self._news = asyncio.Event()
        self._lost = False
        self._unasked = 0
        self._breath: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, device: BLEDevice, name: str) -> BleakLink:
        """Connect and resolve the services; when that fails or is cancelled, bleak leaves nothing behind."""
        link = cls(device, name)
        await link._client.connect()
        return link

    @property
    def lost(self) -> bool:
        """Whether the link is down, by itself or by `close`."""
        return self._lost

    def mtu(self, characteristic: str) -> int:
        """The ATT MTU as the characteristic has it now; ask late, bluetoothd tells 23 for a moment."""
        return self._characteristic(characteristic).max_write_without_response_size + ATT_HEADER

    async def read(self, characteristic: str) -> bytes:
        """The present value; DeviceNotFound when it is missing, refused, or the link is gone.

        BlueZ tells a value that is read to who is subscribed, too: it then also arrives through `receive`.
        """
        found = self._characteristic(characteristic)
        async with self._phase(Phase.READ):
            return bytes(await self._client.read_gatt_char(found))

    async def subscribe(self, characteristic: str) -> None:
        """Let its notifications or indications arrive."""
        found = self._characteristic(characteristic)
        async with self._phase(Phase.SUBSCRIBE):
            await self._client.start_notify(found, partial(self._heard, characteristic))

    async def write(self, characteristic: str, value: bytes) -> None:
        """Write with response where the characteristic has one, else without."""
        found = self._characteristic(characteristic)
        async with self._phase(Phase.WRITE):
            await self._client.write_gatt_char(found, value, response="write" in found.properties)

    async def receive(self) -> Notification | None:
        """The next notification in order of arrival; None once the link is gone and all were given.

        In a stream they are given a breath late, all that have come by then; each keeps its own time of arrival.
        """
        while not self._queue:
            if self._lost:
                return None
            self._news.clear()
            await self._news.wait()
        return self._queue.popleft()

    async def close(self) -> None:
        """Let the sensor go and close the bus connection, also after a drop and when cancelled; never raises."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._disconnect())
        try:
            await asyncio.shield(self._closing)
        except asyncio.CancelledError:
            await asyncio.wait({self._closing})
            raise

    async def _disconnect(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._client.disconnect()
        except Exception as problem:  # whatever it was, bleak has closed its bus connection and we are done
            logger.warning("closing %s: %r", self.name, problem)
        self._gone(self._client)

    def _gone(self, _: BleakClient) -> None:
        self._lost = True
        self._tell()

    def _heard(self, characteristic: str, _: BleakGATTCharacteristic, value: bytearray) -> None:
        arrival_ns = time.monotonic_ns()
        if len(self._queue) >= QUEUE:
            # dropping some here would be a loss that nobody counts; a link that ends is a gap that everybody sees
            logger.error("%s: nobody takes its notifications; the link is given up", self.name)
            self._gone(self._client)
        if not self._lost:
            self._queue.append(Notification(arrival_ns, characteristic, bytes(value)))
            self._unasked += 1
            self._tell_in_time()

    def _tell_in_time(self) -> None:
        """At once while a reply may be among them, else with the next breath."""
        if self._unasked < UNASKED:
            self._tell()
        elif self._breath is None:
            loop = asyncio.get_running_loop()
            self._breath = loop.call_at((loop.time() // BREATH_S + 1) * BREATH_S, self._tell)

    def _tell(self) -> None:
        if self._breath is not None:
            self._breath.cancel()
            self._breath = None
        self._news.set()

    def _characteristic(self, uuid: str) -> BleakGATTCharacteristic:
        if self._lost:
            raise DeviceNotFound("link_lost", sensor=self.name)
        found = self._client.services.get_characteristic(uuid)
        if found is None:
            raise DeviceNotFound("characteristic_missing", sensor=self.name, characteristic=uuid)
        return found

    @asynccontextmanager
    async def _phase(self, phase: Phase) -> AsyncIterator[None]:
        """Give the call its time, and say what went wrong in it."""
        self._unasked = 0
        if self._breath is not None:
            self._tell()
        try:
            async with asyncio.timeout(REQUEST_S):
                yield
        except TimeoutError:
            raise DeviceNotFound("link_timeout", sensor=self.name, phase=phase, seconds=REQUEST_S) from None
        except BleakCharacteristicNotFoundError as problem:
            raise DeviceNotFound(
                "characteristic_missing", sensor=self.name, characteristic=problem.char_specifier
            ) from problem
        except (
            BleakError,
            EOFError,
            OSError,
            AssertionError,
        ) as problem:  # bleak asserts that its bus still stands
            raise self._explained(phase, problem) from problem

    def _explained(self, phase: Phase, problem: Exception) -> Exception:
        if self._lost or not self._client.is_connected or "Not connected" in str(problem):
            return DeviceNotFound("link_lost", sensor=self.name)
        known = unavailable(problem) if isinstance(problem, BleakDBusError) else None
        why = reason("link", phase=phase, problem=str(problem))
        return known or DeviceNotFound("sensor_refused", sensor=self.name, reason=why)
