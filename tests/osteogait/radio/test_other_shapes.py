"""Sensors of other makers' shapes: foreign UUID bases, writes without response, adverts with little in them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from osteogait.devices.driver import Advert
from osteogait.errors import DeviceNotFound
from osteogait.radio.bleak_link import BleakLink
from osteogait.radio.bluetooth import Bluetooth

BASE_9A = "0000{}-0000-1000-8000-00805f9a34fb"
"""One letter off the base of the Bluetooth SIG, as one maker has it."""
SERVICE, NOTIFY, WRITE = (BASE_9A.format(part) for part in ("ffe5", "ffe4", "ffe9"))
FOREIGN = {
    "serial": 1,
    "name": "WT901BLE67",
    "table": {SERVICE: {NOTIFY: ["notify"], WRITE: ["write", "write_without_response"]}},
    "answers": NOTIFY,
}
COMMAND, REPLY = "34800001-7185-4d5d-b431-630e7050e8f0", "34800002-7185-4d5d-b431-630e7050e8f0"
ONE_WAY = {
    "serial": 2,
    "companies": [0x009F],
    "services": ["fe06"],
    "table": {
        "34802252-7185-4d5d-b431-630e7050e8f0": {COMMAND: ["write_without_response"], REPLY: ["notify"]}
    },
    "answers": REPLY,
}
POINT, STREAM = "fb005c81-02e7-f387-1cad-8acd2d8df0c8", "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
READ_AND_INDICATE = {
    "serial": 3,
    "name": "Polar Sense 12345678",
    "table": {
        "fb005c80-02e7-f387-1cad-8acd2d8df0c8": {POINT: ["read", "write", "indicate"], STREAM: ["notify"]}
    },
    "values": {POINT: "0f6400"},
    "answers": POINT,
}


def address(serial: int) -> str:
    return f"C0:00:00:00:00:{serial:02X}"


async def echoed(link: BleakLink, written: str, heard: str, value: bytes) -> bytes:
    await link.subscribe(heard)
    await link.write(written, value)
    async with asyncio.timeout(60.0):
        notification = await link.receive()
    assert notification is not None
    assert notification.characteristic == heard
    return notification.value


@pytest.mark.parametrize(
    ("shape", "written", "heard"),
    [(FOREIGN, WRITE, NOTIFY), (ONE_WAY, COMMAND, REPLY), (READ_AND_INDICATE, POINT, POINT)],
)
def test_what_is_written_comes_back(stand_in: Any, shape: dict[str, Any], written: str, heard: str) -> None:
    stand_in(shape)

    async def flow() -> None:
        link = await Bluetooth().connect(address(shape["serial"]))
        assert await echoed(link, written, heard, b"\xff\xaa\x03\x09\x00") == b"\xff\xaa\x03\x09\x00"
        await link.close()

    asyncio.run(flow())


def test_a_uuid_on_another_base_is_not_the_short_one(stand_in: Any) -> None:
    stand_in(FOREIGN)

    async def flow() -> None:
        link = await Bluetooth().connect(address(1))
        with pytest.raises(DeviceNotFound) as other:
            await link.subscribe(NOTIFY.replace("9a34fb", "9b34fb"))
        assert other.value.code == "characteristic_missing"
        await link.close()

    asyncio.run(flow())


def test_the_advertisement_is_told_as_it_was(stand_in: Any) -> None:
    stand_in(FOREIGN, ONE_WAY, READ_AND_INDICATE)

    async def flow() -> None:
        bluetooth, seen = Bluetooth(), dict[str, Advert]()
        while len(seen) < 3:
            seen |= {sighting.address: sighting.advert for sighting in await bluetooth.scan(0.5)}
        assert (seen[address(1)].name, seen[address(1)].services) == ("WT901BLE67", frozenset())
        assert seen[address(2)].name is None
        assert seen[address(2)].companies == frozenset({0x009F})
        assert seen[address(2)].services == frozenset({"0000fe06-0000-1000-8000-00805f9b34fb"})
        assert seen[address(3)].name == "Polar Sense 12345678"

    asyncio.run(flow())


def test_a_value_read_before_subscribing_is_not_heard_as_a_notification(stand_in: Any) -> None:
    stand_in(READ_AND_INDICATE)

    async def flow() -> None:
        link = await Bluetooth().connect(address(3))
        assert await link.read(POINT) == bytes.fromhex("0f6400")
        assert await echoed(link, POINT, POINT, b"\x01\x02") == b"\x01\x02"
        await link.close()

    asyncio.run(flow())
