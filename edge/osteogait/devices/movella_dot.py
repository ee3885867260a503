"""Movella (Xsens) DOT: measurement payloads, control, device information, battery.

Base 1517xxxx-4947-11e9-8646-d663bd873d93. Measurements arrive on 2002 (63 bytes), 2003 (40) or 2004 (20), as
long as they are or padded with zero bytes to the length of the characteristic.

====  ===============================================================================================
mode  after u32 time stamp, us
====  ===============================================================================================
2     f32 x 4 quaternion wxyz | f32 x 3 free acceleration, m/s2 | u16 status | u8 clips acc | u8 clips gyr
3     f32 x 4 quaternion wxyz | f32 x 3 free acceleration
4     f32 x 3 Euler angles, deg
5     f32 x 4 quaternion
6     f32 x 3 free acceleration
7     f32 x 3 Euler angles | f32 x 3 free acceleration | status and clips as in 2
16    f32 x 3 Euler angles | f32 x 3 free acceleration
18    f32 x 4 orientation increment wxyz | f32 x 3 velocity increment, m/s | i16 x 3 magnetic field / 4096 a.u.
19    f32 x 4 orientation increment | f32 x 3 velocity increment
20    f32 x 3 acceleration, m/s2 | f32 x 3 rotation, deg/s | i16 x 3 magnetic field
21    f32 x 3 acceleration | f32 x 3 rotation: the one that is recorded
22    f32 x 3 Euler angles | f32 x 3 free acceleration | f32 x 3 rotation
23    f32 x 3 Euler angles | f32 x 3 free acceleration | i16 x 3 magnetic field
24    f32 x 4 quaternion | f32 x 3 rotation
26    f32 x 4 quaternion | f32 x 3 acceleration | f32 x 3 rotation
====  ===============================================================================================

Modes 1, 17 and 25 are for the maker's own software. Status bits: 0x001-0x004 accelerometer x y z out of range,
0x008-0x020 gyroscope, 0x040-0x100 magnetometer, 0x200 new magnetometer value.

====  ===============================================================================================
1001  read, 34 bytes: address 6 | u8 x 3 firmware | u16 year, u8 month day hour minute second | u32
      SoftDevice | u64 serial | product code 6
1002  read and write, 32 bytes: u8 visit mask (b0 identify b1 power b2 timeouts b3 tag b4 rate b5 filter) |
      u8 identify | u8 power | u8 x 4 time-outs (advertising min, s; connection min, s) | u8 tag length |
      tag 16 | u16 rate, Hz | u8 filter (0 general, 1 dynamic) | 5 zero
1004  notify, 36 bytes: u8 report (1 powered off, 4 power saving, 5 button) | button: u8 length, u32 or u64 its
      time | the rest unused
2001  read and write: u8 type = 1 | u8 action (1 start, 0 stop) | u8 mode
3001  read and notify: u8 battery percent | u8 charging
====  ===============================================================================================

Source: Xsens DOT BLE Services Specifications XD0506P, revision F.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, FloatArray, demand_finite, demand_length, text
from osteogait.errors import DecodeError

MODEL = "Movella DOT"


def _uuid(part: int) -> str:
    return f"1517{part:04x}-4947-11e9-8646-d663bd873d93"


SERVICES = tuple(_uuid(part) for part in (0x1000, 0x2000, 0x3000, 0x7000))
DEVICE_INFO, DEVICE_CONTROL, DEVICE_REPORT = _uuid(0x1001), _uuid(0x1002), _uuid(0x1004)
CONTROL, LONG, MEDIUM, SHORT = (_uuid(part) for part in (0x2001, 0x2002, 0x2003, 0x2004))
BATTERY = _uuid(0x3001)
MESSAGE, ACKNOWLEDGE, NOTICE = (_uuid(part) for part in (0x7001, 0x7002, 0x7003))
PADDED = {LONG: 63, MEDIUM: 40, SHORT: 20}

RATE_QUANTITIES = 21
RATES_HZ = (1.0, 4.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0)
"""120 Hz exists in the sensor's own memory only."""
FULL_PERCENT = 100

