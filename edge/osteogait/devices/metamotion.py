"""MbientLab MetaMotion: live acceleration and rotation, decoded only; no time, no counter.

Notification of 326a9006: `module u8 | register u8 | data`; command, written to 326a9001: the same.

=========  =========================================================================================
bytes      meaning
=========  =========================================================================================
03 04      acceleration, i16 x 3 (03 05 on boards with a BMI270)
03 1C      acceleration, three samples
13 05      rotation, i16 x 3
13 07      rotation, three samples
03 03, 13 03    rate and filter u8, range u8: as the registers of a BMI160
03 04 01   notify acceleration (13 05: rotation); 00 no more
03 01 01   start (13 01: rotation); 00 stop
=========  =========================================================================================

Counts a g: 16384, 8192, 4096, 2048 for 2, 4, 8, 16 g; a deg/s: 16.4, 32.8, 65.6, 131.2, 262.4 for 2000, 1000, 500, 250,
125 deg/s. A protocol for the maker's own products; facts from its public tests.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from osteogait.devices.reason import reason
from osteogait.devices.wire import DEG, G0, FloatArray
from osteogait.errors import DecodeError

MODEL = "MetaMotion"
SERVICE = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY = "326a9006-85cb-9195-d9dd-464cfbbae75a"
ACC, GYR = 0x03, 0x13

ENABLE, CONFIG = 0x01, 0x03
_SAMPLES = {(ACC, 0x04): 1, (ACC, 0x05): 1, (ACC, 0x1C): 3, (GYR, 0x05): 1, (GYR, 0x07): 3}
_NOTIFIED = {ACC: 0x04, GYR: 0x05}
_NORMAL_FILTER = 0x20
_RATE_CODES = {12.5: 5, 25: 6, 50: 7, 100: 8, 200: 9, 400: 10, 800: 11, 1600: 12}
_ACC_RANGES = {2: 0x03, 4: 0x05, 8: 0x08, 16: 0x0C}
_GYR_RANGES = {2000: 0, 1000: 1, 500: 2, 250: 3, 125: 4}


@dataclass(frozen=True, slots=True)
class Packet:
    """One notification; `counts` are n triples."""

    module: int
    register: int
    counts: tuple[int, ...]

    @classmethod
    def from_bytes(cls, packet: bytes) -> Packet:
        """The samples in `packet`; DecodeError for an unknown module or register, or another length."""
        n = _SAMPLES.get((packet[0], packet[1])) if len(packet) >= 2 else None
        if n is None:
            raise DecodeError(MODEL, packet, reason("not_acc_gyr"))
        if len(packet) != 2 + 6 * n:
            raise DecodeError(MODEL, packet, reason("needs_bytes", size=2 + 6 * n))
        return cls(packet[0], packet[1], struct.unpack_from(f"<{3 * n}h", packet, 2))

    def __bytes__(self) -> bytes:
        """The notification."""
        return bytes([self.module, self.register]) + struct.pack(f"<{len(self.counts)}h", *self.counts)

    def values(self, counts_per_unit: float) -> FloatArray:
        """(n, 3) in m/s2 or rad/s; `counts_per_unit` of a g or a deg/s."""
        unit = G0 if self.module == ACC else DEG
        scaled: FloatArray = np.array(self.counts).reshape(-1, 3) * (unit / counts_per_unit)
        return scaled


def subscribe(module: int, *, on: bool = True, register: int | None = None) -> bytes:
    """The command that switches a module's notifications on or off; ValueError for another module or register."""
    usual = _of_module(_NOTIFIED, module)
    chosen = usual if register is None else register
    if (module, chosen) not in _SAMPLES:
        known = ", ".join(str(one) for of, one in _SAMPLES if of == module)
        raise ValueError(reason("none_of", what="register", found=chosen, known=known))
    return bytes([module, chosen, on])


def start(module: int, *, on: bool = True) -> bytes:
    """The command that starts or stops a module; ValueError for another module."""
    _of_module(_NOTIFIED, module)
    return bytes([module, ENABLE, on])


def configure(module: int, odr_hz: float, range_: int) -> bytes:
    """The command that sets rate and range (g or deg/s); ValueError for one that the boards do not have."""
    ranges = _ACC_RANGES if module == ACC else _GYR_RANGES
    _of_module(_NOTIFIED, module)
    lowest = 12.5 if module == ACC else 25
    if odr_hz not in _RATE_CODES or odr_hz < lowest:
        known = ", ".join(f"{one:g}" for one in _RATE_CODES if one >= lowest)
        raise ValueError(reason("none_of", what="odr_hz", found=f"{odr_hz:g}", known=known))
    if range_ not in ranges:
        known = ", ".join(str(one) for one in ranges)
        raise ValueError(reason("none_of", what="range", found=range_, known=known))
    return bytes([module, CONFIG, _NORMAL_FILTER | _RATE_CODES[odr_hz], ranges[range_]])


@dataclass(frozen=True, slots=True)
class Command:
    """A command in words: `what` of subscribe, start, configure; `on`, or rate and range."""

    module: int
    what: str
    register: int
    on: bool = True
    odr_hz: float = 0.0
    range_: int = 0

    @classmethod
    def from_bytes(cls, packet: bytes) -> Command:
        """The command in `packet`, the mirror of `subscribe`, `start` and `configure`; DecodeError for another one."""
        module, register, *data = packet if len(packet) in (3, 4) else (0, 0)
        known = module in _NOTIFIED
        if (
            known
            and len(data) == 1
            and data[0] <= 1
            and (register == ENABLE or (module, register) in _SAMPLES)
        ):
            return cls(module, "start" if register == ENABLE else "subscribe", register, on=bool(data[0]))
        rates = {code: hz for hz, code in _RATE_CODES.items()}
        ranges = {code: range_ for range_, code in (_ACC_RANGES if module == ACC else _GYR_RANGES).items()}
        if (
            known
            and len(data) == 2
            and register == CONFIG
            and data[0] ^ _NORMAL_FILTER in rates
            and data[1] in ranges
        ):
            rate, range_ = rates[data[0] ^ _NORMAL_FILTER], ranges[data[1]]
            return cls(module, "configure", register, odr_hz=rate, range_=range_)
        raise DecodeError(MODEL, packet, reason("command_unknown"))


def _of_module(table: dict[int, int], module: int) -> int:
    if module not in table:
        raise ValueError(reason("module_unknown", module=module, acc=ACC, gyr=GYR))
    return table[module]
