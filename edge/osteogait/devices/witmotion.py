"""WitMotion BLE 5 sensors (WT901BLE67, WT901BLECL 5.0, BWT901BLE5.0, WT9011DCL): frames, registers, commands.

Frames, 20 bytes, several to a notification or cut across two; no checksum, no time, no counter

======  =========  ===========================================================================
offset  type       field
======  =========  ===========================================================================
0       u8 x 2     55 61: motion
2       i16 x 9    ax ay az / 32768 * 16 g | gx gy gz / 32768 * 2000 deg/s | roll pitch yaw
                   / 32768 * 180 deg
0       u8 x 2     55 71: registers, the answer to a read
2       u16        first register
4       i16 x 8    its value and those of the seven after it
======  =========  ===========================================================================

Commands, 5 bytes: `FF AA register low high` writes; `FF AA 27 register 00` reads.

==  ==========================================================================================
03  rate: 01 0.2, 02 0.5, 03 1, 04 2, 05 5, 06 10, 07 20, 08 50, 09 100, 0B 200 Hz
1F  bandwidth: 02 188, 03 98, 04 42, 05 20, 06 10, 07 5 Hz
64  battery, 0.01 V
69  unlock: B5 88 (good for 10 s); 00 save to flash: 0
==  ==========================================================================================

Sources: WT901BLECL datasheet v20-0707; WITMOTION/WitBluetooth_BWT901BLE5_0.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0, FloatArray, demand_length
from osteogait.errors import DecodeError

MODEL = "WitMotion"
# The base is the maker's own, 9a34fb: not that of the Bluetooth SIG, 9b34fb.
SERVICE = "0000ffe5-0000-1000-8000-00805f9a34fb"
NOTIFY = "0000ffe4-0000-1000-8000-00805f9a34fb"
COMMAND = "0000ffe9-0000-1000-8000-00805f9a34fb"
DUAL_SERVICE = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
DUAL_NOTIFY = "49535343-1e4d-4bd9-ba61-23c647249616"
DUAL_COMMAND = "49535343-8841-43f4-a8d4-ecbe34729bb3"

FRAME = 20
MOTION_HEAD, REGISTER_HEAD = b"\x55\x61", b"\x55\x71"
HEADS = (MOTION_HEAD, REGISTER_HEAD)
LONG_REPLY = 22
"""Some firmware is said to answer a read with two bytes more; they belong to no frame."""

ACC_RANGE_G, GYR_RANGE_DPS, ANGLE_RANGE_DEG = 16, 2000, 180
FULLSCALE = 32768
SCALE = np.repeat([ACC_RANGE_G * G0, GYR_RANGE_DPS * DEG, ANGLE_RANGE_DEG * DEG], 3) / FULLSCALE

SAVE, RATE, BANDWIDTH, ALGORITHM, READ = 0x00, 0x03, 0x1F, 0x24, 0x27
MAGNETOMETER, TEMPERATURE, QUATERNION, BATTERY, UNLOCK = 0x3A, 0x40, 0x51, 0x64, 0x69
UNLOCK_VALUE = 0xB588
RATES_HZ = {
    0.2: 0x01, 0.5: 0x02, 1.0: 0x03, 2.0: 0x04, 5.0: 0x05, 10.0: 0x06, 20.0: 0x07, 50.0: 0x08, 100.0: 0x09,
    200.0: 0x0B,
}  # fmt: skip
BANDWIDTHS_HZ = {188: 0x02, 98: 0x03, 42: 0x04, 20: 0x05, 10: 0x06, 5: 0x07}
BATTERY_VOLTS = (
    (3.96, 100), (3.93, 90), (3.87, 75), (3.82, 60), (3.79, 50), (3.77, 40), (3.73, 30), (3.70, 20), (3.68, 15),
    (3.50, 10), (3.40, 5),
)  # fmt: skip
"""The maker's table: at least so many volts, so many percent."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion frame: ax ay az gx gy gz roll pitch yaw in counts."""

    counts: tuple[int, ...]

    @classmethod
    def from_bytes(cls, packet: bytes) -> Motion:
        """The frame in `packet`; DecodeError for another length or head."""
        _demand(packet, MOTION_HEAD)
        return cls(struct.unpack_from("<9h", packet, 2))

    def __bytes__(self) -> bytes:
        """The frame as the sensor sends it."""
        return MOTION_HEAD + struct.pack("<9h", *self.counts)

    @property
    def values(self) -> FloatArray:
        """(3, 3): acceleration m/s2, rotation rad/s, angles rad."""
        scaled: FloatArray = (np.array(self.counts) * SCALE).reshape(3, 3)
        return scaled


