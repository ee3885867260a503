"""The open gait-IMU profile, version 1: CONTROL requests and replies.

Request: `op u8 | token u8 | arguments`. Reply: `op | 0x80, token u8, status u8, payload`. Little-endian.

==  =============  ==================================  ====================================================
op  name           arguments                           payload
==  =============  ==================================  ====================================================
01  START          u32 rate_mhz (0 keep), u8 n         u32 rate_mhz, u8 n, u32 boot_id
                   (0 device's choice)
02  STOP           -                                   u32 samples (periods since START), u32 packets built,
                                                       u32 packets discarded, u32 samples missed
03  STATS          -                                   as STOP
04  SET_RANGE      u8 acc_g, u16 gyr_dps               -
05  TIME           -                                   u32 ticks now
06  IDENTIFY       u8 seconds                          -
07  SET_PLACEMENT  u8 placement                        -
==  =============  ==================================  ====================================================

A reply other than OK carries no payload, except STOP and STATS, whose counts stand also when not running.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from osteogait.devices.open_profile import MODEL
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

REPLY_BIT = 0x80
ACC_RANGES_G, GYR_RANGES_DPS = (2, 4, 8, 16), (125, 250, 500, 1000, 2000)
"""What SET_RANGE may ask for."""


class Op(IntEnum):
    """What a request asks for."""

    START = 1
    STOP = 2
    STATS = 3
    SET_RANGE = 4
    TIME = 5
    IDENTIFY = 6
    SET_PLACEMENT = 7


class Status(IntEnum):
    """How a request ended."""

    OK = 0
    UNKNOWN_OP = 1
    BAD_LENGTH = 2
    BAD_VALUE = 3
    RUNNING = 4
    NOT_RUNNING = 5
    MTU_TOO_SMALL = 6
    BATTERY_TOO_LOW = 7
    SENSOR_FAULT = 8


_NOTHING: tuple[str, tuple[str, ...]] = ("<", ())
_COUNTS = ("<IIII", ("samples", "built", "discarded", "missed"))
_ARGUMENTS: dict[Op, tuple[str, tuple[str, ...]]] = {
    Op.START: ("<IB", ("rate_mhz", "n")),
    Op.SET_RANGE: ("<BH", ("acc_g", "gyr_dps")),
    Op.IDENTIFY: ("<B", ("seconds",)),
    Op.SET_PLACEMENT: ("<B", ("placement",)),
}
_PAYLOAD: dict[Op, tuple[str, tuple[str, ...]]] = {
    Op.START: ("<IBI", ("rate_mhz", "n", "boot_id")),
    Op.STOP: _COUNTS,
    Op.STATS: _COUNTS,
    Op.TIME: ("<I", ("ticks",)),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `values` in wire order, named in the module's table."""

    op: Op
    token: int
    values: tuple[int, ...] = ()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Request:
        """The request in `packet`; DecodeError for an unknown op or another length."""
        op = _op(packet, packet[:1])
        layout, _ = _ARGUMENTS.get(op, _NOTHING)
        return cls(op, _token(packet), _values(packet, 2, layout))

    def __bytes__(self) -> bytes:
        """What is written to CONTROL."""
        layout, _ = _ARGUMENTS.get(self.op, _NOTHING)
        return bytes([self.op, self.token]) + struct.pack(layout, *self.values)

    @property
    def arguments(self) -> dict[str, int]:
        """The values by name."""
        _, names = _ARGUMENTS.get(self.op, _NOTHING)
        return dict(zip(names, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; `values` in wire order, empty when a refusal carries none."""

    op: Op
    token: int
    status: Status
    values: tuple[int, ...] = ()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Reply:
        """The reply in `packet`; DecodeError for an unknown op or status, or another length."""
        if not packet or not packet[0] & REPLY_BIT:
            raise DecodeError(MODEL, packet, reason("not_reply"))
        op = _op(packet, bytes([packet[0] & ~REPLY_BIT]))
        if len(packet) < 3 or packet[2] not in tuple(Status):
            raise DecodeError(MODEL, packet, reason("status_missing"))
        status = Status(packet[2])
        layout, _ = _PAYLOAD.get(op, _NOTHING)
        refused = status is not Status.OK and len(packet) == 3
        return cls(op, packet[1], status, () if refused else _values(packet, 3, layout))

    def __bytes__(self) -> bytes:
        """What the device indicates."""
        layout, _ = _PAYLOAD.get(self.op, _NOTHING) if self.values else _NOTHING
        return bytes([self.op | REPLY_BIT, self.token, self.status]) + struct.pack(layout, *self.values)

    @property
    def payload(self) -> dict[str, int]:
        """The values by name."""
        _, names = _PAYLOAD.get(self.op, _NOTHING) if self.values else _NOTHING
        return dict(zip(names, self.values, strict=True))


def _op(packet: bytes, code: bytes) -> Op:
    if not code or code[0] not in tuple(Op):
        raise DecodeError(MODEL, packet, reason("operation_unknown"))
    return Op(code[0])


def _token(packet: bytes) -> int:
    if len(packet) < 2:
        raise DecodeError(MODEL, packet, reason("no_token"))
    return packet[1]


def _values(packet: bytes, offset: int, layout: str) -> tuple[int, ...]:
    if len(packet) != offset + struct.calcsize(layout):
        raise DecodeError(MODEL, packet, reason("needs_bytes", size=offset + struct.calcsize(layout)))
    values: tuple[int, ...] = struct.unpack_from(layout, packet, offset)
    return values
