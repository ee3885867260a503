"""From books to a `Recording`: one grid of the device's own clock, lost samples unmeasured, in the body frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Flag
from osteogait.acquire.books import Books
from osteogait.acquire.clock import sample_rate_hz
from osteogait.acquire.noted import noted_in
from osteogait.acquire.packets import Packet
from osteogait.acquire.recorded import PARTIAL, Recorded, read_recorded
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import LossClass, Samples
from osteogait.devices.reason import reason
from osteogait.errors import StoreError

IRREGULAR_SAMPLES = 1.0
"""A stamp further off the straight line than this means that the device lost time, not packets."""
JOINED_PERIODS = 1.5
"""Rotation sent apart is laid on the times of acceleration between two of its samples no further apart."""
SAME_TIME = 0.1
"""Of a period: two stamps that are nearer are taken as one at the ends of a stretch."""
MIN_PACKETS = 2
SIMULATED = "SIMULATED"
"""How the names of sensors begin that nobody wears: their recordings say so wherever they go."""


def to_recording(path: Path) -> Recording:
    """The samples of a recording file on the device's own grid, in the body frame; lost ones unmeasured.

    Raises
    ------
    StoreError
        The file is none of ours, or holds fewer than two packets, or its sensor has no gyroscope.
    """
    recorded = read_recorded(path)
    books = recorded.books()
    if len(books.main.packets) < MIN_PACKETS:
        raise StoreError("recording_unreadable", path=str(path), reason=reason("too_few_packets"))
    if books.stream is None or not books.stream.has_gyroscope:
        raise StoreError("recording_no_gyroscope", path=str(path))
    sensor = str(recorded.facts["sensor"])
    recording = assemble(books, sensor, _remarks(recorded))
    try:
        trial = noted_in(recorded.facts).on_clock(recording.fs_hz)
    except ValueError as failure:
        why = reason("not_a_recording", problem=failure)
        raise StoreError("recording_unreadable", path=str(path), reason=why) from None
    return body_frame(replace(recording, trial=trial), _worn(recorded.facts))


def assemble(books: Books, sensor: str, remarks: tuple[Flag, ...] = ()) -> Recording:
    """The samples of `books` (kept with `hold`) in the sensor's own axes; ValueError for too few packets."""
    packets = books.main.packets
    fs_hz, misfit = _rate(books)
    acc, gyr = _on_grid(books)
    if books.saturated:
        remarks = (Flag("clipped", "warn"), *remarks)
    if misfit > IRREGULAR_SAMPLES:
        remarks = (*remarks, Flag("device_clock_jumped", "reject", {"samples": round(misfit, 1)}))
    if books.loss is LossClass.UNKNOWN:
        remarks = (*remarks, Flag("arrival_timing", "warn"))
    serial = books.stream.serial if books.stream else None
    return Recording(
        acc, gyr, fs_hz, np.isfinite(acc[:, 0]) & np.isfinite(gyr[:, 0]),
        start_s=packets[0].first / fs_hz,
        sensor=f"{sensor} {serial}" if serial else sensor,
        remarks=remarks,
    )  # fmt: skip


def _rate(books: Books) -> tuple[float, float]:
    """Samples a second of the device's clock in its longest stay, and the worst misfit of a stamp in samples."""
    packets = books.main.packets
    clocks = [one.clock for one in packets]
    longest = max(set(clocks), key=clocks.count)
    here = [one for one in packets if one.clock == longest]
    if books.loss is LossClass.UNKNOWN or len(here) < MIN_PACKETS:
        _, rate = books.line(longest)
        return (books.stream.rate_hz if books.stream else 1.0) / rate, 0.0
    last = np.array([one.first + one.n - 1 for one in here])
    return sample_rate_hz(last, np.array([books.time_s(one) for one in here]))


def _on_grid(books: Books) -> tuple[FloatArray, FloatArray]:
    packets = books.main.packets
    start, n = packets[0].first, books.main.position - packets[0].first
    acc, gyr = np.full((n, 3), np.nan), np.full((n, 3), np.nan)
    apart: list[tuple[Packet, Samples]] = []
    for packet, samples in books.held:
        rows = slice(packet.first - start, packet.first - start + packet.n)
        if samples.acc is None:
            apart.append((packet, samples))
            continue
        acc[rows] = samples.acc
        if samples.gyr is not None:
            gyr[rows] = samples.gyr
    if apart:
        _join(books, apart, gyr)
    return acc, gyr


def _join(books: Books, apart: list[tuple[Packet, Samples]], gyr: FloatArray) -> None:
    """Lay rotation that came in packets of its own on the times of acceleration."""
    rate_hz, start = books.main.rate_hz, books.main.packets[0].first
    grid = np.full(len(gyr), np.nan)
    for packet in books.main.packets:
        grid[packet.first - start : packet.first - start + packet.n] = _times(books, packet, rate_hz)
    times = np.concatenate([_times(books, packet, rate_hz) for packet, _ in apart])
    values = np.concatenate([samples.gyr for _, samples in apart if samples.gyr is not None])
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    slack = SAME_TIME / rate_hz
    near = (times[after - 1] - slack <= grid) & (grid <= times[after] + slack)
    near &= times[after] - times[after - 1] <= JOINED_PERIODS / rate_hz
    for axis in range(3):
        gyr[near, axis] = np.interp(grid[near], times, values[:, axis])


def _times(books: Books, packet: Packet, rate_hz: float) -> FloatArray:
    """(n,) host times of the packet's samples."""
    offset_s, rate = books.line(packet.clock)
    device_s: FloatArray = books.time_s(packet) - np.arange(packet.n - 1, -1, -1) / rate_hz
    return offset_s + rate * device_s


def _remarks(recorded: Recorded) -> tuple[Flag, ...]:
    remarks = []
    if str(recorded.facts.get("sensor")).startswith(SIMULATED):
        remarks.append(Flag("simulated_sensor", "warn"))
    if recorded.interrupted or recorded.facts.get("ended") == PARTIAL:
        remarks.append(Flag("recording_interrupted", "warn"))
    if recorded.damaged_chunks:
        remarks.append(Flag("recording_damaged", "warn", {"chunks": recorded.damaged_chunks}))
    return tuple(remarks)


def _worn(facts: Mapping[str, object]) -> Worn:
    """How the sensor was worn, as the facts say."""
    height, axes = facts.get("height_m"), facts.get("axes")
    whole = isinstance(axes, list) and len(axes) == 3
    up, right, forward = (str(word) for word in axes) if whole and isinstance(axes, list) else ("", "", "")
    return Worn(
        site=str(facts.get("site", "lower_back")),
        axes=(up, right, forward) if whole else None,
        height_m=float(height) if isinstance(height, int | float) else None,
    )


def body_frame(recording: Recording, worn: Worn) -> Recording:
    """The recording turned from the sensor's axes into those of the body."""
    from gaitsignal.readers.axes import assumed_heading, into_body_frame

    recording = replace(recording, height_m=worn.height_m, site=worn.site)
    return assumed_heading(recording) if worn.axes is None else into_body_frame(recording, worn.axes)