@dataclass(frozen=True, slots=True)
class Registers:
    """The answer to a read: eight registers from `first` on."""

    first: int
    raw: tuple[int, ...]

    @classmethod
    def from_bytes(cls, packet: bytes) -> Registers:
        """The frame in `packet`; DecodeError for another length or head."""
        _demand(packet, REGISTER_HEAD)
        first, *raw = struct.unpack_from("<H8h", packet, 2)
        return cls(first, tuple(raw))

    def __bytes__(self) -> bytes:
        """The frame as the sensor sends it."""
        return REGISTER_HEAD + struct.pack("<H8h", self.first, *self.raw)


@dataclass(frozen=True, slots=True)
class Command:
    """A write of `value` to `register`."""

    register: int
    value: int

    @classmethod
    def read(cls, register: int) -> Command:
        """The command that reads `register` and the seven after it."""
        return cls(READ, register)

    @classmethod
    def from_bytes(cls, packet: bytes) -> Command:
        """The command in `packet`; DecodeError for another length or head."""
        demand_length(MODEL, packet, 5)
        if packet[:2] != b"\xff\xaa":
            raise DecodeError(MODEL, packet, reason("command_head"))
        return cls(packet[2], int.from_bytes(packet[3:], "little"))

    def __bytes__(self) -> bytes:
        """What is written."""
        return struct.pack("<BBBH", 0xFF, 0xAA, self.register, self.value)


def rate_command(rate_hz: float) -> Command:
    """The command that sets the rate; ValueError for one that the sensor does not have."""
    return Command(RATE, _code(RATES_HZ, rate_hz, "rate_hz"))


def bandwidth_command(bandwidth_hz: float) -> Command:
    """The command that sets the filter; ValueError for one that the sensor does not have."""
    return Command(BANDWIDTH, _code(BANDWIDTHS_HZ, bandwidth_hz, "bandwidth_hz"))


def battery_percent(volts: float) -> int:
    """What the maker's table says of a voltage."""
    return next((percent for least, percent in BATTERY_VOLTS if volts >= least), 0)


Frame = Motion | Registers


class Reassembly:
    """Whole frames out of the notifications of ONE connection; two sensors must never share one.

    discarded   bytes that belonged to no frame
    """

    def __init__(self) -> None:
        """Begin where the next frame begins."""
        self._rest = b""
        self._in_step = True
        self.discarded = 0

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that `chunk` completes."""
        if not self._rest and self._in_step and len(chunk) == FRAME and chunk[:2] == MOTION_HEAD:
            return [Motion.from_bytes(chunk)]  # nearly all notifications are one whole frame
        data, frames, seam = self._rest + chunk, [], len(self._rest)
        while (head := _next_head(data, seam)) >= 0:
            self._skip(head)
            data, seam = data[head:], seam - head
            if len(data) < FRAME:
                break
            kind = Motion if data[:2] == MOTION_HEAD else Registers
            frames.append(kind.from_bytes(data[:FRAME]))
            data, seam, self._in_step = data[FRAME:], seam - FRAME, True
        else:
            keep = 1 if data.endswith(b"\x55") else 0
            self._skip(len(data) - keep)
            data = data[len(data) - keep :]
        self._rest = data
        return frames

    def _skip(self, n: int) -> None:
        if n:
            self.discarded += n
            self._in_step = False


def _next_head(data: bytes, seam: int) -> int:
    """Where the next frame begins, -1 nowhere; at `seam` a notification ends and the next one begins.

    The two bytes of a head may stand inside a frame by chance, and a frame whose end was lost runs on into the next
    one: of two that overlap the one is taken that begins a notification, or after which another head follows.
    """
    first = _find_head(data, 0)
    if first < 0 or len(data) < first + FRAME or _continues(data, first):
        return first
    other = _find_head(data, first + 1)
    while 0 <= other < first + FRAME:
        if other == seam or (len(data) >= other + FRAME and _continues(data, other)):
            return other
        other = _find_head(data, other + 1)
    return first


def _find_head(data: bytes, start: int) -> int:
    found = [at for head in HEADS if (at := data.find(head, start)) >= 0]
    return min(found, default=-1)


def _continues(data: bytes, at: int) -> bool:
    """True when nothing, or another head, follows the frame at `at`."""
    ends = (FRAME, LONG_REPLY) if data[at : at + 2] == REGISTER_HEAD else (FRAME,)
    return any(head.startswith(data[at + end : at + end + 2]) for end in ends for head in HEADS)


def _demand(packet: bytes, head: bytes) -> None:
    demand_length(MODEL, packet, FRAME)
    if packet[:2] != head:
        raise DecodeError(MODEL, packet, reason("frame_head", head=head.hex()))


def _code(table: dict[float, int] | dict[int, int], value: float, what: str) -> int:
    if value not in table:
        known = ", ".join(f"{one:g}" for one in table)
        raise ValueError(reason("none_of", what=what, found=f"{value:g}", known=known))
    return table[value]  # type: ignore[index]
