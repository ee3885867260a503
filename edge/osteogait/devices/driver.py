"""What every maker's driver is: a conversation without a radio, and a decoder without a clock.

A driver speaks in *steps*: its `setup` and `stop` are generators that yield what is to be done on the link and are sent
the answer, so the same code talks to a radio, to a simulated sensor and to the transcript in a recording file.

===========  ==============================================  ==================================================
step         what is done                                    what the generator is sent
===========  ==============================================  ==================================================
Read         the characteristic is read                      its value; b"" when optional and not there
Write        written with response                           b""
Subscribe    notifications or indications are switched on    b""
Expect       wait for the first notification that matches    its value; what does not match goes to `decode`
Pause        nothing for that long                           b""
===========  ==============================================  ==================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from osteogait.devices.reason import Reason
from osteogait.errors import DeviceNotFound

FloatArray = npt.NDArray[np.float64]
REPLY_S = 2.0
"""A reply takes two connection events, 0.1 s; more than ten times that is a sensor that does not answer."""


BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
FULL_PERCENT = 100


def battery_level(value: bytes) -> int | None:
    """Percent of the standard battery service (0x180F, 2A19); None when absent, cut or above 100."""
    return value[0] if len(value) == 1 and value[0] <= FULL_PERCENT else None


class LossClass(StrEnum):
    """How loss can be known: counted exactly, from the device's time, or not at all."""

    COUNTED = "A"
    TIMED = "B"
    UNKNOWN = "C"


@dataclass(frozen=True, slots=True)
class Read:
    """Read a characteristic; an `optional` one may be missing."""

    characteristic: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """Write `value` with response."""

    characteristic: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Switch notifications on; an `optional` characteristic may be missing."""

    characteristic: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Expect:
    """Wait for the notification of `characteristic` that `matches`; none in `seconds` is a refusal."""

    characteristic: str
    matches: Callable[[bytes], bool]
    seconds: float = REPLY_S


@dataclass(frozen=True, slots=True)
class Pause:
    """Give the sensor time."""

    seconds: float


Step = Read | Write | Subscribe | Expect | Pause
Outcome = TypeVar("Outcome")
Steps = Generator[Step, bytes, Outcome]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a sensor; None leaves the driver's default. Ranges in g and deg/s, as makers name them."""

    rate_hz: float | None = None
    acc_range_g: int | None = None
    gyr_range_dps: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """What `setup` agreed with the sensor.

    rate_hz         nominal samples a second; the session counts and compares
    tick_hz         ticks a second of the device's time stamps, None without device time
    tick_bits       width of the time stamp: it wraps at 2**tick_bits
    stamps_last     True when a packet's stamp is the time of its last sample, False: of its first
    packet_samples  samples a packet usually holds
    whole_packets   True when loss can only be whole packets (class B counts in multiples of them)
    has_gyroscope   False: no gait measure can come from it
    boot_id         random at each boot, None when the sensor has none: another one means another clock
    resumed         the sensor went on counting through a link loss; False: counters and positions begin anew
    serial, firmware    as the sensor says, None when it does not
    acc_range, gyr_range    m/s2, rad/s, None unknown
    placement       where the sensor says it is worn, as in the open profile; None unknown
    """

    rate_hz: float
    tick_hz: int | None = None
    tick_bits: int = 32
    stamps_last: bool = False
    packet_samples: int = 1
    whole_packets: bool = False
    has_gyroscope: bool = True
    boot_id: int | None = None
    resumed: bool = False
    serial: str | None = None
    firmware: str | None = None
    acc_range: float | None = None
    gyr_range: float | None = None
    placement: str | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one notification, in the sensor's axes.

    acc     (n, 3) m/s2, None in a notification that carries rotation alone (Polar, MetaMotion)
    gyr     (n, 3) rad/s, None in one that carries acceleration alone
    ticks   the packet's time stamp as sent, None without device time
    index   class A: number of the first sample since START, modulo 2**32
    seq     class A: packet counter, modulo 2**16
    saturated   a value stood at the end of its range
    """

    acc: FloatArray | None
    gyr: FloatArray | None
    ticks: int | None = None
    index: int | None = None
    seq: int | None = None
    saturated: bool = False

    def __post_init__(self) -> None:
        """ValueError unless there are samples, and of one length."""
        shapes = {part.shape for part in (self.acc, self.gyr) if part is not None}
        if len(shapes) != 1 or (shape := shapes.pop())[0] == 0 or shape[1:] != (3,):
            raise ValueError("samples need acc, gyr or both, as (n, 3) of one n > 0")

    @property
    def n(self) -> int:
        """Samples in the notification."""
        part = self.acc if self.acc is not None else self.gyr
        assert part is not None  # noqa: S101 - see __post_init__
        return int(part.shape[0])

    @property
    def part(self) -> str:
        """`imu`, or `acc` or `gyr` when the sensor sends them apart, each with its own times."""
        if self.gyr is None:
            return "acc"
        return "gyr" if self.acc is None else "imu"


@dataclass(frozen=True, slots=True)
class DeviceCounts:
    """The device's own books at the end, since its START: they must agree with ours.

    samples     sample periods
    packets     packets built, also those thrown away
    discarded   packets thrown away on the device
    missed      samples that the sensor itself failed to take
    """

    samples: int
    packets: int
    discarded: int
    missed: int


class Driver(Protocol):
    """One sensor over one session; made new for each session by `Model.make`.

    `setup` is run on every connection and forgets what belongs to the last one (half frames, references). Errors:
    DeviceNotFound("sensor_refused", sensor=..., reason=...) when the sensor does not do what it must,
    UsageError when it cannot do what is asked, DecodeError for bytes that mean nothing; never another one.
    """

    model: Model
    battery_percent: int | None
    """As last told by the sensor, None unknown."""

    def setup(self, settings: Settings, *, resuming: bool = False) -> Steps[Stream]:
        """Identify, battery, subscribe, rate and range, read back, start; `resuming` after a link loss in a trial."""

    def decode(self, characteristic: str, value: bytes) -> Samples | None:
        """The samples of a notification; None when it carries none (a reply, battery, a part of a packet)."""

    def stop(self) -> Steps[DeviceCounts | None]:
        """Stop the stream; the device's counts where it has them."""


@dataclass(frozen=True, slots=True)
class Advert:
    """What a sensor advertises: local name, service UUIDs (full, lower case), company identifiers."""

    name: str | None = None
    services: frozenset[str] = frozenset()
    companies: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Model:
    """One row of a maker's table of models: how to know it, what it can do, who speaks to it.

    key         stored in recordings and told by commands, e.g. `movella_dot`
    name        for people
    rates_hz    rates that may be asked for; () any
    rate_hz     the default
    services, name_pattern, companies   each alone is enough to know the sensor by its advertisement;
                the pattern is a regular expression searched in the local name
    """

    key: str
    name: str
    loss: LossClass
    make: Callable[[], Driver]
    rate_hz: float
    rates_hz: tuple[float, ...] = ()
    has_gyroscope: bool = True
    services: tuple[str, ...] = ()
    name_pattern: str | None = None
    companies: tuple[int, ...] = ()

    def matches(self, advert: Advert) -> bool:
        """True when the advertisement is one of this model."""
        if advert.services.intersection(self.services) or advert.companies.intersection(self.companies):
            return True
        named = advert.name is not None and self.name_pattern is not None
        return named and re.search(self.name_pattern or "", advert.name or "") is not None

    def refused(self, reason: Reason) -> DeviceNotFound:
        """The error of a sensor of this model that does not do what it must."""
        return DeviceNotFound("sensor_refused", sensor=self.name, reason=reason)
