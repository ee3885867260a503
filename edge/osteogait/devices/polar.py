"""Polar measurement data (PMD) of Verity Sense and H10: data frames.

Notification of fb005c82

======  ========  ====================================================================================
offset  type      field
======  ========  ====================================================================================
0       u8        low 6 bits: what is measured: 2 acceleration, 5 rotation, 6 magnetic field
1       u64       ns since 2000-01-01, of the LAST sample
9       u8        bit 7: compressed; low 7 bits: type of the frame
10      payload   raw: int8 / int16 / int24 triples in mG for acceleration of types 0 / 1 / 2
======  ========  ====================================================================================

Compressed payload: a reference sample (channels x bytes), then blocks `width u8 | count u8 | count x channels
differences` of `width` bits, two's complement, least significant bit first, each block filled up to whole bytes. Sums
run in 32 bits and wrap.

============  ====  ========  ====  ========================================
measured      type  channels  bits  value
============  ====  ========  ====  ========================================
acceleration  0     3         16    x factor, g
acceleration  1     3         16    x factor, mG
rotation      0     3         16    x factor, deg/s
rotation      1     3         32    float32 bit patterns, x factor, deg/s
field         0     3         16    x factor, G
field         1     4         16    x factor, mG; the last channel is a status
============  ====  ========  ====  ========================================

The factor comes with the reply to the start command. Source: polarofficial/polar-ble-sdk, documentation and
online_measurement.pdf.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0, FloatArray, demand_finite
from osteogait.errors import DecodeError

IntArray = npt.NDArray[np.int64]

MODEL = "Polar"
SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
TICK_HZ = 1_000_000_000


class Kind(IntEnum):
    """What is measured."""

    ACC = 2
    GYR = 5
    MAG = 6


@dataclass(frozen=True, slots=True)
class _Layout:
    """A compressed frame: channels, bits of the reference sample, unit in SI, float bit patterns or counts."""

    channels: int
    bits: int
    unit: float
    floats: bool = False


_MG, _MILLIGAUSS = 1e-3 * G0, 1e-7
_COMPRESSED = {
    (Kind.ACC, 0): _Layout(3, 16, G0),
    (Kind.ACC, 1): _Layout(3, 16, _MG),
    (Kind.GYR, 0): _Layout(3, 16, DEG),
    (Kind.GYR, 1): _Layout(3, 32, DEG, floats=True),
    (Kind.MAG, 0): _Layout(3, 16, 1e3 * _MILLIGAUSS),
    (Kind.MAG, 1): _Layout(4, 16, _MILLIGAUSS),
}
_RAW_BYTES = {0: 1, 1: 2, 2: 3}
_HEAD = struct.Struct("<BQB")
COMPRESSED = 0x80
KIND_BITS, TYPE_BITS = 0x3F, 0x7F
MAX_WIDTH = 32


@dataclass(frozen=True, slots=True)
class Frame:
    """One notification; `flags` are the two high bits of the first byte."""

    kind: Kind
    ts_last_ns: int
    compressed: bool
    type: int
    payload: bytes
    flags: int = 0

    @classmethod
    def from_bytes(cls, packet: bytes) -> Frame:
        """The frame in `packet`; DecodeError when too short or of something that is not motion."""
        if len(packet) <= _HEAD.size:
            raise DecodeError(MODEL, packet, reason("short_head_sample", size=_HEAD.size))
        first, ts_last_ns, frame = _HEAD.unpack_from(packet)
        if first & KIND_BITS not in tuple(Kind):
            raise DecodeError(MODEL, packet, reason("not_motion", kind=first & KIND_BITS))
        kind = Kind(first & KIND_BITS)
        compressed = bool(frame & COMPRESSED)
        return cls(kind, ts_last_ns, compressed, frame & TYPE_BITS, packet[_HEAD.size :], first & ~KIND_BITS)

    def __bytes__(self) -> bytes:
        """The notification."""
        frame = self.type | (COMPRESSED if self.compressed else 0)
        return _HEAD.pack(self.kind | self.flags, self.ts_last_ns, frame) + self.payload

    def samples(self, factor: float) -> FloatArray:
        """(n, 3) in m/s2, rad/s or T; DecodeError for a payload that does not fit its type."""
        packet = bytes(self)
        if not self.compressed:
            return _raw_acceleration(packet, self)
        layout = _COMPRESSED.get((self.kind, self.type))
        if layout is None:
            raise DecodeError(MODEL, packet, reason("compressed_type", type=self.type))
        counts = decompress(self.payload, layout.channels, layout.bits, packet)[:, :3]
        if not layout.floats:
            return counts.astype(np.float64) * (factor * layout.unit)
        values = counts.astype(np.int32).view(np.float32)
        demand_finite(MODEL, packet, values, "rotation")
        return values.astype(np.float64) * (factor * layout.unit)


def _raw_acceleration(packet: bytes, frame: Frame) -> FloatArray:
    width = _RAW_BYTES.get(frame.type)
    if frame.kind is not Kind.ACC or width is None:
        raise DecodeError(MODEL, packet, reason("raw_type", type=frame.type, kind=int(frame.kind)))
    if len(frame.payload) % (3 * width):
        raise DecodeError(MODEL, packet, reason("raw_size", size=3 * width))
    return _integers(frame.payload, width).astype(np.float64).reshape(-1, 3) * _MG


def _integers(data: bytes, width: int) -> IntArray:
    """Little-endian two's complement integers of `width` bytes."""
    columns = np.frombuffer(data, np.uint8).reshape(-1, width).astype(np.int64)
    values: IntArray = columns @ (1 << 8 * np.arange(width, dtype=np.int64))
    return np.where(values >= 1 << 8 * width - 1, values - (1 << 8 * width), values)


