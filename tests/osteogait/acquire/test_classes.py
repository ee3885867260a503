"""Sensors of every kind through the same session: stamped first or last, parts apart, no stamp at all."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.recording import Recording
from gaitsignal.synthetic import walker
from osteogait import acquire
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.replaying import replay
from osteogait.devices.driver import (
    DeviceCounts,
    Expect,
    LossClass,
    Model,
    Pause,
    Samples,
    Settings,
    Steps,
    Stream,
    Subscribe,
    Write,
)
from osteogait.errors import DecodeError, DeviceNotFound, QualityGateFailed
from osteogait.radio.link import Link, Notification
from osteogait.radio.source import Source

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PERSON = walker(1.0, 100.0, 1.65, steps=40, seed=3).recording
COMMAND, STREAM = "command", "stream"
N = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """How a made-up sensor stamps: tick rate, width, last sample, acc and gyr apart, whole packets."""

    loss: LossClass
    tick_hz: int | None = None
    tick_bits: int = 32
    stamps_last: bool = False
    apart: bool = False
    whole_packets: bool = False


STAMPED = Kind(LossClass.TIMED, 1000, whole_packets=True)
LAST = Kind(LossClass.TIMED, 1_000_000_000, 64, stamps_last=True)
APART = Kind(LossClass.TIMED, 1_000_000_000, 64, stamps_last=True, apart=True)
SILENT = Kind(LossClass.UNKNOWN)
KINDS = {"stamped": STAMPED, "last": LAST, "apart": APART, "silent": SILENT}


class PlainDriver:
    """Part u8 (0 both, 1 acc, 2 gyr) | stamp u64 | n x f32 triples; starts by b"start", answered by b"ok"."""

    def __init__(self, kind: Kind, model: Model) -> None:
        self.model, self.battery_percent, self._kind = model, None, kind

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        yield Subscribe(STREAM)
        yield Pause(0.1)
        yield Write(COMMAND, b"start")
        yield Expect(COMMAND, lambda value: value == b"ok")
        kind = self._kind
        return Stream(
            PERSON.fs_hz, kind.tick_hz, kind.tick_bits, kind.stamps_last, packet_samples=N,
            whole_packets=kind.whole_packets,
        )  # fmt: skip

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        if characteristic != STREAM:
            return None
        if len(value) < 9 + 12:
            raise DecodeError("plain", value, "too short")
        part, stamp = struct.unpack_from("<BQ", value)
        rows = np.frombuffer(value, "<f4", offset=9).astype(np.float64).reshape(-1, 3)
        ticks = None if self._kind.tick_hz is None else stamp
        if part == 0:
            half = len(rows) // 2
            return Samples(rows[:half], rows[half:], ticks)
        return Samples(rows, None, ticks) if part == 1 else Samples(None, rows, ticks)

    def stop(self) -> Steps[DeviceCounts | None]:
        yield Write(COMMAND, b"stop")
        return None


@dataclass(slots=True)
class Plain:
    """A made-up sensor and its link: sends `person` in real time, loses some packets, stalls, drops the link."""

    kind: Kind
    person: Recording = field(default_factory=lambda: PERSON)
    lost: range = range(0)
    stall: tuple[float, float] = (0.0, 0.0)
    drop: tuple[float, float] = (0.0, 0.0)
    slow: float = 1.0
    name: str = "plain"
    stopped: int = 0
    first_tick: int = 0
    born_s: float = -1.0
    row: int = 0
    _ready: deque[tuple[str, bytes]] = field(default_factory=deque)
    _random: Any = field(default_factory=lambda: np.random.default_rng(5))

    @property
    def source(self) -> Source:
        model = Model("plain", "Plain", self.kind.loss, lambda: PlainDriver(self.kind, model), PERSON.fs_hz)
        return Source(self.name, model, self.open)

    async def open(self) -> Link:
        if self.drop[0] and self.elapsed_s() < sum(self.drop) and self.row:
            raise DeviceNotFound("sensor_not_seen", sensor=self.name, seconds=0)
        self.row = max(self.row, int(self.elapsed_s() * PERSON.fs_hz) // N * N)
        return self

    def elapsed_s(self) -> float:
        now_s = asyncio.get_running_loop().time()
        return (now_s - self.born_s) / self.slow if self.born_s >= 0 else 0.0

    async def read(self, characteristic: str) -> bytes:
        raise DeviceNotFound("characteristic_missing", sensor=self.name, characteristic=characteristic)

    async def subscribe(self, characteristic: str) -> None:
        return

    async def write(self, characteristic: str, value: bytes) -> None:
        if value == b"start":
            self.born_s = asyncio.get_running_loop().time() if self.born_s < 0 else self.born_s
            self._ready.append((COMMAND, b"ok"))
        else:
            self.stopped += 1

    async def receive(self) -> Notification | None:
        while not self._ready:
            due_s = (self.row + N) / PERSON.fs_hz
            if self.drop[0] and self.drop[0] <= due_s < sum(self.drop):
                self.row = int(self.drop[0] * PERSON.fs_hz) // N * N + N
                return None
            if self.stall[0] <= due_s < sum(self.stall):
                due_s = sum(self.stall)
            wait_s = self._random.uniform(0.0, 0.02)
            await asyncio.sleep(max(0.0, due_s + wait_s - self.elapsed_s()) * self.slow)
            rows = slice(self.row, self.row + N)
            self.row += N
            if rows.start // N not in self.lost:
                self._ready.extend((STREAM, value) for value in self._packets(rows))
        characteristic, value = self._ready.popleft()
        return Notification(round(asyncio.get_running_loop().time() * 1e9), characteristic, value)

    async def close(self) -> None:
        return

    def _packets(self, rows: slice) -> list[bytes]:
        sample = rows.start + (N - 1 if self.kind.stamps_last else 0)
        tick_hz = self.kind.tick_hz or 1
        stamp = (self.first_tick + round(sample / PERSON.fs_hz * tick_hz)) % 2**self.kind.tick_bits
        acc, gyr = (part[rows].astype("<f4").tobytes() for part in (self.person.acc, self.person.gyr))
        head = [struct.pack("<BQ", part, stamp) for part in range(3)]
        return [head[1] + acc, head[2] + gyr] if self.kind.apart else [head[0] + acc + gyr]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[Plain], None]:
    def know(sensor: Plain) -> None:
        monkeypatch.setattr("osteogait.acquire.recorded.model_named", lambda _: sensor.source.model)

    return know


@pytest.mark.parametrize("kind", KINDS)
def test_an_undisturbed_trial_comes_through(tmp_path: Path, virtual: Run, known: Any, kind: str) -> None:
    sensor = Plain(KINDS[kind])
    known(sensor)
    summary = virtual(acquire.record(sensor.source, tmp_path / "a.ogrec", 10.0))
    unknown = sensor.kind.loss is LossClass.UNKNOWN
    assert summary.received == 1000
    assert summary.lost_link == (None if unknown else 0)
    assert (summary.lost_sensor, summary.uncounted) == (None, None)
    assert summary.duplicate_packets == (None if unknown else 0)
    assert summary.verdict == ("limited" if unknown else "good")
    assert summary.rate_hz == pytest.approx(100.0, rel=2e-3)
    assert sensor.stopped == 1
    recording = acquire.to_recording(tmp_path / "a.ogrec")
    assert recording.fs_hz == pytest.approx(100.0, rel=2e-3)
    measured = recording.measured
    assert measured.mean() > 0.99
    assert recording.acc[measured] == pytest.approx(PERSON.acc[:1000][measured], abs=1e-4)
    assert recording.gyr[measured] == pytest.approx(PERSON.gyr[:1000][measured], abs=1e-4)
    assert ("arrival_timing" in {flag.code for flag in recording.remarks}) == unknown
    assert virtual(replay(tmp_path / "a.ogrec")) == summary


@pytest.mark.parametrize("kind", ["stamped", "last", "apart"])
def test_loss_is_told_from_the_stamps(tmp_path: Path, virtual: Run, known: Any, kind: str) -> None:
    sensor = Plain(KINDS[kind], lost=range(100, 107), first_tick=2 ** KINDS[kind].tick_bits - 2000)
    known(sensor)
    summary = virtual(acquire.record(sensor.source, tmp_path / "a.ogrec", 10.0))
    assert (summary.received, summary.lost_link) == (1000 - 7 * N, 7 * N)
    assert [(gap.first, gap.samples, gap.cause) for gap in summary.gaps] == [(400, 28, "lost")]
    recording = acquire.to_recording(tmp_path / "a.ogrec")
    assert not recording.measured[400:428].any()
    good = recording.measured
    assert recording.acc[good] == pytest.approx(PERSON.acc[: recording.n][good], abs=1e-4)


@pytest.mark.parametrize("kind", ["stamped", "last"])
def test_a_drop_is_bridged_by_the_devices_clock(tmp_path: Path, virtual: Run, known: Any, kind: str) -> None:
    sensor = Plain(KINDS[kind], drop=(5.0, 1.5))
    known(sensor)
    summary = virtual(acquire.record(sensor.source, tmp_path / "a.ogrec", 15.0))
    assert summary.reconnects == 1
    assert summary.received + summary.lost == 1500
    assert [gap.cause for gap in summary.gaps] == ["reconnect"]
    recording = acquire.to_recording(tmp_path / "a.ogrec")
    good = recording.measured
    assert recording.acc[good] == pytest.approx(PERSON.acc[: recording.n][good], abs=1e-4)


def test_a_stall_of_a_sensor_without_clock_is_no_loss_but_a_hole_is(
    tmp_path: Path, virtual: Run, known: Any
) -> None:
    stalled = Plain(SILENT, stall=(5.0, 0.8))
    known(stalled)
    summary = virtual(acquire.record(stalled.source, tmp_path / "a.ogrec", 12.0))
    assert [(gap.samples, gap.cause, gap.exact) for gap in summary.gaps] == [(0, "silence", False)]
    assert acquire.to_recording(tmp_path / "a.ogrec").n == 1200
    holed = Plain(SILENT, lost=range(125, 145))
    summary = virtual(acquire.record(holed.source, tmp_path / "b.ogrec", 12.0))
    assert summary.lost_link is None
    (gap,) = summary.gaps
    assert gap.samples == pytest.approx(80, abs=3)
    assert summary.verdict == "repeat"
    recording = acquire.to_recording(tmp_path / "b.ogrec")
    assert recording.n == pytest.approx(1280, abs=3)
    assert not recording.measured[500:577].any()
    tail = recording.acc[-400:]
    assert tail == pytest.approx(PERSON.acc[recording.n - 400 : recording.n], abs=8.0)


def test_another_rate_than_promised_is_found_in_three_seconds(tmp_path: Path, virtual: Run) -> None:
    sensor = Plain(SILENT, slow=10.0)
    with pytest.raises(QualityGateFailed, match=r"100 .* (9\.\d|10)") as refused:
        virtual(acquire.record(sensor.source, tmp_path / "a.ogrec", 20.0))
    assert sensor.stopped == 1
    assert "100" in refused.value.message("zh")


def test_garbled_notifications_are_counted(tmp_path: Path, virtual: Run, known: Any) -> None:
    sensor = Plain(STAMPED)
    known(sensor)
    sensor_type = type(sensor)
    original = sensor_type._packets
    try:
        sensor_type._packets = lambda self, rows: (  # type: ignore[method-assign]
            [b"short"] if rows.start == 400 else original(self, rows)
        )
        summary = virtual(acquire.record(sensor.source, tmp_path / "a.ogrec", 10.0))
    finally:
        sensor_type._packets = original  # type: ignore[method-assign]
    assert (summary.undecodable, summary.lost_link) == (1, N)
    assert len(read_recorded(tmp_path / "a.ogrec").entries) > 240
