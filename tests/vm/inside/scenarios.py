"""Whole sessions through a real bluetoothd and the kernel's Bluetooth; every figure goes into the table.

What must be so on any machine is asserted here. Times are judged outside, where it is known how busy the computer is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from osteogait import acquire
from osteogait.acquire.limits import LIMITS
from osteogait.acquire.summary import RecordingSummary
from osteogait.devices.driver import Samples
from osteogait.radio.bluetooth import Bluetooth

FOUR = [
    {"serial": serial, "clock_ppm": ppm} for serial, ppm in ((1, 40.0), (2, -35.0), (3, 15.0), (4, -10.0))
]
AWAY_S = 1.5
"""How long a dropped sensor keeps quiet."""
PATIENT = replace(LIMITS, rate_tolerance=1.0)
"""An emulated machine may fall behind in the first seconds; the session would put that down to the sensor's rate."""


def address(serial: int) -> str:
    return f"C0:00:00:00:00:{serial:02X}"


class Heard:
    """Sessions of several sensors at once; when each sample came, and what the process spent."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.arrivals = folder, dict[int, list[float]]()

    async def record(self, bluetooth: Bluetooth, serial: int, seconds: float) -> RecordingSummary:
        came = self.arrivals.setdefault(serial, [])

        def samples(_: int, __: Samples) -> None:
            came.append(time.monotonic())

        source = bluetooth.source(await bluetooth.find(address(serial)))
        session = acquire.Session(source, self.folder / f"{serial}.ogr", limits=PATIENT, on_samples=samples)
        return await session.run(seconds)

    def after(self, serial: int, moment_s: float) -> float:
        """From `moment_s` to the first sample that came then."""
        return next(at for at in self.arrivals[serial] if at > moment_s) - moment_s


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Heard]:
    return Heard(tmp_path)


def books(
    figures: Any,
    what: str,
    kept: list[RecordingSummary],
    spent_s: float,
    seconds: float,
    lost: int | None = None,
) -> None:
    """The figures of sessions, and what must be so whatever the machine; `lost` at most on a quiet one."""
    figures(f"{what}: samples received", sum(one.received for one in kept))
    figures(f"{what}: samples lost and counted", sum(one.lost for one in kept), bar=lost)
    figures(f"{what}: samples uncounted", sum(one.uncounted or 0 for one in kept), bar=0, always=True)
    figures(f"{what}: duplicate packets", sum(one.duplicate_packets or 0 for one in kept), bar=0, always=True)
    figures(f"{what}: latency p50, ms", max(one.clock.latency_p50_ms for one in kept))
    figures(f"{what}: latency p99, ms", max(one.clock.latency_p99_ms for one in kept))
    figures(f"{what}: CPU of the client, % of an emulated core", 100 * spent_s / seconds)
    for one in kept:
        assert (one.uncounted, one.duplicate_packets) == (0, 0)
        assert one.received + one.lost >= seconds * 100


def test_connect_one_sensor_and_four_in_turn(stand_in: Any, figures: Any) -> None:
    stand_in(*FOUR)

    async def flow() -> list[float]:
        bluetooth, took = Bluetooth(), []
        await bluetooth.scan(1.0)
        begin_s, links = time.monotonic(), []
        for sensor in FOUR:
            links.append(await bluetooth.connect(address(sensor["serial"])))
            took.append(time.monotonic() - begin_s)
        for link in links:
            await link.close()
        return took

    took = asyncio.run(flow())
    figures("connect: one sensor, s", took[0], bar=2.0)
    figures("connect: the fourth in turn, s", took[3])


def test_one_sensor_with_a_forced_drop(stand_in: Any, heard: Heard, figures: Any) -> None:
    seconds = 40.0
    there = stand_in({"serial": 1})

    async def flow() -> tuple[RecordingSummary, float, float]:
        work = asyncio.create_task(heard.record(Bluetooth(), 1, seconds))
        await asyncio.sleep(15.0)
        spent_s = time.process_time()
        await asyncio.to_thread(there.do, "drop", "OG-0001", pause_s=None)
        await asyncio.sleep(AWAY_S)
        back = await asyncio.to_thread(there.do, "appear", "OG-0001")
        kept = await work
        return kept, back["at_ns"] / 1e9, time.process_time() - spent_s

    kept, back_s, spent_s = asyncio.run(flow())
    resumed_s = heard.after(1, back_s)
    books(figures, "1 sensor 40 s, a drop", [kept], spent_s * seconds / (seconds - 15.0), seconds)
    figures("1 sensor 40 s, a drop: advertising back to first sample, s", resumed_s, bar=1.0)
    assert (kept.reconnects, kept.segments, kept.ended) == (1, 1, "finished")
    assert kept.lost_link >= AWAY_S * 90
    truth = there.do("truth", "OG-0001")
    assert (truth["connected"], truth["running"]) == (False, False)


def test_four_sensors_at_once(stand_in: Any, heard: Heard, figures: Any) -> None:
    seconds = 25.0
    there = stand_in(*FOUR)

    async def flow() -> tuple[list[RecordingSummary], float]:
        bluetooth = Bluetooth()
        await bluetooth.scan(1.0)
        spent_s = time.process_time()
        works = [heard.record(bluetooth, sensor["serial"], seconds) for sensor in FOUR]
        return await asyncio.gather(*works), time.process_time() - spent_s

    kept, spent_s = asyncio.run(flow())
    books(figures, "4 sensors 25 s", kept, spent_s, seconds, lost=0)
    assert [one.reconnects for one in kept] == [0, 0, 0, 0]
    assert not any(there.do("truth", f"OG-000{sensor['serial']}")["connected"] for sensor in FOUR)


def test_bluetoothd_restarted_in_the_middle(stand_in: Any, heard: Heard, figures: Any) -> None:
    seconds = 20.0
    there = stand_in({"serial": 1})

    async def flow() -> tuple[RecordingSummary, float, float]:
        spent_s = time.process_time()
        work = asyncio.create_task(heard.record(Bluetooth(), 1, seconds))
        await asyncio.sleep(8.0)
        await asyncio.to_thread(there.daemon.restart)
        restarted_s = time.monotonic()
        kept = await work
        return kept, restarted_s, time.process_time() - spent_s

    kept, restarted_s, spent_s = asyncio.run(flow())
    books(figures, "bluetoothd killed and restarted", [kept], spent_s, seconds)
    figures(
        "bluetoothd killed and restarted: to the first sample, s", heard.after(1, restarted_s + 0.3) + 0.3
    )
    assert kept.ended == "finished"
    assert kept.reconnects >= 1
