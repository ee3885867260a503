"""A simulated sensor: it speaks the open profile and plays a given recording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_driver import OPEN_PROFILE
from osteogait.devices.open_profile import DataPacket, Flags, Info
from osteogait.errors import DeviceNotFound
from osteogait.radio.faults import Drop, Faults
from osteogait.radio.simulated_link import SimulatedLink, now_ns
from osteogait.radio.source import Source

__all__ = ["Drop", "Faults", "SimulatedLink", "SimulatedSensor"]

G0 = 9.80665
FULL_SCALE = 32768
COUNT_LOW, COUNT_HIGH = -32768, 32767
TICK_HZ = 1_000_000
WRAP = 2**32
HASH = 2654435761
HELD_S = 30.0
"""How long the sensor counts on without a link, as the profile says."""
SET_UP = Flags.ACCELEROMETER | Flags.GYROSCOPE
UPSIDE_DOWN = np.array([-1.0, -1.0, 1.0])


class SimulatedSensor:
    """A simulated lower-back sensor of 8 g and 2000 deg/s; `source` gives it to a session.

    The columns of the recording become its x, y, z axes. With `real_time` packets come as their last sample
    exists; otherwise at once, with the arrival times that real time would have given.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        real_time: bool = False,
        faults: Faults | None = None,
        battery_percent: int | None = 90,
        seed: int = 0,
        name: str = "OG-0000",
    ) -> None:
        """Take the samples of `recording`, which must be whole."""
        if not recording.measured.all():
            raise ValueError("a simulated sensor needs a recording without gaps")
        self.name, self.real_time, self.faults = name, real_time, faults or Faults()
        self.info = _info(recording.fs_hz, seed)
        self.battery_percent = battery_percent
        self.running = False
        self._counts, self._saturated = _counts(recording, self.info, upside_down=self.faults.upside_down)
        self.rng = np.random.default_rng((seed, 17))
        self.born_ns: int | None = None
        self._drops: Iterator[Drop] = iter(self.faults.drops)
        self.drop = next(self._drops, None)
        self.away_until_ns = self.arrived_ns = 0
        self.row = self._row0 = self._seq = self.discarded = self._missed = 0
        self.n = 5

    @property
    def source(self) -> Source:
        """The sensor as a session takes it."""
        return Source(self.name, OPEN_PROFILE, self.open, ended=self.ended, rssi_dbm=-50)

    @property
    def duration_s(self) -> float:
        """How long the recording plays."""
        return len(self._counts) / self.info.rate_hz

    def ended(self) -> bool:
        """True when the recording has been played."""
        return self.row + self.n > len(self._counts)

    async def open(self) -> SimulatedLink:
        """A new link; DeviceNotFound while the sensor is away."""
        if self.real_time and now_ns() < self.away_until_ns:
            raise DeviceNotFound("sensor_not_seen", sensor=self.name, seconds=0)
        return SimulatedLink(self)

    def leave(self, drop: Drop) -> None:
        """The link has gone: count on, stop or reboot, until the sensor advertises again."""
        self.drop = next(self._drops, None)
        back_ns = self.due_ns(self.row) + round(1e9 * drop.seconds)
        self.away_until_ns = max(back_ns, now_ns() if self.real_time else 0)
        self.arrived_ns = max(self.arrived_ns, back_ns)
        rows = round(drop.seconds * self.info.rate_hz)
        if drop.reboot:
            self.info = replace(self.info, boot_id=(self.info.boot_id + HASH) % WRAP)
            self.faults = replace(self.faults, first_tick=-self._tick_of(self.row + rows))
        if drop.reboot or not self.faults.resumes or drop.seconds > HELD_S:
            self.running = False
            self.row += rows
            return
        thrown = -(-rows // self.n)
        self.row, self._seq, self.discarded = (
            self.row + thrown * self.n,
            self._seq + thrown,
            self.discarded + thrown,
        )

    def answer(self, request: Request) -> Reply:
        """Carry out a CONTROL request."""
        if request.op is Op.START:
            return self._start(request)
        if request.op in (Op.STOP, Op.STATS):
            status = Status.OK if self.running else Status.NOT_RUNNING
            self.running = self.running and request.op is Op.STATS
            counts = (self.row - self._row0, self._seq, self.discarded, self._missed)
            return Reply(request.op, request.token, status, counts)
        if request.op is Op.TIME:
            return Reply(request.op, request.token, Status.OK, (self._tick_of(self.row) % WRAP,))
        if request.op is Op.IDENTIFY:
            return Reply(request.op, request.token, Status.OK)
        return Reply(request.op, request.token, Status.RUNNING if self.running else Status.BAD_VALUE)

    def build(self) -> DataPacket | None:
        """The next packet; None where the sensor misses its samples."""
        missed_at, missed = self.faults.missed
        if missed and not self._missed and self.row + self.n > missed_at:
            self.row, self._missed = missed_at + missed, missed
            return None
        rows = slice(self.row, self.row + self.n)
        after_miss = self._missed > 0 and self.row == sum(self.faults.missed)
        flags = SET_UP | (Flags.DISCONTINUITY if self.row == self._row0 or after_miss else Flags(0))
        flags |= Flags.SATURATED if self._saturated[rows].any() else Flags(0)
        frames = tuple(tuple(frame) for frame in self._counts[rows].tolist())
        ticks, index = self._tick_of(self.row) % WRAP, (self.row - self._row0) % WRAP
        packet = DataPacket(flags, self.battery_percent, self._seq % 2**16, 31.0, index, ticks, frames)
        self.row, self._seq = self.row + self.n, self._seq + 1
        return packet

    def due_ns(self, row: int) -> int:
        """Host time when `row` rows exist."""
        period_ns = 1e12 / self.info.rate_mhz / (1.0 + 1e-6 * self.faults.drift_ppm)
        return (self.born_ns or 0) + round(row * period_ns)

    def now_ns(self) -> int:
        """The host's clock, or where it would stand by now."""
        return now_ns() if self.real_time else max(self.arrived_ns, self.due_ns(self.row))

    def _start(self, request: Request) -> Reply:
        rate, n = request.values
        if self.running:
            return Reply(request.op, request.token, Status.RUNNING)
        if rate not in (0, self.info.rate_mhz) or n > self.info.n_max:
            return Reply(request.op, request.token, Status.BAD_VALUE)
        if self.born_ns is None:
            self.born_ns = now_ns()
        elif self.real_time:
            self.row = max(self.row, round((now_ns() - self.born_ns) * self.info.rate_hz / 1e9))
        self.n, self._row0, self._seq, self.discarded, self.running = n or 5, self.row, 0, 0, True
        payload = (self.info.rate_mhz, self.n, self.info.boot_id)
        return Reply(request.op, request.token, Status.OK, payload)

    def _tick_of(self, row: int) -> int:
        return self.faults.first_tick + round(row * TICK_HZ * 1000 / self.info.rate_mhz)


def _info(fs_hz: float, seed: int) -> Info:
    acc_range, gyr_range = 8 * G0, float(np.radians(2000.0))
    return Info(
        sensors=3, features=0b011100, n_max=19, tick_hz=TICK_HZ, rate_mhz=round(1000 * fs_hz),
        acc_lsb=float(np.float32(acc_range / FULL_SCALE)), gyr_lsb=float(np.float32(gyr_range / FULL_SCALE)),
        mag_lsb=0.0, acc_range=acc_range, gyr_range=gyr_range, serial=seed, boot_id=(seed * HASH) % WRAP,
        placement=1, running=False,
    )  # fmt: skip


def _counts(
    recording: Recording, info: Info, *, upside_down: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """(n, 6) counts as the converter gives them, and the rows where it hit the end of its range."""
    turn = UPSIDE_DOWN if upside_down else 1.0
    exact = np.column_stack([recording.acc * turn / info.acc_lsb, recording.gyr * turn / info.gyr_lsb])
    counts = np.clip(np.rint(exact), COUNT_LOW, COUNT_HIGH).astype(np.int64)
    saturated = ((counts == COUNT_LOW) | (counts == COUNT_HIGH)).any(axis=1)
    return counts, saturated
