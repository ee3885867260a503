"""A sensor on the air: its firmware behind a real GATT server, advertising, and everything that can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Coroutine, Iterable
from functools import partial

from bumble.att import ATT_READ_NOT_PERMITTED_ERROR, ATT_WRITE_NOT_PERMITTED_ERROR, ATT_Error
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_ErrorCode
from bumble.host import Host
from bumble.link import LocalLink
from echo import EchoSensor
from firmware import BATTERY_LEVEL, NS, OpenSensor
from maker import MakerSensor

Field = tuple[AdvertisingData.Type, bytes]
ADVERTISING_MS = 100.0
USUAL_MTU = 247
"""One link-layer packet of 251 bytes, what sensors agree to."""
SHORT_UUID = 4
"""Hex digits of a 16-bit UUID."""
EVENT_S = 0.001
"""Packets of one wake-up leave together; the link itself adds no delay."""


class Peripheral:
    """One sensor with its own controller on `link`."""

    def __init__(
        self,
        link: LocalLink,
        address: str,
        sensor: OpenSensor | EchoSensor | MakerSensor,
        advertising_ms: float,
    ) -> None:
        self.address, self.sensor, self.rssi_dbm = address, sensor, -55
        self.visible, self.muted_until_ns = True, 0
        self.connection: Connection | None = None
        self._switching = asyncio.Lock()
        self._held: deque[bytes] = deque()
        self._advertising_ms = advertising_ms
        controller = Controller(sensor.name, link=link)
        host = Host(controller, controller)
        config = DeviceConfiguration(name=sensor.name, address=Address(address))
        self.device = Device(config=config, host=host)
        self.device.gatt_server.max_mtu = USUAL_MTU
        self._characteristics: dict[str, Characteristic[bytes]] = {}
        for service, table in sensor.table.items():
            made = [self._characteristic(uuid, properties) for uuid, properties in table.items()]
            self.device.add_service(Service(UUID(service), made))
        self.device.on(self.device.EVENT_CONNECTION, self._on_connection)
        self._pump_task: asyncio.Task[None] | None = None
        self._restart: set[asyncio.Task[None]] = set()

    async def power_on(self) -> None:
        """Boot, advertise, take samples."""
        await self.device.power_on()
        await self.advertise()
        self._pump_task = asyncio.create_task(self._pump())

    async def advertise(self) -> None:
        """Advertise as long as visible and not connected."""
        async with self._switching:
            if self.visible and self.connection is None and not self.device.is_advertising:
                await self._start_advertising()

    async def _start_advertising(self) -> None:
        await self.device.start_advertising(
            advertising_data=bytes(AdvertisingData(self._advert())),
            scan_response_data=b"",
            advertising_interval_min=self._advertising_ms,
            advertising_interval_max=self._advertising_ms,
        )

    def _advert(self) -> list[Field]:
        kinds, sensor = AdvertisingData.Type, self.sensor
        fields = [(kinds.FLAGS, b"\x06")]
        short = b"".join(bytes(UUID(uuid)) for uuid in sensor.services if len(uuid) == SHORT_UUID)
        whole = b"".join(bytes(UUID(uuid)) for uuid in sensor.services if len(uuid) != SHORT_UUID)
        if short:
            fields.append((kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
        if whole:
            fields.append((kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, whole))
        makers = [company.to_bytes(2, "little") + b"\x00" for company in sensor.companies]
        fields += [(kinds.MANUFACTURER_SPECIFIC_DATA, maker) for maker in makers]
        if sensor.advertised_name is not None:
            fields.append((kinds.COMPLETE_LOCAL_NAME, sensor.advertised_name.encode()))
        return fields

    async def hide(self) -> None:
        """Stop advertising until made visible again."""
        self.visible = False
        async with self._switching:
            if self.device.is_advertising:
                await self.device.stop_advertising()

    async def drop(self, pause_s: float | None) -> None:
        """Lose the link; advertise again after `pause_s`, never for None."""
        await self.hide()
        if self.connection is not None:
            with contextlib.suppress(Exception):
                await self.connection.disconnect(HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        if pause_s is not None:
            self._later(self._return(pause_s))

    async def _return(self, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        self.visible = True
        await self.advertise()

    def limit_mtu(self, mtu: int) -> None:
        """Agree to no more than `mtu` at the next connection."""
        self.device.gatt_server.max_mtu = mtu

    async def set_battery(self, percent: int) -> None:
        """Another battery level, notified to who subscribed."""
        self.sensor.battery = percent
        if self.connection is not None:
            await self._notify(BATTERY_LEVEL, bytes([percent]))

    def _characteristic(self, uuid: str, properties: Iterable[str]) -> Characteristic[bytes]:
        flags = Characteristic.Properties(0)
        for name in properties:
            flags |= Characteristic.Properties[name.upper()]
        readable = "read" in properties
        writable = any(name.startswith("write") for name in properties)
        permissions = Characteristic.READABLE * readable | Characteristic.WRITEABLE * writable
        value = CharacteristicValue(
            read=partial(self._read, uuid) if readable else _refuse_read,
            write=partial(self._write, uuid) if writable else _refuse_write,
        )
        made: Characteristic[bytes] = Characteristic(UUID(uuid), flags, permissions, value)
        self._characteristics[uuid] = made
        made.on(made.EVENT_SUBSCRIPTION, partial(self._subscription, uuid))
        return made

    def _subscription(self, uuid: str, _: Connection, notified: bool, indicated: bool) -> None:
        if notified or indicated:
            self.sensor.subscribed(uuid)

    async def _read(self, uuid: str, _: object) -> bytes:
        await asyncio.sleep(max(0.0, (self.muted_until_ns - time.monotonic_ns()) / NS))
        return self.sensor.read(uuid)

    def _write(self, uuid: str, connection: Connection, value: bytes) -> None:
        self.sensor.mtu = connection.att_mtu
        now_ns = time.monotonic_ns()
        self._take(now_ns)  # the pump may be late, and the counts in the reply would run ahead of it
        answered = self.sensor.control(uuid, bytes(value), now_ns)
        answers = answered if isinstance(answered, list) else [answered]
        if self.sensor.running and all(uuid == self.sensor.stream for uuid, _ in answers):
            for _, answer in answers:  # it goes into the stream, behind what is still held of it
                self._hold(answer)
            return
        self._later(self._answer(answers))

    async def _answer(self, values: list[tuple[str, bytes]]) -> None:
        for uuid, value in values:
            characteristic = self._characteristics[uuid]
            if self.connection is None:
                return
            if characteristic.properties & Characteristic.Properties.INDICATE:
                with contextlib.suppress(Exception):
                    await self.device.indicate_subscriber(self.connection, characteristic, value)
            else:
                await self._notify(uuid, value)

    async def _notify(self, uuid: str, value: bytes) -> None:
        if self.connection is not None:
            await self.device.notify_subscriber(self.connection, self._characteristics[uuid], value)

    def _on_connection(self, connection: Connection) -> None:
        self.connection = connection
        self._held.clear()
        self.sensor.link_up()
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)

    def _on_disconnection(self, _: int) -> None:
        self.connection = None
        self.sensor.link_down(time.monotonic_ns())
        self._later(self.advertise())

    async def _pump(self) -> None:
        """Send every packet when its last sample exists."""
        while True:
            now_ns = time.monotonic_ns()
            self._take(now_ns)
            if now_ns >= self.sensor.trouble.stalled_until_ns:
                await self._send_held()
            due_ns = self.sensor.next_due_ns(now_ns)
            await asyncio.sleep(max(EVENT_S, (due_ns - time.monotonic_ns()) / NS))

    def _take(self, now_ns: int) -> None:
        for packet in self.sensor.packets(now_ns):
            self._hold(packet)

    def _hold(self, packet: bytes | None) -> None:
        if packet is None:
            return
        if self._listening():
            self._held.append(packet)
        else:
            self.sensor.books.discarded += 1

    def _listening(self) -> bool:
        if self.connection is None:
            return False
        subscribed = self.device.gatt_server.subscribers.get(self.connection, {})
        return subscribed.get(self._characteristics[self.sensor.stream].handle, b"\0\0")[0] & 1 == 1

    async def _send_held(self) -> None:
        while self._held and self._listening():
            packet = self._held.popleft()
            await self._notify(self.sensor.stream, packet)
            self.sensor.books.sent_packets += 1
            self.sensor.books.sent_samples += packet[2]

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._restart.add(task)
        task.add_done_callback(self._restart.discard)


def _refuse_read(_: object) -> bytes:
    """The GATT server itself would not answer, and the reader wait 30 s."""
    raise ATT_Error(ATT_READ_NOT_PERMITTED_ERROR)


def _refuse_write(_: object, value: bytes) -> None:
    raise ATT_Error(ATT_WRITE_NOT_PERMITTED_ERROR)
