"""The driver of Nordic Thingy:52: rate written and read back, raw motion; no time, no counter."""

from __future__ import annotations

from dataclasses import replace

from osteogait.devices.asked import demand_fixed_ranges
from osteogait.devices.driver import (
    BATTERY_LEVEL,
    DeviceCounts,
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
from osteogait.devices.reason import reason
from osteogait.devices.thingy52 import (
    ACC_LIMIT_G,
    ADVERTISED,
    CONFIG,
    GYR_LIMIT_DPS,
    HIGHEST_HZ,
    LOWEST_HZ,
    RAW,
    SERVICE,
    Config,
    Raw,
)
from osteogait.devices.wire import DEG, G0
from osteogait.errors import UsageError


class ThingyDriver:
    """Speaks the motion service; loss cannot be counted (class C)."""

    def __init__(self) -> None:
        """A driver for one session."""
        self.model = THINGY52
        self.battery_percent: int | None = None

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`."""
        rate_hz = self._rate_hz(settings)
        demand_fixed_ranges(self.model, settings, ACC_LIMIT_G, GYR_LIMIT_DPS)
        self.battery_percent = battery_level((yield Read(BATTERY_LEVEL, optional=True)))
        before = Config.from_bytes((yield Read(CONFIG)))
        if before.motion_hz != rate_hz:
            yield Write(CONFIG, bytes(replace(before, motion_hz=rate_hz)))
            kept = Config.from_bytes((yield Read(CONFIG))).motion_hz
            if kept != rate_hz:
                raise self.model.refused(reason("rate_stays", kept=f"{kept} Hz"))
        yield Subscribe(BATTERY_LEVEL, optional=True)
        yield Subscribe(RAW)
        return Stream(rate_hz=float(rate_hz), acc_range=ACC_LIMIT_G * G0, gyr_range=GYR_LIMIT_DPS * DEG)

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic == BATTERY_LEVEL:
            self.battery_percent = battery_level(value)
        if characteristic != RAW:
            return None
        raw = Raw.from_bytes(value)
        values = raw.values
        return Samples(values[0:1], values[1:2], saturated=raw.saturated)

    def stop(self) -> Steps[DeviceCounts | None]:
        """The stream ends with the subscription: there is nothing to be written."""
        yield from ()
        return None

    def _rate_hz(self, settings: Settings) -> int:
        asked = settings.rate_hz or self.model.rate_hz
        if not LOWEST_HZ <= asked <= HIGHEST_HZ or asked != round(asked):
            offered = f"{LOWEST_HZ}-{HIGHEST_HZ} Hz"
            raise UsageError(
                "sensor_rate_offered", sensor=self.model.name, asked=f"{asked:g}", offered=offered
            )
        return round(asked)


THINGY52 = Model(
    key="thingy52",
    name="Nordic Thingy:52",
    loss=LossClass.UNKNOWN,
    make=ThingyDriver,
    rate_hz=100.0,
    services=(ADVERTISED, SERVICE),
    name_pattern=r"^Thingy",
)
