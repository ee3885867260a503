"""The driver of the open gait-IMU profile: INFO, battery, START or resume, STOP with the device's own books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from osteogait.devices.driver import (
    BATTERY_LEVEL,
    DeviceCounts,
    Expect,
    LossClass,
    Model,
    Read,
    Samples,
    Settings,
    Steps,
    Stream,
    Subscribe,
    Write,
    battery_level,
)
from osteogait.devices.open_control import REPLY_BIT, Op, Reply, Request, Status
from osteogait.devices.open_profile import (
    CONTROL,
    DATA,
    INFO,
    MODEL,
    SERVICE,
    DataHead,
    Flags,
    Info,
)
from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0
from osteogait.errors import DecodeError

PACKET_FRAMES = 5
"""20 packets a second at 100 Hz: one a connection event at 50 ms, the slowest default of a Pi."""
PACKETS_A_SECOND = 20
RATE_HZ, ACC_RANGE_G, GYR_RANGE_DPS = 100.0, 8, 2000
"""What is set unless something else is asked for: a sensor keeps what another program left in it."""
ALIKE = 0.01
"""Of a range or rate: scales are float32 and some makers count with 9.81 m/s2."""
GYROSCOPE, SATURATED = int(Flags.GYROSCOPE), int(Flags.SATURATED)
RATE_SETTABLE, RANGE_SETTABLE = 0x01, 0x02
TOKENS = 256


class OpenDriver:
    """Speaks the open profile; every lost sample can be counted (class A)."""

    def __init__(self) -> None:
        self.model = OPEN_PROFILE
        self.battery_percent: int | None = None
        self._info: Info | None = None
        self._frames = PACKET_FRAMES
        self._tokens: Iterator[int] = count(1)

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`; a sensor that runs on from the same boot is not started again."""
        before, info = self._info, Info.from_bytes((yield Read(INFO)))
        self.battery_percent = battery_level((yield Read(BATTERY_LEVEL, optional=True)))
        self._info = info
        yield Subscribe(CONTROL)
        yield Subscribe(DATA)
        if resuming and before is not None and info.running and info.boot_id == before.boot_id:
            return self._stream(info, resumed=True)
        if info.running:  # left by a run that broke off: its counters are not ours
            yield from self._ask(Op.STOP)
        info = yield from self._set_range(settings, info)
        self._info = info = yield from self._start(settings, info)
        return self._stream(info, resumed=False)

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic != DATA:
            return None
        head = DataHead.from_bytes(value)
        if self._info is None:
            raise DecodeError(MODEL, value, reason("no_info"))
        if head.battery_percent is not None:
            self.battery_percent = head.battery_percent
        counts = head.counts(value)
        acc = counts[:, :3] * self._info.acc_lsb
        gyr = counts[:, 3:6] * self._info.gyr_lsb if head.flags & GYROSCOPE else None
        return Samples(acc, gyr, head.ticks, head.first, head.seq, bool(head.flags & SATURATED))

    def stop(self) -> Steps[DeviceCounts | None]:
        """See `Driver.stop`; the counts also come from a sensor that does not run any more."""
        reply = yield from self._ask(Op.STOP)
        return DeviceCounts(*reply.values) if reply.values else None

    def _start(self, settings: Settings, info: Info) -> Steps[Info]:
        """At the rate asked for; else at the usual one, or at its own where it has no other."""
        usual_hz = RATE_HZ if info.features & RATE_SETTABLE else info.rate_hz
        wanted_hz = settings.rate_hz or usual_hz
        kept = settings.rate_hz is None and _alike(info.rate_hz, wanted_hz)
        reply = yield from self._ask_start(0.0 if kept else wanted_hz, wanted_hz, info)
        if reply.status is Status.BAD_VALUE and settings.rate_hz is None and not kept:
            reply = yield from self._ask_start(0.0, info.rate_hz, info)
        self._demand(reply)
        agreed = reply.payload
        agreed_hz = agreed["rate_mhz"] / 1000.0
        if settings.rate_hz is not None and not _alike(agreed_hz, settings.rate_hz):
            raise self.model.refused(reason("rate_stays", kept=f"{agreed_hz:g} Hz"))
        self._frames = agreed["n"]
        return replace(info, rate_mhz=agreed["rate_mhz"], boot_id=agreed["boot_id"], running=True)

    def _ask_start(self, rate_hz: float, expected_hz: float, info: Info) -> Steps[Reply]:
        """With fewer samples a packet where the link carries no more."""
        frames = min(max(PACKET_FRAMES, round(expected_hz / PACKETS_A_SECOND)), info.n_max)
        reply = yield from self._ask(Op.START, round(1000 * rate_hz), frames)
        while reply.status is Status.MTU_TOO_SMALL and frames > 1:
            frames //= 2
            reply = yield from self._ask(Op.START, round(1000 * rate_hz), frames)
        return reply

    def _set_range(self, settings: Settings, info: Info) -> Steps[Info]:
        """The range asked for, read back; unasked the usual one, where the sensor has it."""
        asked = settings.acc_range_g is not None or settings.gyr_range_dps is not None
        acc_g, gyr_dps = settings.acc_range_g or ACC_RANGE_G, settings.gyr_range_dps or GYR_RANGE_DPS
        if not info.features & RANGE_SETTABLE:
            if asked:
                raise self.model.refused(reason("range_fixed"))
            return info
        if not asked and _has_range(info, acc_g, gyr_dps):
            return info
        reply = yield from self._ask(Op.SET_RANGE, acc_g, gyr_dps)
        if asked:
            self._demand(reply)
        after = Info.from_bytes((yield Read(INFO)))
        if asked and not _has_range(after, acc_g, gyr_dps):
            kept = f"{after.acc_range / G0:.3g} g, {after.gyr_range / DEG:.4g} deg/s"
            raise self.model.refused(reason("range_stays", kept=kept))
        return after

    def _ask(self, op: Op, *values: int) -> Steps[Reply]:
        token = next(self._tokens) % TOKENS
        yield Write(CONTROL, bytes(Request(op, token, values)))
        return Reply.from_bytes((yield Expect(CONTROL, _answers(op, token))))

    def _demand(self, reply: Reply) -> None:
        if reply.status is not Status.OK:
            name = reply.status.name.lower()
            raise self.model.refused(reason(f"open_{name}", op=reply.op.name.lower()))

    def _stream(self, info: Info, *, resumed: bool) -> Stream:
        return Stream(
            rate_hz=info.rate_hz,
            tick_hz=info.tick_hz,
            packet_samples=self._frames,
            has_gyroscope=bool(info.sensors & Flags.GYROSCOPE),
            boot_id=info.boot_id,
            resumed=resumed,
            serial=f"{info.serial:016x}",
            acc_range=info.acc_range,
            gyr_range=info.gyr_range,
            placement=None if info.placement == 0 else info.placement_name,
        )


def _has_range(info: Info, acc_g: int, gyr_dps: int) -> bool:
    """True when INFO tells these ranges; of a gyroscope only where there is one."""
    turns = bool(info.sensors & Flags.GYROSCOPE)
    return _alike(info.acc_range, acc_g * G0) and (not turns or _alike(info.gyr_range, gyr_dps * DEG))


def _alike(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= ALIKE * wanted


def _answers(op: Op, token: int) -> Callable[[bytes], bool]:
    head = bytes([op | REPLY_BIT, token])
    return lambda value: value[:2] == head


OPEN_PROFILE = Model(
    key="open_profile",
    name="Open gait-IMU profile",
    loss=LossClass.COUNTED,
    make=OpenDriver,
    rate_hz=RATE_HZ,
    services=(SERVICE,),
    name_pattern=r"^OG-[0-9a-f]{4}$",
)
