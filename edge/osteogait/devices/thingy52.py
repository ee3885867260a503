"""Nordic Thingy:52, motion service ef680400 (base ef68xxxx-9b35-4933-9b10-52ffa9740042); no time, no counter.

====  ================  ===========================================================================
0401  read and write    u16 pedometer, ms (100-5000) | u16 temperature, ms | u16 compass, ms
                        (100-1000) | u16 motion, Hz (5-200) | u8 wake on motion
0404  notify            i32 x 4 quaternion wxyz / 2^30
0406  notify            i16 x 9: acceleration / 1024 g | rotation / 32 deg/s | field / 16 uT
0407  notify            i32 x 3 roll pitch yaw / 65536 deg
====  ================  ===========================================================================

Source: NordicSemiconductor/Nordic-Thingy52-FW, ble_tms.h and m_motion.c.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from osteogait.devices.reason import Reason, reason
from osteogait.devices.wire import DEG, G0, FloatArray, demand_length
from osteogait.errors import DecodeError

MODEL = "Thingy:52"


def _uuid(part: int) -> str:
    return f"ef68{part:04x}-9b35-4933-9b10-52ffa9740042"


ADVERTISED, SERVICE = _uuid(0x0100), _uuid(0x0400)
CONFIG, QUATERNION, RAW, EULER = (_uuid(part) for part in (0x0401, 0x0404, 0x0406, 0x0407))
LOWEST_HZ, HIGHEST_HZ = 5, 200
ACC_LIMIT_G, GYR_LIMIT_DPS = 31, 1023
"""Where the firmware cuts the values off."""
_SCALE = np.repeat([G0 / 1024.0, DEG / 32.0, 1e-6 / 16.0], 3)
_LIMITS_MS = (("pedometer_ms", 100, 5000), ("temperature_ms", 100, 5000), ("compass_ms", 100, 1000))


@dataclass(frozen=True, slots=True)
class Raw:
    """One sample: acceleration, rotation, field in counts."""

    counts: tuple[int, ...]

    @classmethod
    def from_bytes(cls, packet: bytes) -> Raw:
        """The sample in `packet`; DecodeError for another length."""
        demand_length(MODEL, packet, 18)
        return cls(struct.unpack("<9h", packet))

    def __bytes__(self) -> bytes:
        """The notification."""
        return struct.pack("<9h", *self.counts)

    @property
    def values(self) -> FloatArray:
        """(3, 3): acceleration m/s2, rotation rad/s, field T."""
        scaled: FloatArray = (np.array(self.counts) * _SCALE).reshape(3, 3)
        return scaled

    @property
    def saturated(self) -> bool:
        """True when acceleration or rotation stands where the firmware cuts it off."""
        acc, gyr = self.counts[:3], self.counts[3:6]
        return max(map(abs, acc)) >= ACC_LIMIT_G * 1024 or max(map(abs, gyr)) >= GYR_LIMIT_DPS * 32


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the motion service."""

    pedometer_ms: int
    temperature_ms: int
    compass_ms: int
    motion_hz: int
    wake_on_motion: int

    def __post_init__(self) -> None:
        """ValueError for a setting that the firmware refuses."""
        if problem := self._problem():
            raise ValueError(problem)

    @classmethod
    def from_bytes(cls, packet: bytes) -> Config:
        """The settings in `packet`; DecodeError for another length or an impossible value."""
        demand_length(MODEL, packet, 9)
        try:
            return cls(*struct.unpack("<4HB", packet))
        except ValueError as error:
            raise DecodeError(MODEL, packet, reason("setting_outside", problem=error.args[0])) from None

    def __bytes__(self) -> bytes:
        """What is written."""
        return struct.pack(
            "<4HB",
            self.pedometer_ms,
            self.temperature_ms,
            self.compass_ms,
            self.motion_hz,
            self.wake_on_motion,
        )

    def _problem(self) -> Reason | None:
        for name, low, high in (*_LIMITS_MS, ("motion_hz", LOWEST_HZ, HIGHEST_HZ), ("wake_on_motion", 0, 1)):
            if not low <= getattr(self, name) <= high:
                return reason("outside", name=name, found=getattr(self, name), low=low, high=high)
        return None


def quaternion(packet: bytes) -> tuple[float, ...]:
    """Wxyz of a notification of 0404; DecodeError for another length."""
    demand_length(MODEL, packet, 16)
    return tuple(one / 2**30 for one in struct.unpack("<4i", packet))


def euler(packet: bytes) -> tuple[float, ...]:
    """Roll, pitch, yaw in rad of a notification of 0407; DecodeError for another length."""
    demand_length(MODEL, packet, 12)
    return tuple(one / 65536 * DEG for one in struct.unpack("<3i", packet))
