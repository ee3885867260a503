"""Captures of Nordic Thingy:52 (`thingy52`)."""

from __future__ import annotations

from osteogait.captures.capture import Document, Fields, Kind, each
from osteogait.devices import thingy52
from osteogait.devices.thingy52 import Config, Raw

U16 = 0xFFFF


def _raw(packet: bytes) -> Document:
    acc, gyr, mag = Raw.from_bytes(packet).values.tolist()
    return {"acc_m_s2": acc, "gyr_rad_s": gyr, "mag_t": mag}


def _quaternion(packet: bytes) -> Document:
    return {"quat_wxyz": list(thingy52.quaternion(packet))}


def _euler(packet: bytes) -> Document:
    roll, pitch, yaw = thingy52.euler(packet)
    return {"roll_rad": roll, "pitch_rad": pitch, "yaw_rad": yaw}


def _config(packet: bytes) -> Document:
    config = Config.from_bytes(packet)
    return {
        "pedometer_ms": config.pedometer_ms,
        "temperature_ms": config.temperature_ms,
        "compass_ms": config.compass_ms,
        "motion_hz": config.motion_hz,
        "wake_on_motion": config.wake_on_motion,
    }


def _settings(wanted: Fields) -> bytes:
    names = ("pedometer_ms", "temperature_ms", "compass_ms", "motion_hz", "wake_on_motion")
    return bytes(Config(*(wanted.whole(name, U16) for name in names)))


TABLE = {
    thingy52.RAW: Kind(lambda capture: each(capture, _raw)),
    thingy52.QUATERNION: Kind(lambda capture: each(capture, _quaternion)),
    thingy52.EULER: Kind(lambda capture: each(capture, _euler)),
    thingy52.CONFIG: Kind(lambda capture: each(capture, _config), _settings, _config),
}
