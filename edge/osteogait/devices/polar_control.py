"""Polar measurement data (PMD): the control point fb005c81.

===================================================  ================================================
bytes                                                meaning
===================================================  ================================================
0F | bits | bits                                     read: byte 1 b0 ECG b2 acceleration b5 rotation
                                                     b6 field; byte 2 b1 SDK mode
01 | measurement                                     settings?
02 | measurement | settings                          start (9: SDK mode)
03 | measurement                                     stop
F0 | op | measurement | status | more | settings     indication that answers; with more = 1 another follows,
                                                     which begins with its own `more` or repeats the head
===================================================  ================================================

Settings are `type u8 | count u8 | values`: 0 rate u16 Hz, 1 resolution u16 bits, 2 range u16, 3 range u32 milli, 4
channels u8, 5 factor f32, 6 security 16 bytes. Source: polarofficial/polar-ble-sdk.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import IntEnum

from osteogait.devices.polar import MODEL
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

FEATURES_HEAD, REPLY_HEAD = 0x0F, 0xF0
SDK_MODE = 9
FACTOR = "factor"


class Op(IntEnum):
    """What is asked for."""

    SETTINGS = 1
    START = 2
    STOP = 3


class Status(IntEnum):
    """How a request ended."""

    SUCCESS = 0
    INVALID_OP_CODE = 1
    INVALID_MEASUREMENT_TYPE = 2
    NOT_SUPPORTED = 3
    INVALID_LENGTH = 4
    INVALID_PARAMETER = 5
    ALREADY_IN_STATE = 6
    INVALID_RESOLUTION = 7
    INVALID_SAMPLE_RATE = 8
    INVALID_RANGE = 9
    INVALID_MTU = 10
    INVALID_NUMBER_OF_CHANNELS = 11
    INVALID_STATE = 12
    DEVICE_IN_CHARGER = 13
    DISK_FULL = 14

    @property
    def words(self) -> str:
        """The name as the maker writes it."""
        return self.name.replace("_", " ").lower()


@dataclass(frozen=True, slots=True)
class Features:
    """What the sensor can measure."""

    acc: bool
    gyro: bool
    mag: bool
    sdk_mode: bool
    ecg: bool

    @classmethod
    def from_bytes(cls, packet: bytes) -> Features:
        """The features in what was read; DecodeError when it is something else."""
        if len(packet) < 3 or packet[0] != FEATURES_HEAD:
            raise DecodeError(MODEL, packet, reason("features"))
        first, second = packet[1], packet[2]
        return cls(bool(first & 4), bool(first & 32), bool(first & 64), bool(second & 2), bool(first & 1))

    def __bytes__(self) -> bytes:
        """The 17 bytes a reader gets."""
        first = self.ecg | self.acc << 2 | self.gyro << 5 | self.mag << 6
        return bytes([FEATURES_HEAD, first, self.sdk_mode << 1]) + bytes(14)


_SETTINGS = {
    0: ("rate_hz", "H"), 1: ("resolution_bits", "H"), 2: ("range", "H"), 3: ("range_milli", "I"),
    4: ("channels", "B"), 5: (FACTOR, "f"), 6: ("security", "16s"),
}  # fmt: skip
_CODES = {name: code for code, (name, _) in _SETTINGS.items()}
Setting = tuple[str, tuple[int | float | bytes, ...]]
Settings = tuple[Setting, ...]


def settings_from(packet: bytes, data: bytes) -> Settings:
    """The settings in `data`, in wire order; DecodeError, with `packet` shown, for an unknown or cut one."""
    found: list[Setting] = []
    at = 0
    while at < len(data):
        if len(data) - at < 2 or data[at] not in _SETTINGS:
            raise DecodeError(MODEL, packet, reason("setting_unknown"))
        name, kind = _SETTINGS[data[at]]
        layout = struct.Struct("<" + kind * data[at + 1])
        if len(data) < at + 2 + layout.size:
            raise DecodeError(MODEL, packet, reason("setting_cut", name=name))
        values = layout.unpack_from(data, at + 2)
        if name == FACTOR and (len(values) != 1 or not math.isfinite(values[0]) or values[0] <= 0.0):
            raise DecodeError(MODEL, packet, reason("factor"))
        found.append((name, values))
        at += 2 + layout.size
    return tuple(found)


def settings_bytes(settings: Settings) -> bytes:
    """The mirror of `settings_from`."""
    parts = []
    for name, values in settings:
        code = _CODES[name]
        parts.append(
            bytes([code, len(values)]) + struct.pack("<" + _SETTINGS[code][1] * len(values), *values)
        )
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Request:
    """A request; only START carries settings."""

    op: Op
    measurement: int
    settings: Settings = ()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Request:
        """The request in `packet`; DecodeError for an unknown one."""
        if len(packet) < 2 or packet[0] not in tuple(Op):
            raise DecodeError(MODEL, packet, reason("request_unknown"))
        if packet[0] != Op.START and len(packet) > 2:
            raise DecodeError(MODEL, packet, reason("settings_place"))
        return cls(Op(packet[0]), packet[1], settings_from(packet, packet[2:]))

    def __bytes__(self) -> bytes:
        """What is written."""
        return bytes([self.op, self.measurement]) + settings_bytes(self.settings)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, joined when it came in several indications."""

    op: Op
    measurement: int
    status: Status
    settings: Settings = ()
    more: bool = False

    @classmethod
    def from_bytes(cls, packet: bytes) -> Reply:
        """The reply in one indication; DecodeError for an unknown op or status."""
        return cls.joined([packet])

    @classmethod
    def joined(cls, packets: Iterable[bytes]) -> Reply:
        """The reply in all its indications; DecodeError when they do not belong together."""
        first, *rest = packets
        if len(first) < 4 or first[0] != REPLY_HEAD or first[1] not in tuple(Op):
            raise DecodeError(MODEL, first, reason("no_point_reply"))
        if first[3] not in tuple(Status):
            raise DecodeError(MODEL, first, reason("status_unknown", status=first[3]))
        data, more = first[5:], _more(first)
        for packet in rest:
            if not more or not packet:
                raise DecodeError(MODEL, packet, reason("no_reply"))
            head = packet[:3] == first[:3]
            more = _more(packet) if head else bool(packet[0])
            data += packet[5:] if head else packet[1:]
        whole = b"".join((first, *rest))
        status = Status(first[3])
        settings: Settings = ()
        with (
            suppress(DecodeError) if more else nullcontext()
        ):  # a setting may be cut where the indication ends
            settings = settings_from(whole, data) if status is Status.SUCCESS else ()
        return cls(Op(first[1]), first[2], status, settings, more)

    def __bytes__(self) -> bytes:
        """The indication."""
        head = bytes([REPLY_HEAD, self.op, self.measurement, self.status, self.more])
        return head + settings_bytes(self.settings)

    @property
    def offered(self) -> dict[str, tuple[int | float | bytes, ...]]:
        """The settings by name."""
        return dict(self.settings)

    @property
    def factor(self) -> float:
        """What counts are multiplied by; 1 when the reply names none."""
        (value,) = self.offered.get(FACTOR, (1.0,))
        return float(value)


def _more(packet: bytes) -> bool:
    return len(packet) > 4 and packet[4] != 0
