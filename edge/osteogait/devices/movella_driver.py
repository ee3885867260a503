"""The driver of Movella DOT: rate set and read back, battery, rate quantities with the sensor's own time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteogait.devices.about_itself import if_understood
from osteogait.devices.asked import asked_rate_hz, demand_fixed_ranges
from osteogait.devices.driver import (
    DeviceCounts,
    LossClass,
    Model,
    Pause,
    Read,
    Samples,
    Settings,
    Steps,
    Stream,
    Subscribe,
    Write,
)
from osteogait.devices.movella_dot import (
    BATTERY,
    CONTROL,
    DEVICE_CONTROL,
    DEVICE_INFO,
    MEDIUM,
    RATE_QUANTITIES,
    RATES_HZ,
    SERVICES,
    VISIT_RATE,
    Battery,
    Control,
    DeviceControl,
    DeviceInfo,
    Measurement,
)
from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0

COMPANY = 0x0886
TICK_HZ = 1_000_000
ACC_RANGE_G, GYR_RANGE_DPS = 16, 2000
"""Movella DOT user manual XD0502P: +-16 g and +-2000 deg/s, not settable."""
END_OF_RANGE = 0.999
STOP_PAUSE_S = 0.1
_UNITS = np.array([1.0, 1.0, 1.0, DEG, DEG, DEG])


class MovellaDriver:
    """Speaks Movella DOT; loss is known from the sensor's time (class B)."""

    def __init__(self) -> None:
        """A driver for one session."""
        self.model = MOVELLA_DOT
        self.battery_percent: int | None = None

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`."""
        rate_hz = asked_rate_hz(self.model, settings)
        demand_fixed_ranges(self.model, settings, ACC_RANGE_G, GYR_RANGE_DPS)
        info = if_understood(DeviceInfo.from_bytes, (yield Read(DEVICE_INFO)))
        battery = if_understood(Battery.from_bytes, (yield Read(BATTERY)))
        self.battery_percent = None if battery is None else battery.percent
        yield Subscribe(BATTERY)
        yield Subscribe(MEDIUM)
        if Control.from_bytes(
            (yield Read(CONTROL))
        ).running:  # its settings cannot be changed while it measures
            yield from self._write_stop()
        yield from self._set_rate(round(rate_hz))
        yield Write(CONTROL, bytes(Control(True, RATE_QUANTITIES)))
        if Control.from_bytes((yield Read(CONTROL))) != Control(True, RATE_QUANTITIES):
            raise self.model.refused(reason("does_not_measure"))
        return Stream(
            rate_hz=rate_hz,
            tick_hz=TICK_HZ,
            serial=f"{info.serial:016x}" if info else None,
            firmware=".".join(str(part) for part in info.firmware) if info else None,
            acc_range=ACC_RANGE_G * G0,
            gyr_range=GYR_RANGE_DPS * DEG,
        )

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic == BATTERY:
            self.battery_percent = Battery.from_bytes(value).percent
            return None
        if characteristic != MEDIUM:
            return None
        sample = Measurement.from_bytes(value, RATE_QUANTITIES)
        values = np.array((sample.values,)) * _UNITS
        top_acc, top_gyr = max(map(abs, sample.values[:3])), max(map(abs, sample.values[3:]))
        saturated = top_acc >= END_OF_RANGE * ACC_RANGE_G * G0 or top_gyr >= END_OF_RANGE * GYR_RANGE_DPS
        return Samples(values[:, :3], values[:, 3:], sample.ts_us, saturated=saturated)

    def stop(self) -> Steps[DeviceCounts | None]:
        """See `Driver.stop`."""
        yield from self._write_stop()
        return None

    def _write_stop(self) -> Steps[None]:
        yield Write(CONTROL, bytes(Control(False, RATE_QUANTITIES)))
        yield Pause(STOP_PAUSE_S)

    def _set_rate(self, rate_hz: int) -> Steps[None]:
        """Everything else is written back as it was read."""
        before = DeviceControl.from_bytes((yield Read(DEVICE_CONTROL)))
        if before.rate_hz == rate_hz:
            return
        yield Write(DEVICE_CONTROL, bytes(replace(before, visit=VISIT_RATE, rate_hz=rate_hz)))
        kept = DeviceControl.from_bytes((yield Read(DEVICE_CONTROL))).rate_hz
        if kept != rate_hz:
            raise self.model.refused(reason("rate_stays", kept=f"{kept} Hz"))


MOVELLA_DOT = Model(
    key="movella_dot",
    name="Movella DOT",
    loss=LossClass.TIMED,
    make=MovellaDriver,
    rate_hz=60.0,
    rates_hz=RATES_HZ,
    services=SERVICES,
    name_pattern=r"^(?:Xsens|Movella) DOT",
    companies=(COMPANY,),
)
