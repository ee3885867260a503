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
from osteogait.errors import DecodeError

PACKET_FRAMES = 5
"""20 packets a second at 100 Hz: one a connection event at 50 ms, the slowest default of a Pi."""
PACKETS_A_SECOND = 20
ACC_RANGE_G, GYR_RANGE_DPS = 8, 2000
GYROSCOPE, SATURATED = int(Flags.GYROSCOPE), int(Flags.SATURATED)
RANGE_SETTABLE = 0x02
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
        if settings.acc_range_g is not None or settings.gyr_range_dps is not None:
            self._info = info = yield from self._set_range(settings, info)
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
        rate_mhz = 0 if settings.rate_hz is None else round(1000 * settings.rate_hz)
        frames = max(PACKET_FRAMES, round((settings.rate_hz or info.rate_hz) / PACKETS_A_SECOND))
        reply = yield from self._ask(Op.START, rate_mhz, min(frames, info.n_max))
        self._demand(reply)
        agreed = reply.payload
        self._frames = agreed["n"]
        return replace(info, rate_mhz=agreed["rate_mhz"], boot_id=agreed["boot_id"], running=True)

    def _set_range(self, settings: Settings, info: Info) -> Steps[Info]:
        if not info.features & RANGE_SETTABLE:
            raise self.model.refused(reason("range_fixed"))
        acc_g, gyr_dps = settings.acc_range_g or ACC_RANGE_G, settings.gyr_range_dps or GYR_RANGE_DPS
        self._demand((yield from self._ask(Op.SET_RANGE, acc_g, gyr_dps)))
        return Info.from_bytes((yield Read(INFO)))

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


def _answers(op: Op, token: int) -> Callable[[bytes], bool]:
    head = bytes([op | REPLY_BIT, token])
    return lambda value: value[:2] == head


OPEN_PROFILE = Model(
    key="open_profile",
    name="Open gait-IMU profile",
    loss=LossClass.COUNTED,
    make=OpenDriver,
    rate_hz=100.0,
    services=(SERVICE,),
    name_pattern=r"^OG-[0-9a-f]{4}$",
)
