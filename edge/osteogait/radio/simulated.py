"""A sensor that is not there: it speaks the open profile and feels a given recording."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, DATA, INFO, DataPacket, Flags, Info
from osteogait.radio.link import Notification

G0 = 9.80665
FULL_SCALE = 32768
COUNT_LOW, COUNT_HIGH = -32768, 32767
TICK_HZ = 1_000_000
WRAP = 2**32
HASH = 2654435761
LATENCY_NS = 15_000_000
"""Mean wait for the next connection event at a 30 ms interval."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose.

    loss          share of packets that the link loses silently
    duplicates    share of packets delivered twice
    missed        (first sample, count) that the sensor itself fails to take
    drift_ppm     by how much the sensor's clock runs fast against the host's
    first_tick    where the free-running tick counter stands, for its wrap
    """

    loss: float = 0.0
    duplicates: float = 0.0
    missed: tuple[int, int] = (0, 0)
    drift_ppm: float = 0.0
    first_tick: int = 0


class SimulatedSensor:
    """A `Link` to a simulated lower-back sensor of 8 g and 2000 deg/s.

    The columns of the recording become its x, y, z axes. With `real_time` packets come as their last sample
    exists; otherwise at once, with the arrival times that real time would have given.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        real_time: bool = False,
        faults: Faults | None = None,
        battery_percent: int = 90,
        seed: int = 0,
        name: str = "OG-0000",
    ) -> None:
        """Take the samples of `recording`, which must be whole."""
        if not recording.measured.all():
            raise ValueError("a simulated sensor needs a recording without gaps")
        self.name = name
        self.info = _info(recording.fs_hz, seed)
        self._counts, self._saturated = _counts(recording, self.info)
        self._real_time, self._faults = real_time, faults or Faults()
        self._battery = battery_percent
        self._rng = np.random.default_rng((seed, 17))
        self._ready: deque[Notification] = deque()
        self._subscribed: set[str] = set()
        self._start_ns = self._arrived_ns = 0
        self._n, self._next, self._seq = 5, 0, 0
        self._running = self._closed = False

    async def read(self, characteristic: str) -> bytes:
        """INFO, the only characteristic that can be read."""
        if characteristic != INFO:
            raise ValueError(f"{characteristic} cannot be read")
        return bytes(replace(self.info, running=self._running))

    async def subscribe(self, characteristic: str) -> None:
        """Deliver what `characteristic` sends from now on."""
        self._subscribed.add(characteristic)

    async def write(self, characteristic: str, value: bytes) -> None:
        """Carry out a CONTROL request; its reply is queued."""
        if characteristic != CONTROL:
            raise ValueError(f"{characteristic} cannot be written")
        reply = self._answer(Request.from_bytes(value))
        self._deliver(self._now_ns(), CONTROL, bytes(reply))

    async def receive(self) -> Notification | None:
        """The next reply or packet; None after `close` or when the recording has been played."""
        while not self._ready:
            if self._closed or not self._running or self._next + self._n > len(self._counts):
                return None
            await self._build()
        return self._ready.popleft()

    async def close(self) -> None:
        """Stop sending."""
        self._closed, self._running = True, False
        self._ready.clear()

    def _answer(self, request: Request) -> Reply:
        if request.op is Op.START:
            return self._start(request)
        if request.op in (Op.STOP, Op.STATS):
            status = Status.OK if self._running else Status.NOT_RUNNING
            self._running = self._running and request.op is Op.STATS
            missed = self._faults.missed[1] if self._next > self._faults.missed[0] else 0
            return Reply(request.op, request.token, status, (self._next, self._seq, 0, missed))
        if request.op is Op.TIME:
            return Reply(request.op, request.token, Status.OK, (self._ticks(self._next),))
        if request.op is Op.IDENTIFY:
            return Reply(request.op, request.token, Status.OK)
        return Reply(request.op, request.token, Status.RUNNING if self._running else Status.BAD_VALUE)

    def _start(self, request: Request) -> Reply:
        rate, n = request.values
        if self._running:
            return Reply(request.op, request.token, Status.RUNNING)
        if rate not in (0, self.info.rate_mhz) or n > self.info.n_max:
            return Reply(request.op, request.token, Status.BAD_VALUE)
        self._n, self._next, self._seq, self._running = n or 5, 0, 0, True
        self._start_ns = time.monotonic_ns()
        payload = (self.info.rate_mhz, self._n, self.info.boot_id)
        return Reply(request.op, request.token, Status.OK, payload)

    async def _build(self) -> None:
        """One packet: built, then lost, delivered or delivered twice."""
        missed_at, missed = self._faults.missed
        if missed and self._next < missed_at + missed and self._next + self._n > missed_at:
            self._next = missed_at + missed
            return
        packet = self._packet()
        self._next, self._seq = self._next + self._n, self._seq + 1
        due_ns = self._start_ns + self._host_ns(self._next)
        if self._real_time:
            await asyncio.sleep(max(0.0, (due_ns - time.monotonic_ns()) / 1e9))
            due_ns = time.monotonic_ns()
        else:
            due_ns = max(self._arrived_ns, due_ns + int(self._rng.exponential(LATENCY_NS)))
            if self._seq % 64 == 0:
                await asyncio.sleep(0)
        self._arrived_ns = due_ns
        if self._rng.random() >= self._faults.loss:
            self._deliver(due_ns, DATA, bytes(packet))
            if self._rng.random() < self._faults.duplicates:
                self._deliver(due_ns, DATA, bytes(packet))

    def _packet(self) -> DataPacket:
        rows = slice(self._next, self._next + self._n)
        after_miss = self._faults.missed[1] > 0 and self._next == sum(self._faults.missed)
        flags = Flags.ACCELEROMETER | Flags.GYROSCOPE
        flags |= Flags.DISCONTINUITY if self._next == 0 or after_miss else Flags(0)
        flags |= Flags.SATURATED if self._saturated[rows].any() else Flags(0)
        frames = tuple(tuple(frame) for frame in self._counts[rows].tolist())
        ticks = self._ticks(self._next)
        return DataPacket(flags, self._battery, self._seq % 2**16, 31.0, self._next % WRAP, ticks, frames)

    def _deliver(self, arrival_ns: int, characteristic: str, value: bytes) -> None:
        if characteristic in self._subscribed:
            self._ready.append(Notification(arrival_ns, characteristic, value))

    def _ticks(self, sample: int) -> int:
        return (self._faults.first_tick + round(sample * TICK_HZ * 1000 / self.info.rate_mhz)) % WRAP

    def _host_ns(self, sample: int) -> int:
        """Host time after START when `sample` samples exist."""
        return round(sample * 1e12 / self.info.rate_mhz / (1.0 + 1e-6 * self._faults.drift_ppm))

    def _now_ns(self) -> int:
        if self._real_time:
            return time.monotonic_ns()
        return max(self._arrived_ns, self._start_ns + self._host_ns(self._next))


def _info(fs_hz: float, seed: int) -> Info:
    acc_range, gyr_range = 8 * G0, float(np.radians(2000.0))
    return Info(
        sensors=3, features=0b011000, n_max=19, tick_hz=TICK_HZ, rate_mhz=round(1000 * fs_hz),
        acc_lsb=float(np.float32(acc_range / FULL_SCALE)), gyr_lsb=float(np.float32(gyr_range / FULL_SCALE)),
        mag_lsb=0.0, acc_range=acc_range, gyr_range=gyr_range, serial=seed, boot_id=(seed * HASH) % WRAP,
        placement=1, running=False,
    )  # fmt: skip


def _counts(recording: Recording, info: Info) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """(n, 6) counts as the converter gives them, and the rows where it hit the end of its range."""
    exact = np.column_stack([recording.acc / info.acc_lsb, recording.gyr / info.gyr_lsb])
    counts = np.clip(np.rint(exact), COUNT_LOW, COUNT_HIGH).astype(np.int64)
    saturated = ((counts == COUNT_LOW) | (counts == COUNT_HIGH)).any(axis=1)
    return counts, saturated
