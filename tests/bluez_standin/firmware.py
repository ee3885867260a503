"""What runs on a sensor: its own clock, its samples, its packets. The open profile; no Bluetooth in here."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, DATA, INFO, SERVICE, DataPacket, Flags, Info

NS = 1_000_000_000
WRAP = 2**32
HEADER = 16
ATT_HEADER = 3
RESUME_NS = 30 * NS
BATTERY_SERVICE, BATTERY_LEVEL = (f"0000{part}-0000-1000-8000-00805f9b34fb" for part in ("180f", "2a19"))
INFORMATION_SERVICE = "0000180a-0000-1000-8000-00805f9b34fb"
MAKER, MODEL_NUMBER, SERIAL, FIRMWARE = (
    f"0000{part}-0000-1000-8000-00805f9b34fb" for part in ("2a29", "2a24", "2a25", "2a26")
)
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    SERVICE: {INFO: ("read",), DATA: ("notify",), CONTROL: ("write", "indicate")},
    BATTERY_SERVICE: {BATTERY_LEVEL: ("read", "notify")},
    INFORMATION_SERVICE: {MAKER: ("read",), MODEL_NUMBER: ("read",), SERIAL: ("read",), FIRMWARE: ("read",)},
}
LOW_BATTERY = 3
"""Percent under which the sensor refuses to start."""


def frame(serial: int, index: int) -> tuple[int, int, int, int, int, int]:
    """The six counts of sample `index`: 1 g up and a pattern that tells sensor and sample apart."""
    return (4096, serial % 1000, index % 1024 - 512, index % 256, (index >> 8) % 256, -(serial % 100))


@dataclass
class Trouble:
    """What goes wrong on the link, told by the steering; times are monotonic nanoseconds."""

    loss: float = 0.0
    stalled_until_ns: int = 0
    frozen_until_ns: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - same dice at every run


@dataclass
class Books:
    """The truth about what happened on the sensor since START."""

    built: int = 0
    discarded: int = 0
    missed: int = 0
    sent_packets: int = 0
    sent_samples: int = 0


class OpenSensor:
    """A sensor of the open profile; `now_ns` is given by whoever runs it."""

    table = TABLE
    stream = DATA
    services = (SERVICE,)
    companies: tuple[int, ...] = ()

    def __init__(
        self,
        serial: int,
        now_ns: int,
        *,
        rate_hz: float = 100.0,
        battery: int = 90,
        clock_ppm: float = 0.0,
        first_tick: int = 0,
        resumes: bool = True,
        has_gyroscope: bool = True,
    ) -> None:
        self.serial, self.battery, self.clock_ppm, self.resumes = serial, battery, clock_ppm, resumes
        self.name = self.advertised_name = f"OG-{serial & 0xFFFF:04X}"
        self.trouble, self.books = Trouble(), Books()
        self._boots = itertools.count(1)
        self._has_gyroscope = has_gyroscope
        self._rate_mhz, self._n = round(1000 * rate_hz), 5
        self._link_lost_ns: int | None = None
        self.boot(now_ns, first_tick)

    def boot(self, now_ns: int, first_tick: int = 0) -> None:
        """Start from power-on: another boot_id, ticks from `first_tick`, nothing running."""
        self.boot_id = (self.serial * 2654435761 + next(self._boots)) % WRAP
        self.boot_ns, self.first_tick, self.running = now_ns, first_tick, False
        self.mtu, self._discontinuity, self._miss = 23, True, 0
        self.books, self._next, self._start_us = Books(), 0, 0

    def info(self) -> Info:
        """What INFO says now."""
        gyroscope = self._has_gyroscope
        return Info(
            sensors=3 if gyroscope else 1, features=0b111001 | (4 if self.resumes else 0), n_max=19,
            tick_hz=1_000_000, rate_mhz=self._rate_mhz, acc_lsb=0.0023942, gyr_lsb=0.00106526 * gyroscope,
            mag_lsb=0.0, acc_range=78.4532, gyr_range=34.9066 * gyroscope, serial=self.serial,
            boot_id=self.boot_id, placement=1, running=self.running,
        )  # fmt: skip

    def read(self, characteristic: str) -> bytes:
        """The value of a readable characteristic."""
        values = {
            INFO: bytes(self.info()), BATTERY_LEVEL: bytes([self.battery]), MAKER: b"osteogait tests",
            MODEL_NUMBER: b"stand-in", SERIAL: f"{self.serial:016x}".encode(), FIRMWARE: b"1.0.0",
        }  # fmt: skip
        return values[characteristic]

    def control(self, characteristic: str, packet: bytes, now_ns: int) -> tuple[str, bytes]:
        """Carry out a request; the characteristic and the value of the reply."""
        return characteristic, bytes(self._reply(Request.from_bytes(packet), now_ns))

    def _reply(self, request: Request, now_ns: int) -> Reply:
        reply = Reply(request.op, request.token, Status.OK)
        if request.op is Op.START:
            return self._start(request, now_ns)
        if request.op in (Op.STOP, Op.STATS):
            status = Status.OK if self.running else Status.NOT_RUNNING
            counts = (self.samples(now_ns), self.books.built, self.books.discarded, self.books.missed)
            self.running = self.running and request.op is Op.STATS
            return replace(reply, status=status, values=counts)
        if request.op is Op.TIME:
            return replace(reply, values=(self._tick(self._device_us(now_ns)),))
        if request.op is Op.SET_RANGE and self.running:
            return replace(reply, status=Status.RUNNING)
        return reply

    def packets(self, now_ns: int) -> Iterator[bytes | None]:
        """Packets whose last sample exists by now, in order; None in place of one lost on the link."""
        self._give_up(now_ns)
        while self.running and self._next + self._n <= self.samples(now_ns):
            if self._miss:
                self._next, self._discontinuity = self._next + self._miss, True
                self.books.missed, self._miss = self.books.missed + self._miss, 0
                continue
            packet = bytes(self._packet())
            self.books.built, self._next = self.books.built + 1, self._next + self._n
            yield None if self._lost(now_ns) else packet

    def next_due_ns(self, now_ns: int) -> int:
        """When the next packet will exist."""
        if not self.running:
            return now_ns + NS // 50
        due_us = self._start_us + (self._next + self._miss + self._n) * 1e9 / self._rate_mhz
        return self.boot_ns + round(1000 * due_us / (1 + 1e-6 * self.clock_ppm)) + 1000

    def subscribed(self, characteristic: str) -> None:
        """It starts by command only."""

    def link_up(self) -> None:
        """A central connected; what is sent next does not join what was sent before."""
        self._link_lost_ns, self._discontinuity = None, True

    def link_down(self, now_ns: int) -> None:
        """The link is gone: go on for 30 s, or stop at once when this sensor cannot resume."""
        self._link_lost_ns = now_ns
        self.running = self.running and self.resumes

    def miss(self, samples: int) -> None:
        """Fail to take the next `samples` samples."""
        self._miss += samples

    def _start(self, request: Request, now_ns: int) -> Reply:
        rate, n = request.values
        n = n or 5
        fault = self._refusal(rate, n)
        if fault is not None:
            return Reply(request.op, request.token, fault)
        self._rate_mhz, self._n, self.running = rate or self._rate_mhz, n, True
        self.books, self._next, self._miss, self._discontinuity = Books(), 0, 0, True
        self._start_us = self._device_us(now_ns)
        return Reply(request.op, request.token, Status.OK, (self._rate_mhz, n, self.boot_id))

    def _refusal(self, rate: int, n: int) -> Status | None:
        if self.running:
            return Status.RUNNING
        if self.battery < LOW_BATTERY:
            return Status.BATTERY_TOO_LOW
        if n > 19 or (rate and not 1_000 <= rate <= 400_000):
            return Status.BAD_VALUE
        if HEADER + n * self._frame_bytes > self.mtu - ATT_HEADER:
            return Status.MTU_TOO_SMALL
        return None

    @property
    def _frame_bytes(self) -> int:
        return 12 if self._has_gyroscope else 6

    def _packet(self) -> DataPacket:
        flags = Flags.ACCELEROMETER | (Flags.GYROSCOPE if self._has_gyroscope else Flags(0))
        flags |= Flags.DISCONTINUITY if self._discontinuity else Flags(0)
        self._discontinuity = False
        width = self._frame_bytes // 2
        frames = tuple(frame(self.serial, self._next + k)[:width] for k in range(self._n))
        ticks = self._tick(
            self._start_us + (self._next + 1) * 1e9 / self._rate_mhz
        )  # taken as its period ends
        seq = self.books.built % 2**16
        return DataPacket(flags, self.battery, seq, 31.0, self._next % WRAP, ticks, frames)

    def _lost(self, now_ns: int) -> bool:
        frozen = now_ns < self.trouble.frozen_until_ns
        return frozen or (self.trouble.loss > 0 and self.trouble.dice.random() < self.trouble.loss)

    def _give_up(self, now_ns: int) -> None:
        if self._link_lost_ns is not None and now_ns - self._link_lost_ns > RESUME_NS:
            self.running = False

    def samples(self, now_ns: int) -> int:
        if not self.running:
            return self._next
        return int((self._device_us(now_ns) - self._start_us) * self._rate_mhz / 1e9)

    def _device_us(self, now_ns: int) -> float:
        return (now_ns - self.boot_ns) / 1000 * (1 + 1e-6 * self.clock_ppm)

    def _tick(self, device_us: float) -> int:
        return (self.first_tick + round(device_us)) % WRAP
