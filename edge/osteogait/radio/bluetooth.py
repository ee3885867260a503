"""The station's Bluetooth: find sensors, connect to them, one thing at a time on each adapter."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakKeyDictionary

from bleak import BleakScanner
from bleak.backends.bluezdbus.manager import get_global_bluez_manager
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError

from osteogait.devices.driver import Advert, battery_level
from osteogait.errors import DeviceNotFound, UsageError
from osteogait.radio.availability import told, unavailable
from osteogait.radio.bleak_link import BleakLink
from osteogait.radio.bluez import Adapter, choose_adapter, free_abandoned_links
from osteogait.radio.phase import Phase
from osteogait.radio.sighting import Sighting
from osteogait.radio.source import Source

logger = logging.getLogger(__name__)

SCAN_S = 5.0
FIND_S = 10.0
CONNECT_S = 20.0
ATTEMPT_S = 4.0
"""Then the adapter is handed to the next sensor that waits, so that one that is away starves nobody."""
RETRY_S = 0.1
RETURN_S = 10.0
"""bluetoothd restarts, and an adapter that was unplugged is set up again, within this time or for a reason; well within
the patience of a trial."""
RETURNING = ("bluetooth_no_daemon", "bluetooth_no_adapter", "bluetooth_adapter_absent", "bluetooth_off")
FRESH_S = 10.0
"""A sensor heard so recently needs no scan, which would cost the sensors that stream already."""
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
"""Its level may stand in the advertisement as service data (Core Specification Supplement, part A, 1.11)."""
NO_RSSI = -127
"""What bleak tells when bluetoothd told nothing."""


@dataclass(slots=True)
class _Shared:
    """What all users of Bluetooth in one event loop share, as they share bleak's state.

    choosing    held while it is found out which bluetoothd and adapter there are
    daemon      the bluetoothd that bleak's state is of
    held        by adapter address: whoever scans or connects
    freed       adapters whose abandoned links have been freed
    """

    choosing: asyncio.Lock = field(default_factory=asyncio.Lock)
    daemon: str | None = None
    held: dict[str, asyncio.Lock] = field(default_factory=dict)
    freed: set[Adapter] = field(default_factory=set)


_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared] = WeakKeyDictionary()


class Bluetooth:
    """Finds sensors and makes links through one adapter, named by its address or the first usable one.

    Whoever scans or connects holds the adapter's lock: a controller makes one link at a time, and parallel
    attempts have been seen to mix up their links.
    """

    def __init__(self, adapter_address: str | None = None) -> None:
        self._wanted = adapter_address
        self._adapter: Adapter | None = None
        self._devices: dict[str, BLEDevice] = {}
        self._heard: dict[str, tuple[float, Sighting]] = {}

    async def adapter(self) -> Adapter:
        """The adapter as it is now; at first, and after a restart of bluetoothd, old links on it are freed."""
        shared = _of_this_loop()
        async with shared.choosing:
            self._adapter = adapter = await choose_adapter(self._wanted)
            if shared.daemon not in (None, adapter.daemon):
                await _forget_old_daemon()
            shared.daemon = adapter.daemon
            if adapter not in shared.freed:
                freed = await free_abandoned_links(adapter)
                if freed:
                    logger.warning("freed links left by an earlier run: %s", ", ".join(freed))
                shared.freed.add(adapter)
        return adapter

    async def scan(self, seconds: float = SCAN_S) -> tuple[Sighting, ...]:
        """Every device heard within `seconds`, the strongest first; also strangers, whose `model` is None."""
        heard: dict[str, Sighting] = {}
        async with await self._held():
            with told():
                async with self._scanner(heard):
                    await asyncio.sleep(seconds)
        return tuple(sorted(heard.values(), key=lambda seen: -(seen.rssi_dbm or NO_RSSI)))

    async def find(self, address: str, seconds: float = FIND_S) -> Sighting:
        """The sensor with `address` as soon as it is heard; DeviceNotFound after `seconds`."""
        async with await self._held():
            return await self._find(address.upper(), seconds)

    async def connect(self, address: str, seconds: float = CONNECT_S) -> BleakLink:
        """A new link, made as soon as the sensor advertises.

        The first attempt after another goes without a scan, as bluetoothd knows the sensor for half a minute.

        Raises
        ------
        DeviceNotFound
            Not heard, or not connected, within `seconds`; or Bluetooth cannot be used. What was usable before is
            waited for a little: bluetoothd may restart in the middle of a trial.
        NotPermitted
            The system does not allow it.
        """
        address, begin_s = address.upper(), time.monotonic()
        while True:
            try:
                async with await self._held():
                    return await self._attempt(address, begin_s + seconds - time.monotonic())
            except DeviceNotFound as gone:
                returning = self._adapter is not None and gone.code in RETURNING
                if not returning or time.monotonic() - begin_s > min(RETURN_S, seconds):
                    raise
            except (TimeoutError, BleakError) as problem:
                self._judge(address, problem)
                if time.monotonic() + RETRY_S >= begin_s + seconds:
                    raise DeviceNotFound(
                        "link_timeout", sensor=self._name(address), phase=Phase.CONNECT, seconds=seconds
                    ) from problem
                logger.info("connecting to %s: %r", address, problem)
            await asyncio.sleep(RETRY_S)

    def source(self, seen: Sighting) -> Source:
        """Where a recording session gets its links to this sensor; UsageError for a stranger."""
        model = seen.model
        if model is None:
            raise UsageError("sensor_unknown", sensor=seen.name)
        return Source(
            seen.name,
            model,
            open=partial(self.connect, seen.address),
            find=partial(self._strength, seen.address),
            rssi_dbm=seen.rssi_dbm,
        )

    async def _strength(self, address: str) -> int | None:
        heard_s, seen = self._heard.get(address, (-FRESH_S, None))
        if seen is None or time.monotonic() - heard_s > FRESH_S:
            seen = await self.find(address)
        return seen.rssi_dbm

    async def _held(self) -> asyncio.Lock:
        adapter = await self.adapter()
        return _of_this_loop().held.setdefault(adapter.address, asyncio.Lock())

    async def _attempt(self, address: str, left_s: float) -> BleakLink:
        if address not in self._devices:
            await self._find(address, min(FIND_S, left_s))
        with told():
            async with asyncio.timeout(min(ATTEMPT_S, left_s)):
                return await BleakLink.open(self._devices[address], self._name(address))

    def _judge(self, address: str, problem: Exception) -> None:
        """Raise what no further attempt can mend; forget a sensor that bluetoothd has forgotten."""
        if isinstance(problem, BleakDBusError) and (known := unavailable(problem)):
            raise known from problem
        if isinstance(problem, BleakDeviceNotFoundError) or "not found" in str(problem):
            self._devices.pop(address, None)

    async def _find(self, address: str, seconds: float) -> Sighting:
        heard: dict[str, Sighting] = {}
        found = asyncio.Event()
        with told():
            async with self._scanner(heard, lambda seen: found.set() if seen.address == address else None):
                try:
                    async with asyncio.timeout(seconds):
                        await found.wait()
                except TimeoutError:
                    raise DeviceNotFound(
                        "sensor_not_seen", sensor=self._name(address), seconds=seconds
                    ) from None
        return heard[address]

    def _name(self, address: str) -> str:
        return self._heard[address][1].name if address in self._heard else address

    def _scanner(
        self, heard: dict[str, Sighting], on_sighting: Callable[[Sighting], object] = lambda _: None
    ) -> BleakScanner:
        def detected(device: BLEDevice, data: AdvertisementData) -> None:
            seen = _sighting(device, data)
            self._devices[seen.address], self._heard[seen.address] = device, (time.monotonic(), seen)
            heard[seen.address] = seen
            on_sighting(seen)

        assert self._adapter is not None  # noqa: S101 - whoever scans holds the lock of a chosen adapter
        return BleakScanner(detected, bluez={"adapter": self._adapter.name})


def _of_this_loop() -> _Shared:
    return _shared.setdefault(asyncio.get_running_loop(), _Shared())


async def _forget_old_daemon() -> None:
    """Have bleak ask anew what there is.

    A bluetoothd that dies sends no removal of its objects, so bleak takes its links for standing, for ever, and
    connects to nothing. It starts afresh when its own bus connection ends, which also ends the links it had.
    """
    manager = await get_global_bluez_manager()
    bus = manager._bus
    if bus is not None:
        bus.disconnect()
        await asyncio.sleep(0)


def _sighting(device: BLEDevice, data: AdvertisementData) -> Sighting:
    services = frozenset(uuid.lower() for uuid in data.service_uuids)
    advert = Advert(data.local_name, services, frozenset(data.manufacturer_data))
    rssi_dbm = data.rssi if data.rssi != NO_RSSI else None
    told_battery = battery_level(data.service_data.get(BATTERY_SERVICE, b""))
    return Sighting(device.address.upper(), advert, rssi_dbm, told_battery)
