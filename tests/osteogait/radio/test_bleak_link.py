"""The link over the air: unmodified bleak with its BlueZ backend, a real GATT server at the other end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from typing import Any

import pytest

from osteogait.devices.driver import BATTERY_LEVEL
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, DATA, INFO, SERVICE, DataPacket, Info
from osteogait.errors import DeviceNotFound
from osteogait.radio import bleak_link
from osteogait.radio.bleak_link import BleakLink
from osteogait.radio.bluetooth import Bluetooth

SENSOR = {"serial": 0x1A2B}
NAME = "OG-1A2B"


async def started(link: BleakLink, n: int = 5) -> Reply:
    """Subscribe, START, and the reply."""
    await link.subscribe(CONTROL)
    await link.subscribe(DATA)
    await link.write(CONTROL, bytes(Request(Op.START, 1, (0, n))))
    return await replied(link)


async def replied(link: BleakLink) -> Reply:
    while (notification := await link.receive()) is not None:
        if notification.characteristic == CONTROL:
            return Reply.from_bytes(notification.value)
    raise AssertionError("the link ended before the reply")


async def packets(link: BleakLink, seconds: float = 60.0, until: int = 10**6) -> list[DataPacket]:
    """Packets of the next `seconds`, or `until` so many have come, or until the link ends."""
    got: list[DataPacket] = []
    try:
        async with asyncio.timeout(seconds):
            while len(got) < until and (notification := await link.receive()) is not None:
                if notification.characteristic == DATA:
                    got.append(DataPacket.from_bytes(notification.value))
    except TimeoutError:
        pass
    return got


def samples(got: list[DataPacket]) -> list[int]:
    return [packet.index + k for packet in got for k in range(packet.n)]


def test_it_reads_subscribes_writes_and_receives_in_order(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        assert (link.name, link.address) == (NAME, there.addresses[NAME])
        info = Info.from_bytes(await link.read(INFO))
        assert info.serial == 0x1A2B
        assert await link.read(BATTERY_LEVEL) == bytes([90])
        assert link.mtu(DATA) == 247
        assert (await started(link)).status is Status.OK
        got = await packets(link, until=30)
        await link.write(CONTROL, bytes(Request(Op.STOP, 2)))
        last = await packets_until_reply(link, got)
        assert samples(got) == list(range(len(got) * 5))
        assert last.payload["built"] == len(got) >= 28
        await link.close()
        await link.close()
        assert await link.receive() is None
        assert not there.do("truth", NAME)["connected"]

    asyncio.run(flow())


async def packets_until_reply(link: BleakLink, got: list[DataPacket]) -> Reply:
    while (notification := await link.receive()) is not None:
        if notification.characteristic == CONTROL:
            return Reply.from_bytes(notification.value)
        got.append(DataPacket.from_bytes(notification.value))
    raise AssertionError("the link ended before the reply")


def test_a_dropped_link_gives_what_came_then_none_then_says_so(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        link = await bluetooth.connect(there.addresses[NAME])
        await started(link)
        before = await packets(link, until=10)
        there.do("drop", NAME, pause_s=0.3)
        sent = there.do("truth", NAME)["sent_packets"]
        rest = await packets(link)
        assert link.lost
        assert len(before) + len(rest) <= sent
        for attempt in (link.read(INFO), link.subscribe(DATA), link.write(CONTROL, b"\x05\x01")):
            with pytest.raises(DeviceNotFound) as refused:
                await attempt
            assert refused.value.code == "link_lost"
        await link.close()
        back = await bluetooth.connect(there.addresses[NAME])
        assert Info.from_bytes(await back.read(INFO)).running
        await back.subscribe(DATA)
        resumed = await packets(back, until=8)
        assert samples(resumed) == sorted(set(samples(resumed)))
        await back.close()

    asyncio.run(flow())


def test_a_link_that_was_closed_leaves_no_second_subscriber(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        link = await bluetooth.connect(there.addresses[NAME])
        await started(link)
        there.do("drop", NAME, pause_s=0.0)
        await packets(link)
        assert link.lost
        await link.close()
        back = await bluetooth.connect(there.addresses[NAME])
        await back.subscribe(DATA)
        got = samples(await packets(back, until=12))
        assert len(got) == len(set(got)) == 60
        assert len(there.do("bus")["subscribers"][DATA]) == 1
        await back.close()

    asyncio.run(flow())


def test_without_that_rule_every_packet_comes_twice(stand_in: Any) -> None:
    """The fault the rule is there for, shown: a client left open after a drop doubles what the next one gets."""
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        link = await bluetooth.connect(there.addresses[NAME])
        await started(link)
        there.do("drop", NAME, pause_s=0.0)
        await packets(link)
        back = await bluetooth.connect(there.addresses[NAME])
        await back.subscribe(DATA)
        got = samples(await packets(back, until=20))
        assert len(got) == pytest.approx(2 * len(set(got)), abs=10)
        await link.close()
        await back.close()

    asyncio.run(flow())


def test_an_answer_that_does_not_come_is_not_waited_for(
    stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = stand_in(SENSOR)
    monkeypatch.setattr(bleak_link, "REQUEST_S", 0.2)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        there.do("mute", NAME, seconds=1.0)
        with pytest.raises(DeviceNotFound) as late:
            await link.read(INFO)
        assert (late.value.code, late.value.fields["phase"]) == ("link_timeout", "read")
        await link.close()

    asyncio.run(flow())


def test_what_the_sensor_does_not_have_is_said_by_name(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        with pytest.raises(DeviceNotFound) as missing:
            await link.read(SERVICE)
        assert missing.value.code == "characteristic_missing"
        with pytest.raises(DeviceNotFound) as refused:
            await link.read(DATA)
        assert refused.value.code == "sensor_refused"
        assert "read" in str(refused.value.fields["reason"])
        await link.close()

    asyncio.run(flow())


def test_a_small_mtu_is_told_and_the_sensor_refuses_to_start(stand_in: Any) -> None:
    there = stand_in(SENSOR)
    there.do("mtu", NAME, mtu=31)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        assert link.mtu(DATA) == 31
        assert (await started(link, n=5)).status is Status.MTU_TOO_SMALL
        await link.write(CONTROL, bytes(Request(Op.START, 2, (0, 1))))
        assert (await replied(link)).status is Status.OK
        assert {packet.n for packet in await packets(link, until=5)} == {1}
        await link.close()

    asyncio.run(flow())


def test_a_reader_that_stopped_ends_the_link_and_drops_nothing_in_the_middle(
    stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = stand_in(SENSOR)
    monkeypatch.setattr(bleak_link, "QUEUE", 10)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        await started(link)
        async with asyncio.timeout(60.0):
            while not link.lost:
                await asyncio.sleep(0.05)
        assert samples(await packets(link, 60.0)) == list(range(50))
        await link.close()

    asyncio.run(flow())


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # dbus-fast leaves a socket that is not yet through to be collected
@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1])
def test_cancelling_at_any_time_leaves_nothing_connected(stand_in: Any, after_s: float) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        await bluetooth.find(there.addresses[NAME])
        attempt = asyncio.create_task(bluetooth.connect(there.addresses[NAME]))
        await asyncio.sleep(after_s)
        attempt.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await (await attempt).close()  # it was quicker
        limit_s = time.monotonic() + 60.0
        while there.do("truth", NAME)["connected"]:
            assert time.monotonic() < limit_s
            await asyncio.sleep(0.02)

    asyncio.run(flow())
    gc.collect()


def test_closing_is_finished_also_when_cancelled(stand_in: Any) -> None:
    there = stand_in(SENSOR)

    async def flow() -> None:
        link = await Bluetooth().connect(there.addresses[NAME])
        closing = asyncio.create_task(link.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert link.lost
        assert not there.do("truth", NAME)["connected"]

    asyncio.run(flow())


def test_after_bluetoothd_died_and_came_back_the_station_connects_again(
    stand_in: Any, private_bus: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "osteogait.radio.bluetooth.RETURN_S", 60.0
    )  # the stand-in's imports may take that long
    there = stand_in(SENSOR)

    async def flow() -> None:
        bluetooth = Bluetooth()
        link = await bluetooth.connect(there.addresses[NAME])
        await started(link)
        there.process.kill()
        there.process.wait()
        with pytest.raises(DeviceNotFound) as gone:
            await bluetooth.connect(there.addresses[NAME], seconds=0.2)
        assert gone.value.code == "bluetooth_no_daemon"
        connecting = asyncio.create_task(bluetooth.connect(there.addresses[NAME], seconds=120.0))
        again = await asyncio.to_thread(there.again)
        back = await connecting
        await packets(link)
        assert link.lost
        await link.close()
        assert (await started(back)).status is Status.OK
        assert samples(await packets(back, until=3))[0] == 0
        await back.close()
        again.close()

    asyncio.run(flow())
