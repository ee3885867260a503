"""Numbers as they stand in packets: little-endian float32 that must be numbers, counts that take a scale."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

FloatArray = npt.NDArray[np.float64]

G0 = 9.80665
"""Standard gravity, m/s2 (CGPM 1901)."""
DEG = math.pi / 180.0
INT16_LOW, INT16_HIGH = -32768, 32767


def floats(model: str, packet: bytes, offset: int, rows: int, what: str) -> FloatArray:
    """(rows, 3) of the float32 triples at `offset`; DecodeError when one of them is NaN or infinite."""
    values = np.frombuffer(packet, "<f4", 3 * rows, offset).reshape(rows, 3)
    demand_finite(model, packet, values, what)
    return values.astype(np.float64)


def demand_finite(model: str, packet: bytes, values: npt.NDArray[np.floating], what: str) -> None:
    """DecodeError that names the first value which is NaN or infinite.

    float32 values are looked at before they are widened: widening a signalling NaN is a warning of its own.
    """
    finite = np.isfinite(values)
    if not finite.all():
        place = ", ".join(str(int(at)) for at in np.argwhere(~finite)[0])
        raise DecodeError(model, packet, reason("not_number", what=what, place=place))


def demand_length(model: str, packet: bytes, length: int) -> None:
    """DecodeError unless the packet has `length` bytes."""
    if len(packet) != length:
        raise DecodeError(model, packet, reason("needs_bytes", size=length))


def text(model: str, packet: bytes, value: bytes) -> str:
    """Printable ASCII up to the padding NULs; DecodeError for anything else."""
    cut = value.rstrip(b"\0")
    if any(not 0x20 <= byte < 0x7F for byte in cut):
        raise DecodeError(model, packet, reason("not_ascii"))
    return cut.decode("ascii")
