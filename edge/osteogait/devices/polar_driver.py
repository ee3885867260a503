"""The driver of Polar Verity Sense and H10: settings asked for and chosen, two streams apart, always stopped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from osteogait.devices.asked import asked_rate_hz, demand_range
from osteogait.devices.driver import (
    BATTERY_LEVEL,
    DeviceCounts,
    Expect,
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
    battery_level,
)
from osteogait.devices.polar import CONTROL, DATA, MODEL, TICK_HZ, Frame, Kind
from osteogait.devices.polar_control import (
    REPLY_HEAD,
    SDK_MODE,
    Features,
    Op,
    Reply,
    Request,
    Setting,
    Status,
)
from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0
from osteogait.errors import DecodeError

FRAME_SAMPLES = 36
"""What an H10 packs (online_measurement.pdf); a compressed frame holds up to about seventy."""
STOP_PAUSE_S = 0.1
END_OF_RANGE = 0.999
USUAL_RANGE = {Kind.ACC: 8, Kind.GYR: 2000}
UNIT = {Kind.ACC: G0, Kind.GYR: DEG}


class PolarDriver:
    """Speaks PMD; loss is known from the sensor's time (class B).

    A Polar sensor goes on measuring until its battery is empty unless it is stopped: `stop` therefore writes every stop
    command before it waits for anything, and `setup` takes over a stream that an earlier run left behind.
    """

    def __init__(self, model: Model) -> None:
        """A driver for one session with a sensor of `model`."""
        self.model = model
        self.battery_percent: int | None = None
        self._factors: dict[Kind, float] = {}
        self._ranges: dict[Kind, float] = {}
        self._sdk_mode = False

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`."""
        rate_hz = round(asked_rate_hz(self.model, settings))
        self._factors, self._ranges = {}, {}
        features = Features.from_bytes((yield Read(CONTROL)))
        self.battery_percent = battery_level((yield Read(BATTERY_LEVEL, optional=True)))
        yield Subscribe(CONTROL)
        yield Subscribe(DATA)
        yield Subscribe(BATTERY_LEVEL, optional=True)
        yield from self._unlock_rate(rate_hz, features)
        yield from self._start(Kind.ACC, rate_hz, settings.acc_range_g)
        if self.model.has_gyroscope:
            yield from self._start(Kind.GYR, rate_hz, settings.gyr_range_dps)
        return Stream(
            rate_hz=float(rate_hz),
            tick_hz=TICK_HZ,
            tick_bits=64,
            stamps_last=True,
            packet_samples=FRAME_SAMPLES,
            has_gyroscope=self.model.has_gyroscope,
            acc_range=self._ranges.get(Kind.ACC),
            gyr_range=self._ranges.get(Kind.GYR),
        )

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic == BATTERY_LEVEL:
            self.battery_percent = battery_level(value)
        if characteristic != DATA:
            return None
        frame = Frame.from_bytes(value)
        if frame.kind not in self._factors:
            raise DecodeError(MODEL, value, reason("no_factor", kind=frame.kind.name))
        values = frame.samples(self._factors[frame.kind])
        top = self._ranges.get(frame.kind)
        saturated = top is not None and bool(np.abs(values).max() >= END_OF_RANGE * top)
        acc, gyr = (values, None) if frame.kind is Kind.ACC else (None, values)
        return Samples(acc, gyr, frame.ts_last_ns, saturated=saturated)

    def stop(self) -> Steps[DeviceCounts | None]:
        """See `Driver.stop`."""
        measured = (Kind.ACC, Kind.GYR) if self.model.has_gyroscope else (Kind.ACC,)
        requests = [Request(Op.STOP, one) for one in ((*measured, SDK_MODE) if self._sdk_mode else measured)]
        for request in requests:
            yield Write(CONTROL, bytes(request))
            yield Pause(STOP_PAUSE_S)
        yield Expect(CONTROL, _answers(requests[-1]))  # what was under way comes before it
        return None

    def _unlock_rate(self, rate_hz: int, features: Features) -> Steps[None]:
        """Rates beside the usual ones are offered in SDK mode only."""
        self._sdk_mode = False
        if rate_hz == self.model.rate_hz or not features.sdk_mode:
            return
        offered = self._demand((yield from self._ask(Request(Op.SETTINGS, Kind.ACC)))).offered
        self._sdk_mode = rate_hz not in offered.get("rate_hz", (rate_hz,))
        if self._sdk_mode:
            self._demand((yield from self._started(Request(Op.START, SDK_MODE))))

    def _start(self, kind: Kind, rate_hz: int, asked_range: int | None) -> Steps[None]:
        offered = self._demand((yield from self._ask(Request(Op.SETTINGS, kind)))).offered
        if rate_hz not in offered.get("rate_hz", (rate_hz,)):
            rates = ", ".join(str(rate) for rate in offered["rate_hz"])
            raise self.model.refused(reason("rates_offered", rates=rates))
        ranges = [int(one) for one in offered.get("range", ()) if not isinstance(one, bytes)]
        demand_range(self.model, asked_range, ranges, "g" if kind is Kind.ACC else "deg/s")
        usual = USUAL_RANGE[kind]
        chosen = asked_range or (usual if usual in ranges else max(ranges, default=usual))
        wanted: list[Setting] = [("rate_hz", (rate_hz,))]
        wanted += [("range", (chosen,))] if ranges else []
        wanted += [(one, offered[one][-1:]) for one in ("resolution_bits", "channels") if one in offered]
        order = ("rate_hz", "resolution_bits", "range", "channels")
        wanted.sort(key=lambda setting: order.index(setting[0]))
        reply = self._demand((yield from self._started(Request(Op.START, kind, tuple(wanted)))))
        self._factors[kind], self._ranges[kind] = reply.factor, chosen * UNIT[kind]

    def _started(self, request: Request) -> Steps[Reply]:
        """A stream that somebody left running is stopped first: only a start tells the factor."""
        reply = yield from self._ask(request)
        if reply.status is Status.ALREADY_IN_STATE:
            yield from self._ask(Request(Op.STOP, request.measurement))
            reply = yield from self._ask(request)
        return reply

    def _ask(self, request: Request) -> Steps[Reply]:
        yield Write(CONTROL, bytes(request))
        pieces = [(yield Expect(CONTROL, _answers(request)))]
        while Reply.joined(pieces).more:
            pieces.append((yield Expect(CONTROL, lambda _: True)))
        return Reply.joined(pieces)

    def _demand(self, reply: Reply) -> Reply:
        if reply.status is not Status.SUCCESS:
            asked = f"{reply.op.name.lower()} {reply.measurement}"
            raise self.model.refused(reason(f"polar_{reply.status.name.lower()}", asked=asked))
        return reply


def _answers(request: Request) -> Callable[[bytes], bool]:
    head = bytes([REPLY_HEAD, request.op, request.measurement])
    return lambda value: value[:3] == head


VERITY_SENSE: Model = Model(
    key="polar_verity",
    name="Polar Verity Sense",
    loss=LossClass.TIMED,
    make=lambda: PolarDriver(VERITY_SENSE),
    rate_hz=52.0,
    rates_hz=(26.0, 52.0, 104.0, 208.0, 416.0),
    name_pattern=r"^Polar (?:Verity )?Sense",
)
H10: Model = Model(
    key="polar_h10",
    name="Polar H10",
    loss=LossClass.TIMED,
    make=lambda: PolarDriver(H10),
    rate_hz=50.0,
    rates_hz=(25.0, 50.0, 100.0, 200.0),
    has_gyroscope=False,
    name_pattern=r"^Polar H10",
)
MODELS = (VERITY_SENSE, H10)
