"""Decoder throughput: each maker's driver beside the plain struct loop that turns the same bytes into SI numbers.

The loop checks nothing and refuses nothing; the decoder finds frames, tests lengths, versions and not-a-numbers, and
gives arrays. `decoder_rows()` are rows for `make bench`; run alone, this file prints them.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from timing import Row, print_table, side_by_side

from osteogait.devices import movella_dot, movesense, polar, thingy52, witmotion
from osteogait.devices.driver import Driver
from osteogait.devices.movella_driver import MovellaDriver
from osteogait.devices.movesense_driver import MovesenseDriver
from osteogait.devices.open_driver import OpenDriver
from osteogait.devices.open_profile import DATA, DataPacket, Flags, Info
from osteogait.devices.polar_driver import VERITY_SENSE, PolarDriver
from osteogait.devices.thingy52_driver import ThingyDriver
from osteogait.devices.wire import DEG, G0
from osteogait.devices.witmotion_driver import WitMotionDriver

ROUNDS, CALLS = 7, 300
SHARE_BAR = 0.5
"""Percent of a core at the usual rate: a sixth of what the whole sensor path of a sensor may cost."""
INFO = Info(3, 0, 19, 10**6, 100_000, 0.0024, 0.00107, 0.0, 78.0, 35.0, 1, 1, 1, True)
RNG = np.random.default_rng(4)


@dataclass(frozen=True, slots=True)
class Case:
    """A decoder with one notification of `n` samples, the loop for the same bytes, and samples a second in use."""

    name: str
    driver: Driver
    characteristic: str
    value: bytes
    n: int
    rate_hz: float
    plain: Callable[[bytes], object]


def _open_loop(value: bytes) -> list[tuple[float, ...]]:
    rows = []
    for at in range(16, len(value), 12):
        ax, ay, az, gx, gy, gz = struct.unpack_from("<6h", value, at)
        rows.append((ax * 0.0024, ay * 0.0024, az * 0.0024, gx * 0.00107, gy * 0.00107, gz * 0.00107))
    return rows


def _int16_loop(offset: int, acc: float, gyr: float) -> Callable[[bytes], object]:
    def plain(value: bytes) -> tuple[float, ...]:
        ax, ay, az, gx, gy, gz = struct.unpack_from("<6h", value, offset)
        return ax * acc, ay * acc, az * acc, gx * gyr, gy * gyr, gz * gyr

    return plain


def _dot_loop(value: bytes) -> tuple[float, ...]:
    ticks, ax, ay, az, gx, gy, gz = struct.unpack_from("<I6f", value)
    return ticks, ax, ay, az, gx * DEG, gy * DEG, gz * DEG


def _movesense_loop(value: bytes) -> list[tuple[float, ...]]:
    n = (len(value) - 6) // 24
    rows = []
    for k in range(n):
        gx, gy, gz = struct.unpack_from("<3f", value, 6 + 12 * (n + k))
        rows.append((*struct.unpack_from("<3f", value, 6 + 12 * k), gx * DEG, gy * DEG, gz * DEG))
    return rows


def _polar_loop(value: bytes) -> list[tuple[float, ...]]:
    """The same bit stream, bit by bit as the maker's own software reads it."""
    last = list(struct.unpack_from("<3h", value, 10))
    rows, at = [tuple(one * 0.07 for one in last)], 16
    while at < len(value):
        width, count = value[at], value[at + 1]
        size = -(-width * count * 3 // 8)
        stream = int.from_bytes(value[at + 2 : at + 2 + size], "little")
        for _ in range(count):
            for axis in range(3):
                delta = stream & ((1 << width) - 1)
                stream >>= width
                last[axis] += delta - (1 << width) if delta >> (width - 1) else delta
            rows.append(tuple(one * 0.07 for one in last))
        at += 2 + size
    return rows


def cases() -> Iterator[Case]:
    """One notification of each maker, as it comes in use."""
    counts = RNG.integers(-9000, 9000, (5, 6))
    sensor = OpenDriver()
    sensor._info = INFO
    frames = tuple(tuple(int(one) for one in row) for row in counts)
    wire = bytes(DataPacket(Flags(3), 90, 1, 20.0, 5, 5, frames))
    yield Case("open profile, 5 samples", sensor, DATA, wire, 5, 100.0, _open_loop)
    nine = tuple(int(one) for one in RNG.integers(-9000, 9000, 9))
    wire = bytes(witmotion.Motion(nine))
    wit = _int16_loop(2, 16 * G0 / 32768, 2000 * DEG / 32768)
    yield Case("WitMotion, 1 sample", WitMotionDriver(), witmotion.NOTIFY, wire, 1, 100.0, wit)
    wire = bytes(movella_dot.Measurement(21, 5, tuple(np.float32(RNG.normal(size=6)).tolist()), 12))
    yield Case("Movella DOT, 1 sample", MovellaDriver(), movella_dot.MEDIUM, wire, 1, 60.0, _dot_loop)
    sense = MovesenseDriver()
    sense._path = "/Meas/IMU6/104"
    wire = b"\x02\x63" + bytes(movesense.Payload(5, RNG.normal(size=(8, 3)), RNG.normal(size=(8, 3))))
    yield Case("Movesense, 8 samples", sense, movesense.NOTIFY, wire, 8, 104.0, _movesense_loop)
    verity = PolarDriver(VERITY_SENSE)
    verity._factors = {polar.Kind.GYR: 0.07}
    payload = polar.compress(RNG.integers(-500, 500, (36, 3)).cumsum(axis=0) // 4, 16, block=12)
    wire = bytes(polar.Frame(polar.Kind.GYR, 5, True, 0, payload))
    yield Case("Polar, 36 compressed samples", verity, polar.DATA, wire, 36, 104.0, _polar_loop)
    wire = bytes(thingy52.Raw(nine))
    thingy = _int16_loop(0, G0 / 1024, DEG / 32)
    yield Case("Thingy:52, 1 sample", ThingyDriver(), thingy52.RAW, wire, 1, 100.0, thingy)


def decoder_rows() -> list[Row]:
    """Share of a core at the usual rate for each maker, with the ratio to the plain loop beside it."""
    rows = []
    for case in cases():
        driver, characteristic, value, plain = case.driver, case.characteristic, case.value, case.plain
        ours_s, plain_s = side_by_side(
            lambda driver=driver, uuid=characteristic, value=value: driver.decode(uuid, value),
            lambda plain=plain, value=value: plain(value),
            rounds=ROUNDS,
            repeats=CALLS,
        )
        percent = 100.0 * ours_s * case.rate_hz / case.n
        note = f"{1e6 * ours_s:.1f} us, {ours_s / plain_s:.1f} x the loop, {case.n / ours_s:,.0f} samples/s"
        rows.append(Row(f"decode {case.name}: share of a core", percent, "%", SHARE_BAR, note))
    return rows


if __name__ == "__main__":
    sys.exit(0 if print_table(decoder_rows()) else 1)