_QUAT, _FREE, _EULER = ("quat_wxyz", "4f"), ("free_acc", "3f"), ("euler", "3f")
_ACC, _GYR, _MAG = ("acc", "3f"), ("gyr", "3f"), ("mag", "3h")
_DELTA_Q, _DELTA_V = ("delta_q_wxyz", "4f"), ("delta_v", "3f")
_STATE = (("status", "H"), ("clip_acc", "B"), ("clip_gyr", "B"))
MODES: dict[int, tuple[tuple[str, str], ...]] = {
    2: (_QUAT, _FREE, *_STATE),
    3: (_QUAT, _FREE),
    4: (_EULER,),
    5: (_QUAT,),
    6: (_FREE,),
    7: (_EULER, _FREE, *_STATE),
    16: (_EULER, _FREE),
    18: (_DELTA_Q, _DELTA_V, _MAG),
    19: (_DELTA_Q, _DELTA_V),
    20: (_ACC, _GYR, _MAG),
    RATE_QUANTITIES: (_ACC, _GYR),
    22: (_EULER, _FREE, _GYR),
    23: (_EULER, _FREE, _MAG),
    24: (_QUAT, _GYR),
    26: (_QUAT, _ACC, _GYR),
}
_LAYOUTS = {mode: struct.Struct("<I" + "".join(kind for _, kind in parts)) for mode, parts in MODES.items()}
_UNITS = {"gyr": DEG, "euler": DEG, "mag": 1.0 / 4096.0}


def channel(mode: int) -> str:
    """The characteristic that a mode's payload comes on."""
    size = _LAYOUTS[mode].size
    return next(one for one in (SHORT, MEDIUM, LONG) if size <= PADDED[one])


@dataclass(frozen=True, slots=True)
class Measurement:
    """One sample; `values` as sent, in the order of the mode's table; `padding` zero bytes followed."""

    mode: int
    ts_us: int
    values: tuple[float, ...]
    padding: int = 0

    @classmethod
    def from_bytes(cls, packet: bytes, mode: int) -> Measurement:
        """The sample in `packet`; DecodeError for an unknown mode, a wrong length or values that are no numbers."""
        layout = _LAYOUTS.get(mode)
        if layout is None:
            known = ", ".join(str(one) for one in MODES)
            raise DecodeError(MODEL, packet, reason("mode_unknown", mode=mode, known=known))
        padded = PADDED[channel(mode)]
        if len(packet) not in (layout.size, padded):
            raise DecodeError(MODEL, packet, reason("mode_size", mode=mode, size=layout.size, padded=padded))
        if any(packet[layout.size :]):
            raise DecodeError(MODEL, packet, reason("padding"))
        ts_us, *values = layout.unpack_from(packet)
        if not all(map(math.isfinite, values)):
            demand_finite(MODEL, packet, np.array(values), f"value of payload mode {mode}")
        return cls(mode, ts_us, tuple(values), len(packet) - layout.size)

    def __bytes__(self) -> bytes:
        """The payload as the sensor sends it."""
        return _LAYOUTS[self.mode].pack(self.ts_us, *self.values) + bytes(self.padding)

    @property
    def parts(self) -> dict[str, FloatArray | int]:
        """By name, in SI: vectors as arrays (rad, rad/s; `mag` in the maker's units), status and clips as integers."""
        found: dict[str, FloatArray | int] = {}
        at = 0
        for name, kind in MODES[self.mode]:
            n = int(kind[:-1] or 1)
            values = self.values[at : at + n]
            found[name] = int(values[0]) if n == 1 else np.array(values) * _UNITS.get(name, 1.0)
            at += n
        return found


@dataclass(frozen=True, slots=True)
class Control:
    """Measurement control: running or not, in which mode."""

    running: bool
    mode: int

    @classmethod
    def from_bytes(cls, packet: bytes) -> Control:
        """The state in `packet`; DecodeError for another type or action."""
        demand_length(MODEL, packet, 3)
        if packet[0] != 1 or packet[1] > 1:
            raise DecodeError(MODEL, packet, reason("control_type"))
        return cls(bool(packet[1]), packet[2])

    def __bytes__(self) -> bytes:
        """What starts or stops the measurement."""
        return bytes([1, self.running, self.mode])


_INFO = struct.Struct("<6s3BH5BIQ6s")


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """Who the sensor is; `address` as sent."""

    address: bytes
    firmware: tuple[int, int, int]
    build: datetime
    soft_device: int
    serial: int
    product_code: str

    @classmethod
    def from_bytes(cls, packet: bytes) -> DeviceInfo:
        """The description in `packet`; DecodeError for another length or an impossible date."""
        demand_length(MODEL, packet, _INFO.size)
        address, major, minor, patch, *built, soft_device, serial, product = _INFO.unpack(packet)
        try:
            build = datetime(*built)
        except ValueError:
            year, month, day, hour, minute, second = built
            said = f"{year}-{month}-{day} {hour}:{minute}:{second}"
            raise DecodeError(MODEL, packet, reason("build_date", said=said)) from None
        code = text(MODEL, packet, product)
        return cls(address, (major, minor, patch), build, soft_device, serial, code)

    def __bytes__(self) -> bytes:
        """The 34 bytes a reader gets."""
        at = self.build
        built = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        product = self.product_code.encode("ascii")
        return _INFO.pack(self.address, *self.firmware, *built, self.soft_device, self.serial, product)


