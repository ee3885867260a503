"""What bluetoothd says now, asked over the message bus: which adapters there are, which links stand, who listens.

bleak names an adapter hciN, which changes with the order of plugging in; here it is found by its address. bleak also
does not tell whether a standing link is somebody's or was left behind by a crashed run; the bus does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bleak.exc import BleakDBusError
from dbus_fast import BusType, Message, MessageType, unpack_variants
from dbus_fast.aio import MessageBus

from osteogait.devices.driver import Advert
from osteogait.devices.registry import recognise
from osteogait.errors import DeviceNotFound
from osteogait.radio.availability import told

SETTLE_S = 1.5
"""A session that begins subscribes within a second of its connection; a link still unheard then is nobody's."""
BLUEZ = "org.bluez"
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
ADAPTER, DEVICE, CHARACTERISTIC = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.GattCharacteristic1"


@dataclass(frozen=True, slots=True)
class Adapter:
    """A usable Bluetooth adapter.

    name        hciN as of now
    address     stays with the hardware
    daemon      bus name of the bluetoothd that runs it, another one after each restart
    """

    name: str
    address: str
    daemon: str


async def choose_adapter(address: str | None = None) -> Adapter:
    """The adapter with `address`, or the first that is on and can be a central.

    Raises
    ------
    DeviceNotFound
        No message bus, no bluetoothd, no adapter, not this one, switched off, or not for Low Energy.
    NotPermitted
        The system does not let this user speak to bluetoothd.
    """
    async with _bus() as bus:
        objects = await _objects(bus)
        [daemon] = await _call(bus, BUS_PATH, BUS, "GetNameOwner", "s", BLUEZ)
    adapters = {
        path: interfaces[ADAPTER] for path, interfaces in sorted(objects.items()) if ADAPTER in interfaces
    }
    if not adapters:
        raise DeviceNotFound("bluetooth_no_adapter")
    if address is not None:
        present = ", ".join(str(known["Address"]) for known in adapters.values())
        adapters = {path: known for path, known in adapters.items() if _same(known["Address"], address)}
        if not adapters:
            raise DeviceNotFound("bluetooth_adapter_absent", adapter=address, present=present)
    central = {path: known for path, known in adapters.items() if "central" in known.get("Roles", ())}
    if not central:
        raise DeviceNotFound("bluetooth_no_central")
    for path, known in central.items():
        if known["Powered"]:
            return Adapter(path.rsplit("/", 1)[-1], known["Address"], daemon)
    raise DeviceNotFound("bluetooth_off")


async def free_abandoned_links(adapter: Adapter) -> tuple[str, ...]:
    """Disconnect our kinds of sensors that are connected while nobody listens; their addresses.

    bluetoothd keeps a link when the program that made it dies, and a connected sensor does not advertise, so it
    would never be found again. A recording that runs in another process listens, so it is left alone.
    """
    async with _bus() as bus:
        abandoned = _abandoned(adapter, await _objects(bus))
        if not abandoned:
            return ()
        await asyncio.sleep(SETTLE_S)
        still = _abandoned(adapter, await _objects(bus))
        freed = {path: address for path, address in abandoned.items() if path in still}
        for path in freed:
            await _call(bus, path, DEVICE, "Disconnect")
    return tuple(freed.values())


def _abandoned(adapter: Adapter, objects: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Addresses by path of our kinds of sensors that are connected while nobody listens."""
    prefix = f"/org/bluez/{adapter.name}/"
    devices = {
        path: has[DEVICE] for path, has in objects.items() if path.startswith(prefix) and DEVICE in has
    }
    return {
        path: str(device["Address"])
        for path, device in devices.items()
        if device.get("Connected") and _ours(device) and not _anyone_listens(objects, path)
    }


def _ours(device: dict[str, Any]) -> bool:
    if device.get("Paired"):  # sensors are not paired; a keyboard whose name looks like one is
        return False
    services = frozenset(uuid.lower() for uuid in device.get("UUIDs", ()))
    advert = Advert(device.get("Name"), services, frozenset(device.get("ManufacturerData", ())))
    return recognise(advert) is not None


def _anyone_listens(objects: dict[str, dict[str, Any]], device: str) -> bool:
    return any(
        interfaces.get(CHARACTERISTIC, {}).get("Notifying")
        or interfaces.get(CHARACTERISTIC, {}).get("NotifyAcquired")
        for path, interfaces in objects.items()
        if path.startswith(device + "/")
    )


def _same(one: str, other: str) -> bool:
    return one.replace("-", ":").upper() == other.replace("-", ":").upper()


@asynccontextmanager
async def _bus() -> AsyncIterator[MessageBus]:
    with told():
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            await bus.connect()
            yield bus
        finally:
            standing = bus.connected
            bus.disconnect()
            if standing:
                await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def _objects(bus: MessageBus) -> dict[str, dict[str, Any]]:
    body = await _call(bus, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    return {
        path: {interface: unpack_variants(properties) for interface, properties in interfaces.items()}
        for path, interfaces in body[0].items()
    }


async def _call(
    bus: MessageBus, path: str, interface: str, member: str, signature: str = "", *body: object
) -> list[Any]:
    destination = BUS if interface == BUS else BLUEZ
    reply = await bus.call(
        Message(
            destination=destination,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
    )
    if reply is None or reply.message_type is MessageType.ERROR:
        name = "org.freedesktop.DBus.Error.NoReply" if reply is None else str(reply.error_name)
        raise BleakDBusError(name, [] if reply is None else reply.body)
    answer: list[Any] = reply.body
    return answer
