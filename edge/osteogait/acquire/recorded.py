"""A recording file read back: raw packets decoded once more into a `Recording`."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag
from osteogait.acquire.clock import sample_rate_hz
from osteogait.acquire.continuity import Continuity
from osteogait.acquire.recorder import FORMAT, unpack
from osteogait.devices.open_profile import DATA, DataPacket, Flags, Info, acceleration, rotation
from osteogait.errors import DecodeError, StoreError
from osteogait.radio.link import Notification

IRREGULAR_SAMPLES = 1.0
"""A stamp further off the straight line than this means that the device lost time, not packets."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recording file holds: its facts, its notifications, and chunks that fail their checksum."""

    facts: Mapping[str, object]
    notifications: tuple[Notification, ...]
    damaged_chunks: int

    @property
    def interrupted(self) -> bool:
        """True when the recorder was never closed (power cut, crash): the rest is still good."""
        return not self.facts.get("closed")


def read_recorded(path: Path) -> Recorded:
    """The content of the recording file `path`; StoreError when it is none."""
    if not path.is_file():
        raise StoreError("recording_unreadable", path=str(path), reason="no such file")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            facts = {name: json.loads(value) for name, value in db.execute("SELECT name, value FROM fact")}
            streams = dict(db.execute("SELECT id, characteristic FROM stream"))
            chunks = db.execute("SELECT crc32, body FROM chunk ORDER BY seq").fetchall()
    except (sqlite3.Error, ValueError) as failure:
        raise StoreError("recording_unreadable", path=str(path), reason=str(failure)) from None
    if facts.get("format") != FORMAT:
        raise StoreError("recording_unreadable", path=str(path), reason=f"format {facts.get('format')}")
    good = [body for crc, body in chunks if zlib.crc32(body) == crc]
    try:
        entries = [entry for body in good for entry in unpack(body)]
        notifications = tuple(Notification(ns, streams[stream], value) for ns, stream, value in entries)
    except (struct.error, KeyError) as failure:
        raise StoreError("recording_unreadable", path=str(path), reason=repr(failure)) from None
    return Recorded(facts, notifications, len(chunks) - len(good))


def to_recording(path: Path) -> Recording:
    """The samples of a recording file on the device's own grid, in the body frame; lost ones unmeasured.

    Raises
    ------
    StoreError
        The file is none of ours, or holds fewer than two packets, or its sensor has no gyroscope.
    """
    recorded = read_recorded(path)
    info = Info.from_bytes(bytes.fromhex(str(recorded.facts["info"])))
    firsts, packets = accepted_packets(recorded.notifications)
    if len(packets) < 2 or not info.sensors & Flags.GYROSCOPE:
        reason = "too few packets" if len(packets) < 2 else "the sensor has no gyroscope"
        raise StoreError("recording_unreadable", path=str(path), reason=reason)
    ticks = np.array([packet.ticks for packet in packets], dtype=np.int64)
    fs_hz, misfit = sample_rate_hz(np.array(firsts), ticks, info.tick_hz)
    acc, gyr = _on_grid(firsts, packets, info)
    recording = Recording(
        acc, gyr, fs_hz, np.isfinite(acc[:, 0]),
        start_s=firsts[0] / fs_hz,
        sensor=f"{recorded.facts['sensor']} {info.serial:016x}",
        remarks=_remarks(recorded, packets, misfit),
    )  # fmt: skip
    return _worn(recording, recorded.facts)


def accepted_packets(notifications: tuple[Notification, ...]) -> tuple[list[int], list[DataPacket]]:
    """First sample number and packet of everything that decodes, duplicates dropped."""
    continuity = Continuity(first_index=0)
    firsts, packets = [], []
    for notification in notifications:
        if notification.characteristic != DATA:
            continue
        try:
            packet = DataPacket.from_bytes(notification.value)
        except DecodeError:
            continue  # its samples are missing from the count and so show as a gap
        first = continuity.accept(packet)
        if first is not None:
            firsts.append(first)
            packets.append(packet)
    return firsts, packets


def _on_grid(firsts: list[int], packets: list[DataPacket], info: Info) -> tuple[FloatArray, FloatArray]:
    n = firsts[-1] + packets[-1].n - firsts[0]
    acc, gyr = np.full((n, 3), np.nan), np.full((n, 3), np.nan)
    for first, packet in zip(firsts, packets, strict=True):
        rates = rotation(packet, info)
        if rates is None:
            continue  # left unmeasured: half a sample is none
        rows = slice(first - firsts[0], first - firsts[0] + packet.n)
        acc[rows], gyr[rows] = acceleration(packet, info), rates
    return acc, gyr


def _remarks(recorded: Recorded, packets: list[DataPacket], misfit: float) -> tuple[Flag, ...]:
    remarks = []
    if any(packet.flags & Flags.SATURATED for packet in packets):
        remarks.append(Flag("clipped", "warn"))
    if recorded.interrupted:
        remarks.append(Flag("recording_interrupted", "warn"))
    if recorded.damaged_chunks:
        remarks.append(Flag("recording_damaged", "warn", {"chunks": recorded.damaged_chunks}))
    if misfit > IRREGULAR_SAMPLES:
        remarks.append(Flag("device_clock_jumped", "reject", {"samples": round(misfit, 1)}))
    return tuple(remarks)


def _worn(recording: Recording, facts: Mapping[str, object]) -> Recording:
    """The recording in the body frame, as the facts say the sensor was worn."""
    from gaitsignal.readers.axes import assumed_heading, into_body_frame

    height, axes = facts.get("height_m"), facts.get("axes")
    recording = replace(
        recording,
        height_m=float(height) if isinstance(height, int | float) else None,
        site=str(facts.get("site", "lower_back")),
    )
    if isinstance(axes, list) and len(axes) == 3:
        up, right, forward = (str(word) for word in axes)
        return into_body_frame(recording, (up, right, forward))
    return assumed_heading(recording)
