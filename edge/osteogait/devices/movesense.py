"""Movesense with the firmware app gatt_sensordata (GSP): commands, replies, measurements.

Command, written to 34800001: `op u8 | reference u8 | data`

==  ===========  ================================================
op  name         data
==  ===========  ================================================
0   HELLO        -
1   SUBSCRIBE    path, ASCII: /Meas/IMU6/104
2   UNSUBSCRIBE  -
4   GET          path, ASCII: /System/Energy/Level
8   UTC          u64, us
==  ===========  ================================================

Notification of 34800002

==============================================  =================================================
bytes                                           meaning
==============================================  =================================================
01 | reference | u16 status | data              reply; status as HTTP: 200, 404
01 | reference | u8 protocol | texts            reply to HELLO: serial, product, DFU address, app,
                                                version, each ended by NUL
02 | reference | payload                        measurement
03 | reference | rest of payload                where a payload does not fit one notification
==============================================  =================================================

Payload: u32 ms | N x f32 xyz of the accelerometer, m/s2 | N x of the gyroscope, deg/s | N x of the magnetometer,
uT, of those that the path names. N follows from the length; the stamp is taken as that of the first sample.

Sources: Movesense GD-77 v1.0; sensein/movesense-py; EvanKat/movesense_bleak.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, FloatArray, floats, text
from osteogait.errors import DecodeError

MODEL = "Movesense"
SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
WRITE = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"
ENERGY = "/System/Energy/Level"
RATES_HZ = (13.0, 26.0, 52.0, 104.0, 208.0, 416.0, 833.0, 1666.0)

REPLY, DATA, REST = 1, 2, 3
STAMP = 4
TRIPLE = 12
OK_STATUS = 200
_SENSORS: dict[str, tuple[str, ...]] = {
    "Acc": ("acc",),
    "Gyro": ("gyr",),
    "Magn": ("mag",),
    "IMU6": ("acc", "gyr"),
    "IMU9": ("acc", "gyr", "mag"),
}
_UNITS = {"acc": 1.0, "gyr": DEG, "mag": 1e-6}
_PATH = re.compile(r"/?Meas/(\w+)(?:/(\d+))?")


class Op(IntEnum):
    """What a command asks for."""

    HELLO = 0
    SUBSCRIBE = 1
    UNSUBSCRIBE = 2
    GET = 4
    UTC = 8


_WITH_PATH = (Op.SUBSCRIBE, Op.GET)


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `path` for SUBSCRIBE and GET, `utc_us` for UTC."""

    op: Op
    reference: int
    path: str = ""
    utc_us: int = 0

    @classmethod
    def from_bytes(cls, packet: bytes) -> Command:
        """The command in `packet`; DecodeError for an unknown one or data that does not fit."""
        if len(packet) < 2 or packet[0] not in tuple(Op):
            raise DecodeError(MODEL, packet, reason("command_unknown"))
        op, reference, data = Op(packet[0]), packet[1], packet[2:]
        if op in _WITH_PATH and data and 0 not in data:
            return cls(op, reference, path=text(MODEL, packet, data))
        if op is Op.UTC and len(data) == 8:
            return cls(op, reference, utc_us=int.from_bytes(data, "little"))
        if op in _WITH_PATH or op is Op.UTC or data:
            raise DecodeError(MODEL, packet, reason("command_data", name=op.name))
        return cls(op, reference)

    def __bytes__(self) -> bytes:
        """What is written."""
        data = struct.pack("<Q", self.utc_us) if self.op is Op.UTC else self.path.encode("ascii")
        return bytes([self.op, self.reference]) + data


@dataclass(frozen=True, slots=True)
class Reply:
    """How a command ended."""

    reference: int
    status: int
    data: bytes = b""

    @classmethod
    def from_bytes(cls, packet: bytes) -> Reply:
        """The reply in `packet`; DecodeError when it is none."""
        if len(packet) < 4 or packet[0] != REPLY:
            raise DecodeError(MODEL, packet, reason("no_status_reply"))
        return cls(packet[1], int.from_bytes(packet[2:4], "little"), packet[4:])

    def __bytes__(self) -> bytes:
        """The notification."""
        return struct.pack("<BBH", REPLY, self.reference, self.status) + self.data

    @property
    def battery_percent(self) -> int | None:
        """Of a reply to GET /System/Energy/Level; None when the sensor does not know."""
        known = self.status == OK_STATUS and len(self.data) == 1 and self.data[0] <= 100
        return self.data[0] if known else None


