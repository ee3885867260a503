"""The driver of WitMotion BLE 5 sensors: rate set and read back, battery, streaming from the subscription on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from osteogait.devices.asked import asked_rate_hz, demand_fixed_ranges
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
from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0, INT16_HIGH, INT16_LOW
from osteogait.devices.witmotion import (
    ACC_RANGE_G,
    BATTERY,
    COMMAND,
    DUAL_COMMAND,
    DUAL_NOTIFY,
    DUAL_SERVICE,
    GYR_RANGE_DPS,
    MODEL,
    NOTIFY,
    RATE,
    RATES_HZ,
    SCALE,
    SERVICE,
    UNLOCK,
    UNLOCK_VALUE,
    Command,
    Frame,
    Motion,
    Reassembly,
    Registers,
    battery_percent,
    rate_command,
)
from osteogait.errors import DecodeError

WRITE_PAUSE_S = 0.1
"""As the maker's description asks between two writes."""
INERTIAL = 6


class WitMotionDriver:
    """Speaks WitMotion BLE 5; no time and no counter, so loss cannot be counted (class C).

    Nothing is saved to the sensor's flash: switched off and on, it is as its owner left it.
    """

    def __init__(self, *, dual: bool = False) -> None:
        """A driver for one session; `dual` for the older units with Bluetooth classic beside."""
        self.model = WITMOTION_DUAL if dual else WITMOTION
        self.battery_percent: int | None = None
        self._notify, self._command = (DUAL_NOTIFY, DUAL_COMMAND) if dual else (NOTIFY, COMMAND)
        self._frames = Reassembly()
        self._answer: Registers | None = None
        self._ahead = 0

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`."""
        rate_hz = asked_rate_hz(self.model, settings)
        demand_fixed_ranges(self.model, settings, ACC_RANGE_G, GYR_RANGE_DPS)
        self._frames, self._ahead = Reassembly(), 0
        yield Subscribe(self._notify)
        for command in (Command(UNLOCK, UNLOCK_VALUE), rate_command(rate_hz)):
            yield Write(self._command, bytes(command))
            yield Pause(WRITE_PAUSE_S)
        kept = (yield from self._read(RATE)).raw[0]
        if kept != RATES_HZ[rate_hz]:
            raise self.model.refused(reason("rate_stays", kept=f"code {kept}"))
        self._take_battery((yield from self._read(BATTERY)))
        return Stream(rate_hz=rate_hz, acc_range=ACC_RANGE_G * G0, gyr_range=GYR_RANGE_DPS * DEG)

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic != self._notify:
            return None
        if self._ahead:  # its frames were taken while an answer was awaited
            self._ahead -= 1
            return None
        discarded = self._frames.discarded
        frames = self._frames.feed(value)
        for frame in frames:
            if isinstance(frame, Registers) and frame.first == BATTERY:
                self._take_battery(frame)
        samples = _samples(frames)
        if not frames and self._frames.discarded > discarded:
            raise DecodeError(MODEL, value, reason("no_frame"))
        return samples

    def stop(self) -> Steps[DeviceCounts | None]:
        """The stream ends with the subscription: there is nothing to be written."""
        yield from ()
        return None

    def _read(self, register: int) -> Steps[Registers]:
        """The answer may share a notification with motion frames, or be cut: it is awaited frame by frame."""
        yield Write(self._command, bytes(Command.read(register)))
        yield Expect(self._notify, self._answers(register))
        answer, self._answer = self._answer, None
        if answer is None:
            raise self.model.refused(reason("register_silent"))
        return answer

    def _answers(self, register: int) -> Callable[[bytes], bool]:
        def matches(value: bytes) -> bool:
            for frame in self._frames.feed(value):
                if isinstance(frame, Registers) and frame.first == register:
                    self._answer = frame
            self._ahead += self._answer is None
            return self._answer is not None

        return matches

    def _take_battery(self, registers: Registers) -> None:
        volts = registers.raw[0] / 100.0
        self.battery_percent = battery_percent(volts) if volts > 0.0 else None


def _samples(frames: list[Frame]) -> Samples | None:
    """The motion frames of one notification together; None without."""
    rows = [frame.counts[:INERTIAL] for frame in frames if isinstance(frame, Motion)]
    if not rows:
        return None
    values = np.array(rows) * SCALE[:INERTIAL]
    saturated = any(max(row) >= INT16_HIGH or min(row) <= INT16_LOW for row in rows)
    return Samples(values[:, :3], values[:, 3:], saturated=saturated)


_USED_HZ = (10.0, 20.0, 50.0, 100.0, 200.0)

WITMOTION_DUAL = Model(
    key="witmotion_dual",
    name="WitMotion, dual mode",
    loss=LossClass.UNKNOWN,
    make=partial(WitMotionDriver, dual=True),
    rate_hz=100.0,
    rates_hz=_USED_HZ,
    services=(DUAL_SERVICE,),
)
WITMOTION = Model(
    key="witmotion",
    name="WitMotion BLE 5",
    loss=LossClass.UNKNOWN,
    make=WitMotionDriver,
    rate_hz=100.0,
    rates_hz=_USED_HZ,
    services=(SERVICE,),
    name_pattern=r"WT",
)
MODELS = (WITMOTION_DUAL, WITMOTION)
"""The older units are known by their service alone, so they are asked first."""