_DEVICE_CONTROL = struct.Struct("<7BB16sHB5s")
TAG_LENGTH = 16
VISIT_RATE, VISIT_FILTER = 0x10, 0x20


@dataclass(frozen=True, slots=True)
class DeviceControl:
    """Settings; only those in the mask `visit` are taken, the others must be written back as read.

    timeouts    advertising minutes, seconds; connection minutes, seconds
    rest        not described; zero so far, written back as it was read
    """

    visit: int
    identify: int
    power: int
    timeouts: tuple[int, int, int, int]
    tag: str
    rate_hz: int
    filter_profile: int
    rest: bytes = bytes(5)

    @classmethod
    def from_bytes(cls, packet: bytes) -> DeviceControl:
        """The settings in `packet`; DecodeError for another length or a tag that cannot be."""
        demand_length(MODEL, packet, _DEVICE_CONTROL.size)
        visit, identify, power, *timeouts, length, tag, rate_hz, profile, rest = _DEVICE_CONTROL.unpack(
            packet
        )
        if length > TAG_LENGTH or any(tag[length:]) or b"\0" in tag[:length]:
            raise DecodeError(MODEL, packet, reason("tag"))
        first, second, third, fourth = timeouts
        try:
            name = tag[:length].decode("utf-8")
        except UnicodeDecodeError:
            raise DecodeError(MODEL, packet, reason("not_utf8")) from None
        return cls(visit, identify, power, (first, second, third, fourth), name, rate_hz, profile, rest)

    def __bytes__(self) -> bytes:
        """What is written."""
        tag = self.tag.encode("utf-8")
        return _DEVICE_CONTROL.pack(
            self.visit, self.identify, self.power, *self.timeouts, len(tag), tag, self.rate_hz,
            self.filter_profile, self.rest,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Battery:
    """Percent, None where the sensor says something impossible, and whether it is charging."""

    percent: int | None
    charging: bool

    @classmethod
    def from_bytes(cls, packet: bytes) -> Battery:
        """The state in `packet`; DecodeError for another length or a charging byte that is neither 0 nor 1."""
        demand_length(MODEL, packet, 2)
        if packet[1] > 1:
            raise DecodeError(MODEL, packet, reason("charging"))
        return cls(packet[0] if packet[0] <= FULL_PERCENT else None, bool(packet[1]))

    def __bytes__(self) -> bytes:
        """The notification; an unknown level has no bytes of its own, and is sent as 255."""
        return bytes([0xFF if self.percent is None else self.percent, self.charging])


REPORTS = {1: "powered off", 4: "power saving", 5: "button"}
BUTTON, REPORT_SIZE = 5, 36
_STAMPS = {4, 8}


@dataclass(frozen=True, slots=True)
class Report:
    """What the sensor tells by itself: `kind` of `REPORTS`, and the time of a button, as sent."""

    kind: int
    time: int | None = None
    time_size: int = 4

    @classmethod
    def from_bytes(cls, packet: bytes) -> Report:
        """The report in `packet`, padding allowed; DecodeError for another kind, or a button without its time."""
        if not packet or packet[0] not in REPORTS or len(packet) > REPORT_SIZE:
            known = ", ".join(str(one) for one in REPORTS)
            raise DecodeError(MODEL, packet, reason("report_unknown", known=known))
        if packet[0] != BUTTON:
            return cls(packet[0])
        size = packet[1] if len(packet) > 1 else 0
        if size not in _STAMPS or len(packet) < 2 + size:
            raise DecodeError(MODEL, packet, reason("button_time"))
        return cls(BUTTON, int.from_bytes(packet[2 : 2 + size], "little"), size)

    def __bytes__(self) -> bytes:
        """The notification, padded as the sensor does."""
        head = bytes([self.kind])
        if self.time is not None:
            head += bytes([self.time_size]) + self.time.to_bytes(self.time_size, "little")
        return head.ljust(REPORT_SIZE, b"\0")