def decompress(payload: bytes, channels: int, bits: int, packet: bytes) -> IntArray:
    """(n, channels) integers; DecodeError, with `packet` shown, for blocks that do not fit the payload."""
    size = bits // 8
    at = channels * size
    if len(payload) < at:
        raise DecodeError(MODEL, packet, reason("reference_size", size=at))
    parts = [_integers(payload[:at], size).reshape(1, channels)]
    while at < len(payload):
        if len(payload) - at < 2:
            raise DecodeError(MODEL, packet, reason("no_count"))
        width, count = payload[at], payload[at + 1]
        length = -(-width * count * channels // 8)
        if not count:  # the maker's own software passes over an empty block
            at += 2
            continue
        if not 0 < width <= MAX_WIDTH or len(payload) < at + 2 + length:
            raise DecodeError(MODEL, packet, reason("block_fit", count=count, width=width))
        parts.append(
            _unpack(payload[at + 2 : at + 2 + length], width, count * channels).reshape(count, channels)
        )
        at += 2 + length
    sums = np.concatenate(parts).cumsum(axis=0)
    wrapped: IntArray = (sums + 2**31) % 2**32 - 2**31
    return wrapped


def _unpack(data: bytes, width: int, n: int) -> IntArray:
    """`n` two's complement integers of `width` bits, least significant bit first."""
    bits = np.unpackbits(np.frombuffer(data, np.uint8), count=n * width, bitorder="little").reshape(n, width)
    weights = 1 << np.arange(width, dtype=np.int64)
    weights[-1] = -weights[-1]
    values: IntArray = bits.astype(np.int64) @ weights
    return values


def compress(samples: Sequence[Sequence[int]] | IntArray, bits: int, block: int = 255) -> bytes:
    """The payload of a compressed frame: the mirror of `decompress`, in blocks of at most `block` differences."""
    values = np.asarray(samples, np.int64)
    head = b"".join((int(one) % (1 << bits)).to_bytes(bits // 8, "little") for one in values[0])
    differences = (np.diff(values, axis=0) + 2**31) % 2**32 - 2**31
    blocks = [differences[at : at + block] for at in range(0, len(differences), block)]
    return head + b"".join(_pack(one) for one in blocks)


def _pack(differences: IntArray) -> bytes:
    low, high = int(differences.min()), int(differences.max())
    width = max(high.bit_length(), (-low - 1).bit_length() if low < 0 else 0) + 1
    flat = differences.ravel() % (1 << width)
    bits = (flat[:, None] >> np.arange(width) & 1).astype(np.uint8)
    return bytes([width, len(differences)]) + np.packbits(bits, bitorder="little").tobytes()


def first_stamp_ns(last_ns: int, n: int, previous_ns: int | None, rate_hz: float | None) -> int | None:
    """Time of a frame's first sample: even from the previous frame's last, or from the rate; None unknown."""
    if n == 1:
        return last_ns
    if previous_ns is not None and previous_ns < last_ns:
        return last_ns - ((n - 1) * (last_ns - previous_ns) * 2 + n) // (2 * n)
    return last_ns - round((n - 1) * 1e9 / rate_hz) if rate_hz else None
