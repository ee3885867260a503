"""From a simulated sensor through the recorder to a recording and to CSV, with every fault counted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.protocols import quiet_stance
from gaitsignal.readers import read_recording
from gaitsignal.synthetic import stander
from osteogait import acquire
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.state import Event
from osteogait.devices.open_control import Op, Reply, Status
from osteogait.devices.open_profile import CONTROL, DATA, DataPacket
from osteogait.errors import DeviceNotFound, QualityGateFailed, StoreError
from osteogait.radio.link import Link, Notification
from osteogait.radio.simulated import Faults, SimulatedLink, SimulatedSensor
from osteogait.radio.source import Source

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PERSON = stander(duration_s=30.0, seed=7)
WORN = acquire.Worn(height_m=1.6)


def recorded(
    path: Path, faults: Faults | None = None, seconds: float | None = None
) -> acquire.RecordingSummary:
    sensor = SimulatedSensor(PERSON.recording, faults=faults, seed=11)
    return asyncio.run(acquire.record(sensor.source, path, seconds, worn=WORN))


def test_an_undisturbed_session_keeps_every_sample(tmp_path: Path) -> None:
    summary = recorded(tmp_path / "a.ogr")
    assert (summary.received, summary.lost, summary.uncounted, summary.duplicate_packets) == (3000, 0, 0, 0)
    assert summary.verdict == "good"
    assert summary.battery_percent == 90
    recording = acquire.to_recording(tmp_path / "a.ogr")
    assert recording.fs_hz == pytest.approx(100.0, rel=1e-9)
    assert recording.measured.all()
    assert recording.acc == pytest.approx(PERSON.recording.acc, abs=0.0013)
    assert recording.gyr == pytest.approx(PERSON.recording.gyr, abs=0.0006)
    assert (recording.height_m, recording.site, recording.heading_known) == (1.6, "lower_back", True)


@pytest.mark.parametrize(
    ("faults", "link", "sensor"),
    [
        (Faults(loss=0.02, duplicates=0.05), True, 0),
        (Faults(missed=(1000, 7)), False, 7),
        (Faults(loss=0.02, missed=(1000, 7), first_tick=2**32 - 3_000_000, drift_ppm=-40), True, None),
    ],
)
def test_every_lost_sample_is_counted_and_left_open(
    tmp_path: Path, faults: Faults, link: bool, sensor: int | None
) -> None:
    summary = recorded(tmp_path / "a.ogr", faults)
    assert summary.uncounted == 0
    assert (summary.lost_link > 0) == link
    assert sensor is None or summary.lost_sensor == sensor
    assert summary.received + summary.lost == 3000 or faults.missed[1]
    recording = acquire.to_recording(tmp_path / "a.ogr")
    seen = np.flatnonzero(recording.measured)
    assert seen.size == summary.received
    assert recording.acc[seen] == pytest.approx(PERSON.recording.acc[seen], abs=0.0013)
    assert np.isnan(recording.acc[~recording.measured]).all()
    assert summary.clock.rate == pytest.approx(1.0 - 1e-6 * faults.drift_ppm, abs=2e-4)


def test_a_given_length_stops_the_sensor(tmp_path: Path) -> None:
    heard: list[int] = []
    sensor = SimulatedSensor(PERSON.recording)
    summary = asyncio.run(acquire.record(sensor.source, tmp_path / "a.ogr", 10.0, on_progress=heard.append))
    assert summary.received == 1000
    assert heard == sorted(heard)
    assert heard[-1] == 1000
    notes = read_recorded(tmp_path / "a.ogr").notifications
    replies = [Reply.from_bytes(n.value) for n in notes if n.characteristic == CONTROL]
    assert [reply.op for reply in replies] == [Op.START, Op.STOP]


def test_sway_survives_the_way_through_the_radio(tmp_path: Path) -> None:
    recorded(tmp_path / "a.ogr", Faults(loss=0.005))
    measures = quiet_stance.run(acquire.to_recording(tmp_path / "a.ogr"))
    assert measures.usable
    assert measures.values["rms"].value == pytest.approx(PERSON.truth["rms"], rel=0.03)


def test_csv_goes_round(tmp_path: Path) -> None:
    recorded(tmp_path / "a.ogr", Faults(loss=0.02))
    recording = acquire.to_recording(tmp_path / "a.ogr")
    acquire.write_csv(recording, tmp_path / "a.csv")
    back = read_recording(tmp_path / "a.csv")
    assert (back.measured == recording.measured).all()
    assert back.fs_hz == pytest.approx(recording.fs_hz, rel=1e-7)
    assert np.nan_to_num(back.acc) == pytest.approx(np.nan_to_num(recording.acc), abs=1e-7)
    assert np.nan_to_num(back.gyr) == pytest.approx(np.nan_to_num(recording.gyr), abs=1e-7)
    assert (back.site, back.sensor, back.height_m) == (recording.site, recording.sensor, recording.height_m)
    assert back.heading_known
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.json", "a.ogr"]


def test_axes_as_worn_turn_into_the_body_frame(tmp_path: Path) -> None:
    turned = replace(
        PERSON.recording, acc=PERSON.recording.acc[:, [2, 0, 1]], gyr=PERSON.recording.gyr[:, [2, 0, 1]]
    )
    worn = acquire.Worn(axes=("forward", "up", "right"))
    asyncio.run(acquire.record(SimulatedSensor(turned).source, tmp_path / "a.ogr", worn=worn))
    assert acquire.to_recording(tmp_path / "a.ogr").acc == pytest.approx(PERSON.recording.acc, abs=0.0013)


class Awkward:
    """A link to a simulated sensor that misbehaves on the host's side; the only one there is."""

    def __init__(self, sensor: SimulatedSensor) -> None:
        self.sensor, self.name, self.closed, self.opened = sensor, sensor.name, 0, 0
        self.inner = SimulatedLink(sensor)

    @property
    def source(self) -> Source:
        return replace(self.sensor.source, open=self.open)

    async def open(self) -> Link:
        self.opened += 1
        if self.opened > 1:
            raise DeviceNotFound("sensor_not_seen", sensor=self.name, seconds=0)
        return self

    async def read(self, characteristic: str) -> bytes:
        return await self.inner.read(characteristic)

    async def subscribe(self, characteristic: str) -> None:
        await self.inner.subscribe(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        await self.inner.write(characteristic, value)

    async def receive(self) -> Notification | None:
        return await self.inner.receive()

    async def close(self) -> None:
        self.closed += 1
        await self.inner.close()


class Garbling(Awkward):
    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if notification and notification.characteristic == DATA and notification.value[4] == 7:
            return replace(notification, value=notification.value[:-3])
        return notification


class Refusing(Awkward):
    async def receive(self) -> Notification | None:
        notification = await super().receive()
        return (
            replace(notification, value=bytes(Reply(Op.START, 1, Status.BATTERY_TOO_LOW)))
            if notification
            else None
        )


class Silent(Awkward):
    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if notification and notification.characteristic == CONTROL:
            return notification
        await asyncio.sleep(60)
        return None


class Vanishing(Awkward):
    """Goes for good after a hundred notifications."""

    heard = 0

    async def receive(self) -> Notification | None:
        self.heard += 1
        return await super().receive() if self.heard <= 100 else None


class Late(Awkward):
    """Its packets reach the host at half the rate that the sensor's own clock tells."""

    async def receive(self) -> Notification | None:
        notification = await super().receive()
        start = 0 if notification is None else notification.monotonic_ns
        self.first = getattr(self, "first", start)
        return replace(notification, monotonic_ns=2 * start - self.first) if notification else None


def test_a_garbled_packet_is_counted_and_its_samples_are_lost(tmp_path: Path) -> None:
    link = Garbling(SimulatedSensor(PERSON.recording))
    summary = asyncio.run(acquire.record(link.source, tmp_path / "a.ogr"))
    assert summary.undecodable == 3
    assert (summary.lost_link, summary.uncounted) == (15, 0)
    assert link.closed


def test_a_link_that_goes_leaves_the_last_count_unknown(tmp_path: Path, virtual: Run) -> None:
    link = Vanishing(SimulatedSensor(PERSON.recording))
    summary = virtual(acquire.record(link.source, tmp_path / "a.ogr"))
    assert summary.received == 495  # the first notification answers START
    assert summary.uncounted is None
    assert (summary.ended, summary.verdict) == ("lost", "repeat")
    assert link.closed


def test_a_sensor_that_refuses_says_why(tmp_path: Path) -> None:
    link = Refusing(SimulatedSensor(PERSON.recording))
    with pytest.raises(DeviceNotFound, match="battery_too_low") as refused:
        asyncio.run(acquire.record(link.source, tmp_path / "a.ogr"))
    assert refused.value.message("en").startswith("The sensor OG-0000 (Open gait-IMU profile) did not start")
    assert "电量过低" in refused.value.message("zh")
    assert link.closed


def test_a_silent_sensor_is_given_up(tmp_path: Path, virtual: Run) -> None:
    link = Silent(SimulatedSensor(PERSON.recording))
    with pytest.raises(DeviceNotFound, match="sent nothing"):
        virtual(acquire.record(link.source, tmp_path / "a.ogr"))
    assert link.closed
    assert not read_recorded(tmp_path / "a.ogr").interrupted


class Slow(Late):
    """Measures at half the promised rate, as its own clock tells as well."""

    async def receive(self) -> Notification | None:
        notification = await super().receive()
        if notification is None or notification.characteristic != DATA:
            return notification
        packet = DataPacket.from_bytes(notification.value)
        return replace(notification, value=bytes(replace(packet, ticks=2 * packet.ticks)))


def test_another_rate_than_promised_is_an_error_that_names_the_sensor_and_both_numbers(
    tmp_path: Path,
) -> None:
    link = Slow(SimulatedSensor(PERSON.recording))
    with pytest.raises(QualityGateFailed, match=r"OG-0000 promised 100 .* 50\b.* off and on") as refused:
        asyncio.run(acquire.record(link.source, tmp_path / "a.ogr"))
    assert refused.value.code == "sensor_rate"
    assert link.closed


def test_a_computer_that_lags_is_not_the_sensors_fault(tmp_path: Path) -> None:
    link, told = Late(SimulatedSensor(PERSON.recording)), list[Event]()
    summary = asyncio.run(acquire.record(link.source, tmp_path / "a.ogr", on_event=told.append))
    assert (summary.lost, summary.ended) == (0, "finished")
    (late,) = [event for event in told if event.code == "session_computer_late"]
    assert "100 samples a second by its own clock, but only 50" in late.message("en")
    assert "OG-0000" in late.message("zh")


def test_cancelling_leaves_the_sensor_stopped_and_the_file_complete(tmp_path: Path) -> None:
    link = Awkward(SimulatedSensor(PERSON.recording, real_time=True))

    async def cancelled() -> None:
        heard, enough = list[int](), asyncio.Event()

        def progress(samples: int) -> None:
            heard.append(samples)
            if samples >= 50:
                enough.set()

        task = asyncio.create_task(acquire.record(link.source, tmp_path / "a.ogr", on_progress=progress))
        async with asyncio.timeout(60.0):
            await enough.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert link.closed
    content = read_recorded(tmp_path / "a.ogr")
    assert not content.interrupted
    assert Reply.from_bytes(content.notifications[-1].value).op is Op.STOP
    assert 50 <= acquire.to_recording(tmp_path / "a.ogr").n < 3000


def test_a_taken_name_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.ogr").write_bytes(b"x")
    sensor = SimulatedSensor(PERSON.recording)
    with pytest.raises(StoreError):
        asyncio.run(acquire.record(sensor.source, tmp_path / "a.ogr"))


def test_a_file_with_too_little_in_it_is_no_recording(tmp_path: Path) -> None:
    sensor = SimulatedSensor(PERSON.recording)
    with pytest.raises(DeviceNotFound):
        asyncio.run(acquire.record(sensor.source, tmp_path / "a.ogr", 0.05))
    with pytest.raises(StoreError, match="too few samples"):
        acquire.to_recording(tmp_path / "a.ogr")


def test_the_link_interface_is_what_the_simulated_sensor_offers() -> None:
    link: Link = SimulatedSensor(PERSON.recording)
    assert link.name == "OG-0000"


def test_importing_the_sensor_path_is_light() -> None:
    heavy = "{'scipy', 'bleak', 'sqlalchemy', 'onnxruntime'} & set(sys.modules)"
    code = f"import sys, osteogait.acquire, osteogait.radio.simulated; print({heavy})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