@dataclass(frozen=True, slots=True)
class Hello:
    """The reply to HELLO."""

    reference: int
    protocol: int
    serial: str
    product: str
    dfu_mac: str
    app: str
    app_version: str

    @classmethod
    def from_bytes(cls, packet: bytes) -> Hello:
        """The reply in `packet`; DecodeError unless five texts follow the protocol's number."""
        if len(packet) < 3 or packet[0] != REPLY:
            raise DecodeError(MODEL, packet, reason("no_hello"))
        texts = packet[3:].split(b"\0")
        if len(texts) != 6 or texts[-1]:
            raise DecodeError(MODEL, packet, reason("hello_texts"))
        return cls(packet[1], packet[2], *(text(MODEL, packet, one) for one in texts[:-1]))

    def __bytes__(self) -> bytes:
        """The notification."""
        texts = (self.serial, self.product, self.dfu_mac, self.app, self.app_version)
        return bytes([REPLY, self.reference, self.protocol]) + b"".join(one.encode() + b"\0" for one in texts)


@dataclass(frozen=True, slots=True)
class Payload:
    """A measurement: (n, 3) of each sensor that the path names, in SI; None for one that it does not."""

    ts_ms: int
    acc: FloatArray | None = None
    gyr: FloatArray | None = None
    mag: FloatArray | None = None

    @classmethod
    def from_bytes(cls, payload: bytes, path: str) -> Payload:
        """The measurement in `payload`; DecodeError for a length that does not fit or values that are no numbers."""
        names = sensors(payload, path)
        n, rest = divmod(len(payload) - STAMP, TRIPLE * len(names))
        if n < 1 or rest:
            raise DecodeError(MODEL, payload, reason("path_size", path=path, size=TRIPLE * len(names)))
        values: dict[str, FloatArray] = {}
        for at, name in enumerate(names):
            offset = STAMP + at * n * TRIPLE
            values[name] = floats(MODEL, payload, offset, n, name) * _UNITS[name]
        return cls(int.from_bytes(payload[:STAMP], "little"), **values)

    def __bytes__(self) -> bytes:
        """The payload, before it is cut for the link."""
        parts = ((self.acc, "acc"), (self.gyr, "gyr"), (self.mag, "mag"))
        blocks = [
            np.asarray(part / _UNITS[name], "<f4").tobytes() for part, name in parts if part is not None
        ]
        return struct.pack("<I", self.ts_ms) + b"".join(blocks)

    @property
    def n(self) -> int:
        """Samples in the payload."""
        return next(len(part) for part in (self.acc, self.gyr, self.mag) if part is not None)


def sensors(packet: bytes, path: str) -> tuple[str, ...]:
    """What a path measures, in wire order; DecodeError for a path that is none of a motion sensor."""
    found = _PATH.fullmatch(path)
    if found is None or found[1] not in _SENSORS:
        raise DecodeError(MODEL, packet, reason("path_unknown", path=repr(path), known=", ".join(_SENSORS)))
    return _SENSORS[found[1]]


def path_rate_hz(path: str) -> float | None:
    """The rate at the end of a path, None without one."""
    found = _PATH.fullmatch(path)
    return float(found[2]) if found and found[2] else None


class Joining:
    """Payloads of ONE connection out of their parts, each subscription for itself."""

    def __init__(self) -> None:
        """Nothing is pending."""
        self._pending: dict[int, bytes] = {}

    def feed(self, packet: bytes, path: str) -> Payload | None:
        """The payload that `packet` completes, None while parts are missing; a new one replaces a half one.

        DecodeError for a rest without a beginning, for bytes beyond the payload, and as `Payload.from_bytes`.
        """
        if len(packet) < 2 or packet[0] not in (DATA, REST):
            raise DecodeError(MODEL, packet, reason("no_measurement"))
        reference, began = packet[1], self._pending.pop(packet[1], None)
        if packet[0] == REST and began is None:
            raise DecodeError(MODEL, packet, reason("rest_unbegun", reference=reference))
        payload = packet[2:] if packet[0] == DATA else (began or b"") + packet[2:]
        step = TRIPLE * len(sensors(packet, path))
        if len(payload) > STAMP and (len(payload) - STAMP) % step == 0:
            return Payload.from_bytes(payload, path)
        if len(payload) > MAX_PAYLOAD:
            raise DecodeError(MODEL, packet, reason("parts"))
        self._pending[reference] = payload
        return None


MAX_PAYLOAD = 1024
"""Two notifications of the largest ATT value; more is a stream out of step."""
