"""Whole sessions over bleak: every fault at the sensor or on the link is counted, and the file holds the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteogait import acquire
from osteogait.acquire.limits import LIMITS, Limits
from osteogait.acquire.summary import RecordingSummary
from osteogait.errors import QualityGateFailed
from osteogait.radio.bluetooth import Bluetooth

SECONDS = 6.5
WRAP = 2**32 - 2_500_000
ACC_LSB = float(np.float32(0.0023942))

Fault = Callable[[Any, str], None]
FAULTS: dict[int, tuple[dict[str, Any], Fault | None]] = {
    1: ({}, None),
    2: ({}, lambda there, name: there.do("loss", name, share=0.05)),
    3: ({"clock_ppm": -35.0}, lambda there, name: there.do("miss", name, samples=7)),
    4: ({}, lambda there, name: there.do("stall", name, seconds=0.5)),
    5: ({"first_tick": WRAP, "clock_ppm": 40.0}, lambda there, name: there.do("drop", name, pause_s=0.3)),
    6: ({"clock_ppm": -30.0}, lambda there, name: there.do("reboot", name, pause_s=0.2)),
    7: ({"resumes": False}, lambda there, name: there.do("drop", name, pause_s=0.2)),
}


async def record(
    bluetooth: Bluetooth, serial: int, folder: Path, seconds: float = SECONDS
) -> RecordingSummary:
    source = bluetooth.source(await bluetooth.find(f"C0:00:00:00:00:{serial:02X}"))
    return await acquire.record(source, folder / f"{serial}.ogr", seconds)


async def streaming(there: Any, serial: int, samples: int = 150) -> None:
    """Until the sensor has taken so many samples of a recording."""
    async with asyncio.timeout(60.0):
        while True:
            truth = await asyncio.to_thread(there.do, "truth", f"OG-{serial:04X}")
            if truth["running"] and truth["samples"] >= samples:
                return
            await asyncio.sleep(0.02)


def late_ms(summary: RecordingSummary, truth: dict[str, Any]) -> float:
    """How late the session's clock puts the sensor against the sensor's own truth."""
    now_s = truth["now_ns"] / 1e9
    device_s = (now_s - truth["boot_ns"] / 1e9) * (1 + 1e-6 * truth["clock_ppm"]) + truth["first_tick"] / 1e6
    return float(1e3 * (summary.clock.offset_s + summary.clock.rate * device_s - now_s))


def told_apart(path: Path, serial: int) -> int:
    """Rows of a recording whose values are those of this sensor and this sample; all measured rows must be."""
    recording = acquire.to_recording(path)
    rows = np.flatnonzero(recording.measured)
    counts = np.rint(recording.acc[rows] / ACC_LSB).astype(int)
    first = round(recording.start_s * recording.fs_hz)
    assert (counts[:, 0] == 4096).all()
    assert (np.abs(counts[:, 1]) == serial).all()
    assert (counts[:, 2] == (rows + first) % 1024 - 512).all()
    return len(rows)


def test_every_fault_is_counted_on_seven_sensors_at_once(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in(*({"serial": serial, **options} for serial, (options, _) in FAULTS.items()))

    async def flow() -> dict[int, RecordingSummary]:
        bluetooth = Bluetooth()
        await bluetooth.scan(0.4)
        works = [asyncio.create_task(record(bluetooth, serial, tmp_path)) for serial in FAULTS]
        for serial, (_, fault) in FAULTS.items():
            if fault is not None:
                await streaming(there, serial, 250)
                await asyncio.to_thread(fault, there, f"OG-{serial:04X}")
        return dict(zip(FAULTS, await asyncio.gather(*works), strict=True))

    kept = asyncio.run(flow())
    for serial, summary in kept.items():
        assert summary.uncounted == 0, serial
        assert summary.duplicate_packets == 0, serial
        assert summary.received + summary.lost >= SECONDS * 100, serial
        assert abs(summary.clock.rate - 1.0) < 2000e-6, serial  # how well it is told: on the clock that jumps
    assert (kept[1].lost, kept[1].verdict, kept[1].segments) == (0, "good", 1)
    assert kept[2].lost_link
    assert kept[2].lost_link % 5 == 0
    assert (kept[3].lost_sensor, kept[3].lost_link) == (7, 0)
    assert (kept[4].lost, kept[4].reconnects) == (0, 0)
    assert kept[4].clock.latency_max_ms > 300
    assert kept[5].lost_link
    assert (kept[5].reconnects, kept[5].segments) == (1, 1)
    for serial in (6, 7):
        assert (kept[serial].reconnects, kept[serial].segments) == (1, 2)
    for serial in (1, 2, 3, 4, 5):
        assert told_apart(tmp_path / f"{serial}.ogr", serial) == kept[serial].received
    late = [late_ms(kept[serial], there.do("truth", f"OG-{serial:04X}")) for serial in (1, 3)]
    assert -1.0 < min(late) <= max(late) < 100.0


def test_a_frozen_sensor_is_shown_stalled_then_left_and_tried_again(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in({"serial": 9})
    heard: list[str] = []

    async def flow() -> RecordingSummary:
        bluetooth = Bluetooth()
        source = bluetooth.source(await bluetooth.find("C0:00:00:00:00:09"))
        session = acquire.Session(
            source, tmp_path / "a.ogr", limits=quick(), on_event=lambda event: heard.append(event.code)
        )
        work = asyncio.create_task(session.run(8.0))
        await streaming(there, 9)
        await asyncio.to_thread(there.do, "freeze", "OG-0009", seconds=3.0)
        return await work

    summary = asyncio.run(flow())
    assert heard.index("session_stalled") < heard.index("session_silent") < len(heard)
    assert (summary.reconnects, summary.uncounted, summary.duplicate_packets) == (1, 0, 0)
    assert summary.lost_link
    assert 250 <= summary.lost_link < 650


def quick() -> Limits:
    """Limits of a session, short enough for a test."""
    return replace(LIMITS, stall_s=0.7, lost_s=1.0, first_packet_s=10.0)


def test_a_low_battery_blocks_the_trial_and_frees_the_sensor(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in({"serial": 9, "battery": 12})

    async def flow() -> None:
        with pytest.raises(QualityGateFailed) as refused:
            await record(Bluetooth(), 9, tmp_path, 2.0)
        assert refused.value.code == "session_battery_empty"

    asyncio.run(flow())
    truth = there.do("truth", "OG-0009")
    assert not truth["connected"]
    assert not truth["running"]


def test_a_sensor_that_vanishes_leaves_what_came_before(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in({"serial": 9})

    async def flow() -> RecordingSummary:
        bluetooth = Bluetooth()
        source = bluetooth.source(await bluetooth.find("C0:00:00:00:00:09"))
        session = acquire.Session(source, tmp_path / "a.ogr", limits=replace(quick(), reconnect_s=1.0))
        work = asyncio.create_task(session.run(60.0))
        await streaming(there, 9)
        await asyncio.to_thread(there.do, "drop", "OG-0009", pause_s=None)
        return await work

    summary = asyncio.run(flow())
    assert (summary.ended, summary.verdict) == ("lost", "repeat")
    assert told_apart(tmp_path / "a.ogr", 9) == summary.received > 50


def test_cancelling_stops_the_sensor_and_completes_the_file(stand_in: Any, tmp_path: Path) -> None:
    there = stand_in({"serial": 9})

    async def flow() -> None:
        work = asyncio.create_task(record(Bluetooth(), 9, tmp_path, 60.0))
        await streaming(there, 9)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(flow())
    truth = there.do("truth", "OG-0009")
    assert (truth["connected"], truth["running"]) == (False, False)
    assert told_apart(tmp_path / "9.ogr", 9) > 50
