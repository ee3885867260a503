"""The driver of Movesense with gatt_sensordata: HELLO, battery, one subscription of acceleration and rotation."""

from __future__ import annotations

from collections.abc import Callable

from osteogait.devices.about_itself import if_understood
from osteogait.devices.asked import asked_rate_hz, demand_range
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
from osteogait.devices.movesense import (
    ENERGY,
    MODEL,
    NOTIFY,
    OK_STATUS,
    RATES_HZ,
    REPLY,
    SERVICE,
    WRITE,
    Command,
    Hello,
    Joining,
    Op,
    Reply,
    path_rate_hz,
)
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

MEMBER_SERVICE = "0000fe06-0000-1000-8000-00805f9b34fb"
COMPANY = 0x009F
TICK_HZ = 1000
GREETING, LEVEL, MOTION = 1, 2, 99
"""References of our own: greeting, battery, measurement."""
SLOWEST_HZ, FEWEST = 52.0, 4
"""Four samples a packet at 52 Hz (seen); in proportion above, which the length of the first packet confirms."""


class MovesenseDriver:
    """Speaks GSP; loss is known from the sensor's time, in whole packets (class B)."""

    def __init__(self) -> None:
        """A driver for one session."""
        self.model = MOVESENSE
        self.battery_percent: int | None = None
        self._joining = Joining()
        self._path = ""

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """See `Driver.setup`."""
        rate_hz = asked_rate_hz(self.model, settings)
        demand_range(self.model, settings.acc_range_g, (), "g")
        demand_range(self.model, settings.gyr_range_dps, (), "deg/s")
        self._joining, self._path = Joining(), f"/Meas/IMU6/{rate_hz:.0f}"
        yield Subscribe(NOTIFY)
        hello = if_understood(Hello.from_bytes, (yield from _ask(Command(Op.HELLO, GREETING))))
        self.battery_percent = battery_level((yield Read(BATTERY_LEVEL, optional=True)))
        if self.battery_percent is None:  # the standard service is in every firmware seen; this path is not
            level = Reply.from_bytes((yield from _ask(Command(Op.GET, LEVEL, path=ENERGY))))
            self.battery_percent = level.battery_percent
        begun = Reply.from_bytes((yield from _ask(Command(Op.SUBSCRIBE, MOTION, path=self._path))))
        if begun.status != OK_STATUS:
            raise self.model.refused(reason("path_refused", path=self._path, status=begun.status))
        return Stream(
            rate_hz=path_rate_hz(self._path) or rate_hz,
            tick_hz=TICK_HZ,
            packet_samples=max(FEWEST, round(FEWEST * rate_hz / SLOWEST_HZ)),
            whole_packets=True,
            serial=hello.serial if hello else None,
            firmware=hello.app_version if hello else None,
        )

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """See `Driver.decode`."""
        if characteristic != NOTIFY:
            return None
        if value[:1] == bytes([REPLY]):
            Reply.from_bytes(value)
            return None
        if len(value) >= 2 and value[1] != MOTION:
            raise DecodeError(MODEL, value, reason("reference_foreign", reference=value[1]))
        payload = self._joining.feed(value, self._path)
        return None if payload is None else Samples(payload.acc, payload.gyr, payload.ts_ms)

    def stop(self) -> Steps[DeviceCounts | None]:
        """See `Driver.stop`."""
        yield Write(WRITE, bytes(Command(Op.UNSUBSCRIBE, MOTION)))
        return None


def _ask(command: Command) -> Steps[bytes]:
    yield Write(WRITE, bytes(command))
    return (yield Expect(NOTIFY, _answers(command.reference)))


def _answers(reference: int) -> Callable[[bytes], bool]:
    return lambda value: value[:2] == bytes([REPLY, reference])


MOVESENSE = Model(
    key="movesense",
    name="Movesense",
    loss=LossClass.TIMED,
    make=MovesenseDriver,
    rate_hz=104.0,
    rates_hz=RATES_HZ,
    services=(SERVICE, MEMBER_SERVICE),
    name_pattern=r"^Movesense",
    companies=(COMPANY,),
)
