"""The open gait-IMU profile, version 1: samples (DATA) and the sensor's description (INFO).

All integers little-endian.

DATA, a notification of 16 + 6 n k bytes (n frames, k sensors)

======  ========  ====================================================================================
offset  type      field
======  ========  ====================================================================================
0       u8        version = 1
1       u8        flags: see `Flags`; bits 6-7 zero, accelerometer bit always set
2       u8        n, frames in this packet, 1..19
3       u8        battery percent 0..100, 255 unknown
4       u16       seq: packets built since START, also those the device had to throw away
6       i16       temperature, 0.01 deg C, -32768 unknown
8       u32       index: number of the first sample since START, +1 a sample period, sent or not
12      u32       ticks of the first sample, free-running from boot
16      i16 x 3k  n frames of ax ay az [gx gy gz] [mx my mz] in counts
======  ========  ====================================================================================

INFO, 48 bytes, read

======  ========  ====================================================================================
0       u8        version = 1
1       u8        sensors: bit 0 accelerometer, 1 gyroscope, 2 magnetometer
2       u8        features: bit 0 rate settable, 1 range settable, 2 resumes after link loss, 3 TIME,
                  4 IDENTIFY, 5 placement stored
3       u8        n_max
4       u32       tick_hz
8       u32       rate, mHz
12      f32 x 3   m/s2, rad/s, T a count
24      f32 x 2   range of accelerometer m/s2, of gyroscope rad/s
32      u64       serial
40      u32       boot_id, random at each boot
44      u8        placement, see `PLACEMENTS`
45      u8        running, 0 or 1
46      u16       zero
======  ========  ====================================================================================
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from osteogait.devices.reason import Reason, reason
from osteogait.errors import DecodeError

FloatArray = npt.NDArray[np.float64]

MODEL = "open IMU profile"
VERSION = 1


def _uuid(part: int) -> str:
    return f"c584{part:04x}-eb96-40a3-8ab3-31b7b252b518"


SERVICE, INFO, DATA, CONTROL = (_uuid(part) for part in (1, 2, 3, 4))

MAX_FRAMES = 19
UNKNOWN_BATTERY, UNKNOWN_TEMPERATURE = 255, -32768
PLACEMENTS = (
    "unknown", "lower_back", "left_foot", "right_foot", "left_shank", "right_shank",
    "left_thigh", "right_thigh", "sternum", "head", "left_wrist", "right_wrist",
)  # fmt: skip

_HEADER = struct.Struct("<BBBBHhII")
_INFO = struct.Struct("<BBBBIIfffffQIBBH")
_COUNT = np.dtype("<i2")


class Flags(IntFlag):
    """Flag byte of a DATA packet."""

    ACCELEROMETER = 0x01
    GYROSCOPE = 0x02
    MAGNETOMETER = 0x04
    DISCONTINUITY = 0x08
    """First packet after START or resume, or samples missing right before."""
    SATURATED = 0x10
    SYNCHRONISED = 0x20


_SENSORS = (Flags.ACCELEROMETER, Flags.GYROSCOPE, Flags.MAGNETOMETER)


_ALL_FLAGS, _SENSOR_FLAGS, _ACCELEROMETER = 0x3F, 0x07, 0x01  # plain numbers: every packet goes through here


def _values_a_frame(flags: int) -> int:
    return 3 * (flags & _SENSOR_FLAGS).bit_count()


class DataHead(NamedTuple):
    """The first 16 bytes of a DATA notification as they stand there; every packet of a trial goes through here."""

    version: int
    flags: int
    n: int
    battery: int
    seq: int
    temperature: int
    first: int
    ticks: int

    @classmethod
    def from_bytes(cls, packet: bytes) -> DataHead:
        """The head of `packet`; DecodeError unless version, flags, counts and the whole length fit."""
        if len(packet) < _HEADER.size:
            raise DecodeError(MODEL, packet, reason("short_head", size=_HEADER.size))
        head = cls(*_HEADER.unpack_from(packet))
        if head.version != VERSION:
            raise DecodeError(MODEL, packet, reason("version", found=head.version, known=VERSION))
        problem = _problem(head.flags, head.n, head.battery_percent)
        if problem:
            raise DecodeError(MODEL, packet, problem)
        n, width = head.n, head.values_a_frame
        if len(packet) != _HEADER.size + 2 * n * width:
            raise DecodeError(MODEL, packet, reason("frames_size", n=n, width=width, size=16 + 2 * n * width))
        return head

    @property
    def battery_percent(self) -> int | None:
        """Percent, None unknown."""
        return None if self.battery == UNKNOWN_BATTERY else self.battery

    @property
    def values_a_frame(self) -> int:
        """3, 6 or 9."""
        return _values_a_frame(self.flags)

    def counts(self, packet: bytes) -> FloatArray:
        """(n, 3, 6 or 9) counts that follow this head in `packet`."""
        flat = np.frombuffer(packet, _COUNT, offset=_HEADER.size).astype(np.float64)
        return flat.reshape(self.n, -1)


@dataclass(frozen=True, slots=True)
class DataPacket:
    """One DATA notification; `frames` are n tuples of 3, 6 or 9 counts, `None` means unknown."""

    flags: Flags
    battery_percent: int | None
    seq: int
    temperature_c: float | None
    index: int
    ticks: int
    frames: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """ValueError for a packet that no device could send."""
        problem = _problem(int(self.flags), self.n, self.battery_percent)
        width = _values_a_frame(int(self.flags))
        if problem or any(len(frame) != width for frame in self.frames):
            raise ValueError(problem or f"frames need {width} values for flags {self.flags!r}")

    @classmethod
    def from_bytes(cls, packet: bytes) -> DataPacket:
        """The packet in `packet`; DecodeError unless version, flags, counts and length all fit."""
        head = DataHead.from_bytes(packet)
        n, width = head.n, head.values_a_frame
        counts = struct.unpack_from(f"<{n * width}h", packet, _HEADER.size)
        frames = tuple(counts[i : i + width] for i in range(0, n * width, width))
        celsius = None if head.temperature == UNKNOWN_TEMPERATURE else head.temperature / 100.0
        return cls(Flags(head.flags), head.battery_percent, head.seq, celsius, head.first, head.ticks, frames)

    def __bytes__(self) -> bytes:
        """The packet as the device sends it."""
        battery = UNKNOWN_BATTERY if self.battery_percent is None else self.battery_percent
        celsius = self.temperature_c
        temperature = UNKNOWN_TEMPERATURE if celsius is None else round(100.0 * celsius)
        head = _HEADER.pack(
            VERSION, self.flags, self.n, battery, self.seq, temperature, self.index, self.ticks
        )
        counts = [count for frame in self.frames for count in frame]
        return head + struct.pack(f"<{len(counts)}h", *counts)

    @property
    def n(self) -> int:
        """Frames in the packet."""
        return len(self.frames)

    def counts(self, sensor: Flags) -> FloatArray | None:
        """(n, 3) counts of one sensor, None when the packet does not carry it."""
        flags, wanted = int(self.flags), int(sensor)
        if not flags & wanted:
            return None
        first = _values_a_frame(flags & (wanted - 1))
        return np.array(self.frames, dtype=np.float64)[:, first : first + 3]


def _problem(flags: int, n: int, battery: int | None) -> Reason | None:
    if flags & ~_ALL_FLAGS:
        return reason("flag_bits", flags=f"{flags:#04x}")
    if not flags & _ACCELEROMETER:
        return reason("no_accelerometer")
    if not 1 <= n <= MAX_FRAMES:
        return reason("frames_outside", n=n, high=MAX_FRAMES)
    if battery is not None and not 0 <= battery <= 100:
        return reason("battery_outside", battery=battery)
    return None


@dataclass(frozen=True, slots=True)
class Info:
    """What a sensor says about itself; scales are SI per count, float32 on the wire."""

    sensors: int
    features: int
    n_max: int
    tick_hz: int
    rate_mhz: int
    acc_lsb: float
    gyr_lsb: float
    mag_lsb: float
    acc_range: float
    gyr_range: float
    serial: int
    boot_id: int
    placement: int
    running: bool

    @classmethod
    def from_bytes(cls, packet: bytes) -> Info:
        """The description in `packet`; DecodeError when a field cannot be true."""
        if len(packet) != _INFO.size:
            raise DecodeError(MODEL, packet, reason("info_size", size=_INFO.size))
        version, *fields, running, zero = _INFO.unpack(packet)
        if version != VERSION:
            raise DecodeError(MODEL, packet, reason("version", found=version, known=VERSION))
        if running > 1 or zero != 0:
            raise DecodeError(MODEL, packet, reason("info_running"))
        values = (*fields, bool(running))
        info = cls(*values)
        problem = info._problem()
        if problem:
            raise DecodeError(MODEL, packet, problem)
        return info

    def __bytes__(self) -> bytes:
        """The 48 bytes a reader gets."""
        return _INFO.pack(
            VERSION, self.sensors, self.features, self.n_max, self.tick_hz, self.rate_mhz,
            self.acc_lsb, self.gyr_lsb, self.mag_lsb, self.acc_range, self.gyr_range,
            self.serial, self.boot_id, self.placement, self.running, 0,
        )  # fmt: skip

    @property
    def rate_hz(self) -> float:
        """Nominal samples a second."""
        return self.rate_mhz / 1000.0

    @property
    def placement_name(self) -> str:
        """Where the sensor says it is worn."""
        return PLACEMENTS[self.placement]

    def _problem(self) -> Reason | None:
        if not self.sensors & Flags.ACCELEROMETER or self.sensors >= 8:
            return reason("info_sensors", sensors=f"{self.sensors:#04x}")
        if not 1 <= self.n_max <= MAX_FRAMES or self.tick_hz == 0 or self.rate_mhz == 0:
            return reason("info_rates")
        if self.placement >= len(PLACEMENTS):
            return reason("info_placement", placement=self.placement)
        scales = (self.acc_lsb, self.gyr_lsb, self.mag_lsb, self.acc_range, self.gyr_range)
        if not all(math.isfinite(scale) and scale >= 0.0 for scale in scales):
            return reason("info_scale")
        present = zip(_SENSORS, scales, strict=False)
        if any(self.sensors & sensor and scale == 0.0 for sensor, scale in present):
            return reason("info_scale_zero")
        return None


def acceleration(packet: DataPacket, info: Info) -> FloatArray:
    """(n, 3) m/s2 in the sensor's axes."""
    counts = packet.counts(Flags.ACCELEROMETER)
    assert counts is not None  # noqa: S101 - every packet carries the accelerometer, see `_problem`
    return counts * info.acc_lsb


def rotation(packet: DataPacket, info: Info) -> FloatArray | None:
    """(n, 3) rad/s in the sensor's axes, None without a gyroscope."""
    counts = packet.counts(Flags.GYROSCOPE)
    return None if counts is None else counts * info.gyr_lsb


def magnetic_field(packet: DataPacket, info: Info) -> FloatArray | None:
    """(n, 3) T in the sensor's axes, None without a magnetometer."""
    counts = packet.counts(Flags.MAGNETOMETER)
    return None if counts is None else counts * info.mag_lsb
