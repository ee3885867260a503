"""The simulated sensor obeys the open profile and tells the truth about its faults."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gaitsignal.recording import Recording
from gaitsignal.synthetic import stander
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import (
    CONTROL,
    DATA,
    INFO,
    DataPacket,
    Flags,
    Info,
    acceleration,
    rotation,
)
from osteogait.radio.link import Link, Notification
from osteogait.radio.simulated import Faults, SimulatedSensor

START = bytes(Request(Op.START, 1, (0, 5)))
STOP = bytes(Request(Op.STOP, 2))


def standing(seconds: float = 4.0) -> Recording:
    return stander(duration_s=seconds, seed=1).recording


async def played(device: SimulatedSensor, *, stop: bool = True) -> list[Notification]:
    sensor: Link = await device.open()
    for characteristic in (CONTROL, DATA):
        await sensor.subscribe(characteristic)
    await sensor.write(CONTROL, START)
    notifications = []
    while (notification := await sensor.receive()) is not None:
        notifications.append(notification)
    if stop:
        await sensor.write(CONTROL, STOP)
        last = await sensor.receive()
        assert last is not None
        notifications.append(last)
    await sensor.close()
    return notifications


def packets(notifications: list[Notification]) -> list[DataPacket]:
    return [DataPacket.from_bytes(n.value) for n in notifications if n.characteristic == DATA]


def test_its_packets_carry_the_recording_to_within_a_count() -> None:
    recording = standing()
    sensor = SimulatedSensor(recording)
    got = packets(asyncio.run(played(sensor)))
    acc = np.concatenate([acceleration(packet, sensor.info) for packet in got])
    rates = [rotation(packet, sensor.info) for packet in got]
    assert acc == pytest.approx(recording.acc, abs=sensor.info.acc_lsb / 2 * 1.001)
    assert np.concatenate([r for r in rates if r is not None]) == pytest.approx(
        recording.gyr, abs=sensor.info.gyr_lsb / 2 * 1.001
    )


def test_counters_and_ticks_go_on_by_the_book() -> None:
    got = packets(asyncio.run(played(SimulatedSensor(standing()))))
    assert [p.index for p in got] == list(range(0, 400, 5))
    assert [p.seq for p in got] == list(range(80))
    assert {b.ticks - a.ticks for a, b in pairwise(got)} == {50_000}
    assert [bool(p.flags & Flags.DISCONTINUITY) for p in got] == [True] + [False] * 79


def test_start_and_stop_are_answered() -> None:
    notifications = asyncio.run(played(SimulatedSensor(standing())))
    first, last = (Reply.from_bytes(notifications[i].value) for i in (0, -1))
    assert (first.op, first.status) == (Op.START, Status.OK)
    assert first.payload["rate_mhz"] == 100_000
    assert last.payload == {"samples": 400, "built": 80, "discarded": 0, "missed": 0}


def test_arrivals_never_go_back_and_come_after_the_samples() -> None:
    notifications = asyncio.run(played(SimulatedSensor(standing(), faults=Faults(drift_ppm=50))))
    arrivals = [n.monotonic_ns for n in notifications]
    assert arrivals == sorted(arrivals)
    start_ns = notifications[0].monotonic_ns
    assert all(
        (n.monotonic_ns - start_ns) / 1e9 >= 0.05 * (i + 1) - 0.001 for i, n in enumerate(notifications[1:-1])
    )


def test_loss_is_silent_on_the_link_and_counted_by_the_device() -> None:
    notifications = asyncio.run(played(SimulatedSensor(standing(30), faults=Faults(loss=0.1), seed=3)))
    got = packets(notifications)
    assert 30 < 600 - len(got) < 95
    assert Reply.from_bytes(notifications[-1].value).payload["built"] == 600


def test_missed_samples_leave_a_hole_in_the_index_only() -> None:
    got = packets(asyncio.run(played(SimulatedSensor(standing(), faults=Faults(missed=(100, 7))))))
    hole = next(b for a, b in pairwise(got) if b.index != a.index + 5)
    assert hole.index == 107
    assert hole.flags & Flags.DISCONTINUITY
    assert [p.seq for p in got] == list(range(len(got)))


def test_the_tick_counter_wraps() -> None:
    got = packets(
        asyncio.run(played(SimulatedSensor(standing(), faults=Faults(first_tick=2**32 - 1_000_000))))
    )
    assert min(p.ticks for p in got) == 0
    assert max(p.ticks for p in got) < 2**32


def test_a_blow_beyond_the_range_is_flagged_as_saturated() -> None:
    recording = standing()
    acc = recording.acc.copy()
    acc[50, 0] = 100.0
    got = packets(asyncio.run(played(SimulatedSensor(replace(recording, acc=acc)))))
    assert [i for i, p in enumerate(got) if p.flags & Flags.SATURATED] == [10]


def test_it_refuses_what_the_profile_refuses() -> None:
    async def ask(*requests: Request) -> list[Status]:
        sensor = await SimulatedSensor(standing()).open()
        await sensor.subscribe(CONTROL)
        answers = []
        for request in requests:
            await sensor.write(CONTROL, bytes(request))
            reply = await sensor.receive()
            assert reply is not None
            answers.append(Reply.from_bytes(reply.value).status)
        return answers

    assert asyncio.run(ask(Request(Op.START, 1, (50_000, 5)))) == [Status.BAD_VALUE]
    assert asyncio.run(ask(Request(Op.START, 1, (0, 20)))) == [Status.BAD_VALUE]
    assert asyncio.run(ask(Request(Op.STOP, 1))) == [Status.NOT_RUNNING]
    twice = (Request(Op.START, 1, (0, 5)), Request(Op.START, 2, (0, 5)))
    assert asyncio.run(ask(*twice)) == [Status.OK, Status.RUNNING]


def test_only_subscribed_characteristics_are_heard() -> None:
    async def deaf() -> Notification | None:
        sensor = await SimulatedSensor(standing()).open()
        await sensor.write(CONTROL, START)
        return await sensor.receive()

    assert asyncio.run(deaf()) is None


def test_info_is_readable_and_says_when_it_runs() -> None:
    async def infos() -> list[Info]:
        sensor = await SimulatedSensor(standing()).open()
        before = Info.from_bytes(await sensor.read(INFO))
        await sensor.write(CONTROL, START)
        return [before, Info.from_bytes(await sensor.read(INFO))]

    assert [info.running for info in asyncio.run(infos())] == [False, True]


def test_real_time_takes_as_long_as_the_recording() -> None:
    begun = time.monotonic()
    asyncio.run(played(SimulatedSensor(stander(duration_s=3.0).recording, real_time=True)))
    assert time.monotonic() - begun > 2.9


def test_a_recording_with_gaps_is_no_motion_to_feel() -> None:
    recording = standing()
    holed = replace(recording, measured=np.arange(recording.n) != 5)
    with pytest.raises(ValueError, match="without gaps"):
        SimulatedSensor(holed)
