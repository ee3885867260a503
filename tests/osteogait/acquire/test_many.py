"""Several sensors at once: each counted by itself, all on one axis of time to a fraction of a millisecond."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.readers import read_recording
from gaitsignal.synthetic import stander
from osteogait.acquire.align import aligned
from osteogait.acquire.books import Books
from osteogait.acquire.live import LiveChannel
from osteogait.acquire.many import export_csv, file_name, record_many
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.session import Session
from osteogait.acquire.state import Event, State
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import LossClass
from osteogait.errors import DeviceNotFound, QualityGateFailed, StoreError
from osteogait.radio.link import Link
from osteogait.radio.simulated import Drop, Faults, SimulatedSensor

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PERSON = stander(duration_s=40.0, seed=7).recording
FAST = stander(duration_s=40.0, seed=8, fs_hz=200.0).recording
RUNS = 40


def test_each_sensor_has_its_own_rate_and_books(tmp_path: Path, virtual: Run) -> None:
    back = SimulatedSensor(PERSON, real_time=True, seed=1, name="OG-0001", faults=Faults(drift_ppm=30))
    foot = SimulatedSensor(
        FAST, real_time=True, seed=2, name="OG-0002", faults=Faults(drops=(Drop(8.0, 1.0),))
    )
    heard: list[Event] = []
    worn = {"OG-0002": Worn(site="left_foot")}
    taken = virtual(record_many([back.source, foot.source], 20.0, tmp_path, worn=worn, on_event=heard.append))
    first, second = (one.to_json() for one in taken)
    assert (first["received"], first["lost_link"], first["verdict"]) == (2000, 0, "good")
    assert second["received"] + second["lost_link"] == 4000
    assert (second["reconnects"], second["uncounted"], second["class"]) == (1, 0, "A")
    assert set(first) >= {
        "received", "lost_link", "lost_sensor", "duplicates", "uncounted", "segments", "reconnects", "rate_hz",
        "latency_ms", "clock", "battery_percent", "class", "verdict",
    }  # fmt: skip
    assert {event.sensor for event in heard if event.state is State.INTERRUPTED} == {"OG-0002"}
    assert export_csv(tmp_path) == (tmp_path / "OG-0001.csv", tmp_path / "OG-0002.csv")
    assert read_recording(tmp_path / "OG-0001.csv").n == 2000
    assert read_recording(tmp_path / "OG-0002.csv").site == "left_foot"


def test_one_sensor_that_is_not_there_does_not_stop_the_other(tmp_path: Path, virtual: Run) -> None:
    async def nothing() -> Link:
        raise DeviceNotFound("sensor_not_seen", sensor="OG-0002", seconds=0)

    back = SimulatedSensor(PERSON, real_time=True, name="OG-0001")
    absent = replace(back.source, name="OG-0002", open=nothing)
    good, bad = virtual(record_many([back.source, absent], 10.0, tmp_path))
    assert good.summary.received == 1000
    assert bad.to_json()["error"] == "sensor_silent"


def test_names_that_collide_begin_nothing(tmp_path: Path) -> None:
    twins = [SimulatedSensor(PERSON).source] * 2
    with pytest.raises(StoreError):
        asyncio.run(record_many(twins, 10.0, tmp_path))
    assert not list(tmp_path.iterdir())
    assert file_name("../a b/传感器") == "a_b"
    assert file_name("传感器") == "sensor"


def test_two_sensors_stand_within_a_fraction_of_a_millisecond(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    apart_ms = []
    for run in range(RUNS):
        off = []
        for number in range(2):
            drift, tick = random.uniform(-50, 50), int(random.integers(2**32))
            faults = Faults(drift_ppm=drift, first_tick=tick)
            sensor = SimulatedSensor(PERSON, faults=faults, seed=100 * run + number)
            session = Session(sensor.source, None)
            asyncio.run(session.run(30.0))
            last = session.books.main.packets[-1]
            offset_s, rate = session.books.line(0)
            said_s = offset_s + rate * session.books.time_s(last)
            off.append(1e3 * (said_s - sensor.due_ns(last.first + last.n) / 1e9))
        apart_ms.append(abs(off[0] - off[1]))
    assert np.median(apart_ms) <= 0.3
    assert np.percentile(apart_ms, 95) <= 1.0


def test_recordings_of_one_trial_come_on_one_axis(tmp_path: Path, virtual: Run) -> None:
    sensors = [
        SimulatedSensor(
            PERSON, real_time=True, seed=n, name=f"OG-000{n}", faults=Faults(drift_ppm=40 * n - 60)
        )
        for n in (1, 2)
    ]

    async def late() -> Link:
        await asyncio.sleep(0.37)
        return await sensors[1].open()

    virtual(record_many([sensors[0].source, replace(sensors[1].source, open=late)], 20.0, tmp_path))
    first, second = aligned([tmp_path / "OG-0001.ogrec", tmp_path / "OG-0002.ogrec"])
    assert first.start_s == 0.0
    born = [sensor.born_ns for sensor in sensors]
    assert born[0] is not None
    assert born[1] is not None
    assert second.start_s == pytest.approx((born[1] - born[0]) / 1e9, abs=0.002)
    assert second.start_s == pytest.approx(0.37, abs=0.002)
    books = read_recorded(tmp_path / "OG-0001.ogrec").books()
    assert 0.02 < books.clock_model().uncertainty_s < 0.05


def test_a_sensor_without_a_clock_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sensor = SimulatedSensor(PERSON)
    asyncio.run(record_many([sensor.source], 10.0, tmp_path))
    model = replace(sensor.source.model, loss=LossClass.UNKNOWN)
    monkeypatch.setattr("osteogait.acquire.recorded.model_named", lambda _: model)
    with pytest.raises(QualityGateFailed) as refused:
        aligned([tmp_path / "OG-0000.ogrec"])
    assert "时钟" in refused.value.message("zh")


def test_the_live_channel_counts_what_is_lost() -> None:
    channel = LiveChannel(100.0)
    sensor = SimulatedSensor(PERSON, faults=Faults(loss=0.1), seed=3)
    session = Session(sensor.source, None, on_samples=channel.take)
    summary = asyncio.run(session.run(20.0))
    assert channel.view is not None
    assert channel.view.time_s == pytest.approx(20.0, abs=0.2)
    assert channel.view.lost_s == pytest.approx(summary.lost / 100.0, abs=0.2)
    assert channel.view.still
    slow = LiveChannel(20.0)
    slow.take(0, session.books.held[0][1])
    assert slow.view is None
    assert Books(LossClass.COUNTED).main.received == 0
