"""One recording session: start the sensor, keep and count everything it sends, stop it, close the books."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from osteogait.acquire.clock import ClockModel, fit_clock, unwrap_ticks
from osteogait.acquire.continuity import Continuity
from osteogait.acquire.recorder import Recorder
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, DATA, INFO, DataPacket, Info
from osteogait.errors import DecodeError, DeviceNotFound, QualityGateFailed
from osteogait.radio.link import Link, Notification

PACKET_FRAMES = 5
"""20 packets a second at 100 Hz: one a connection event at 50 ms, the slowest default of a Pi."""
SILENCE_S = 5.0
STOP_S = 5.0
RATE_TOLERANCE = 0.03
RATE_CHECK_S = 3.0
GOOD_LOSS, LIMITED_LOSS = 0.01, 0.05
"""Share of lost samples up to which a trial is good, or limited; beyond it is to be repeated."""


@dataclass(frozen=True, slots=True)
class Worn:
    """Where the sensor sits and on whom: directions of its x, y, z axes as worn, body height in m."""

    site: str = "lower_back"
    axes: tuple[str, str, str] | None = ("up", "right", "forward")
    height_m: float | None = None


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What a session kept, in samples; `uncounted` are samples that no counter explains: must be 0, None
    when the link had gone before the sensor told its own count."""

    path: Path
    sensor: str
    received: int
    lost_link: int
    lost_sensor: int
    duplicate_packets: int
    undecodable: int
    uncounted: int | None
    nominal_rate_hz: float
    rate_hz: float
    clock: ClockModel
    battery_percent: int | None

    @property
    def lost(self) -> int:
        """Samples lost on the link and at the sensor."""
        return self.lost_link + self.lost_sensor

    @property
    def verdict(self) -> str:
        """`good`, `limited` or `repeat`, by the share of lost samples."""
        share = self.lost / max(1, self.received + self.lost)
        if self.uncounted or share > LIMITED_LOSS or not self.clock.credible:
            return "repeat"
        return "good" if share <= GOOD_LOSS else "limited"


@dataclass(slots=True)
class _Books:
    """What the session counts while it runs."""

    continuity: Continuity = field(default_factory=lambda: Continuity(first_index=0))
    undecodable: int = 0
    battery_percent: int | None = None
    firsts: list[int] = field(default_factory=list)
    ticks: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    arrivals_ns: list[int] = field(default_factory=list)

    def enter(self, notification: Notification) -> None:
        """Count one DATA notification."""
        try:
            packet = DataPacket.from_bytes(notification.value)
        except DecodeError:
            self.undecodable += 1
            return
        first = self.continuity.accept(packet)
        if first is not None:
            self.battery_percent = packet.battery_percent
            self.firsts.append(first)
            self.ticks.append(packet.ticks)
            self.frames.append(packet.n)
            self.arrivals_ns.append(notification.monotonic_ns)


async def record(
    link: Link,
    path: Path,
    seconds: float | None = None,
    *,
    worn: Worn | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> RecordingSummary:
    """Record `seconds` (None: until the link ends) into the new file `path`; the link is closed at the end.

    `on_progress` hears the number of samples so far. Cancelling leaves the sensor stopped and the file
    complete.

    Raises
    ------
    StoreError
        The file exists or cannot be written.
    DeviceNotFound
        The sensor refuses to start or falls silent.
    QualityGateFailed
        It delivers another rate than it promised.
    """
    try:
        info = Info.from_bytes(await link.read(INFO))
        recorder = Recorder(path, _facts(link, info, worn or Worn()), (DATA, CONTROL))
        await asyncio.to_thread(recorder.wait_ready)
        books = _Books()
        try:
            await _start(link, recorder)
            await _stream(link, recorder, books, _target(seconds, info), on_progress)
        finally:
            try:
                uncounted = await _stop(link, recorder, books)
            finally:
                counts = {"received": books.continuity.received, "lost": books.continuity.lost}
                await asyncio.to_thread(recorder.close, counts)
    finally:
        await link.close()
    return _summary(path, link, info, books, uncounted)


def _target(seconds: float | None, info: Info) -> float:
    return math.inf if seconds is None else seconds * info.rate_hz


def _facts(link: Link, info: Info, worn: Worn) -> dict[str, object]:
    return {
        "sensor": link.name,
        "info": bytes(info).hex(),
        "started_utc": datetime.now(UTC).isoformat(),
        "started_monotonic_ns": time.monotonic_ns(),
        "site": worn.site,
        "axes": None if worn.axes is None else list(worn.axes),
        "height_m": worn.height_m,
    }


async def _start(link: Link, recorder: Recorder) -> None:
    await link.subscribe(CONTROL)
    await link.subscribe(DATA)
    await link.write(CONTROL, bytes(Request(Op.START, 1, (0, PACKET_FRAMES))))
    reply = await _reply(link, recorder, Op.START, None)
    if reply is None or reply.status is not Status.OK:
        reason = "no reply" if reply is None else reply.status.name.lower()
        raise DeviceNotFound("sensor_refused", sensor=link.name, reason=reason)


async def _stream(
    link: Link,
    recorder: Recorder,
    books: _Books,
    target: float,
    on_progress: Callable[[int], None] | None,
) -> None:
    while books.continuity.position < target:
        notification = await _receive(link)
        if notification is None:
            return
        await _keep(recorder, notification)
        if notification.characteristic == DATA:
            books.enter(notification)
            if on_progress:
                on_progress(books.continuity.position)


async def _receive(link: Link) -> Notification | None:
    try:
        async with asyncio.timeout(SILENCE_S):
            return await link.receive()
    except TimeoutError:
        raise DeviceNotFound("sensor_silent", sensor=link.name, seconds=SILENCE_S) from None


async def _keep(recorder: Recorder, notification: Notification) -> None:
    while recorder.crowded:
        await asyncio.sleep(0.005)
    recorder.put(notification)


async def _reply(link: Link, recorder: Recorder, op: Op, books: _Books | None) -> Reply | None:
    """The reply to `op`; packets that come before it are kept and counted too."""
    while (notification := await _receive(link)) is not None:
        await _keep(recorder, notification)
        if notification.characteristic == DATA and books is not None:
            books.enter(notification)
        elif notification.characteristic == CONTROL:
            reply = Reply.from_bytes(notification.value)
            if reply.op is op:
                return reply
    return None


async def _stop(link: Link, recorder: Recorder, books: _Books) -> int | None:
    """Stop the sensor and close the books: samples that no counter explains, None when it did not tell."""
    try:
        async with asyncio.timeout(STOP_S):
            await link.write(CONTROL, bytes(Request(Op.STOP, 2)))
            reply = await _reply(link, recorder, Op.STOP, books)
    except (TimeoutError, DeviceNotFound, DecodeError):
        return None  # the link is gone: nothing more can be learnt, and the file says how far it got
    if reply is None or not reply.values:
        return None
    return _settle(books, reply.payload)


def _settle(books: _Books, device: dict[str, int]) -> int:
    """Count packets lost after the last one that arrived; what then remains beyond a tail is unexplained."""
    frames = books.frames[-1] if books.frames else PACKET_FRAMES
    late_packets = (device["built"] - books.continuity.next_seq) % 2**16
    books.continuity.lost_link += late_packets * frames
    left = device["samples"] - books.continuity.received - books.continuity.lost
    return left if left < 0 or left >= frames else 0


def _summary(path: Path, link: Link, info: Info, books: _Books, uncounted: int | None) -> RecordingSummary:
    if len(books.ticks) < 2:
        raise DeviceNotFound("sensor_silent", sensor=link.name, seconds=SILENCE_S)
    ticks = unwrap_ticks(np.array(books.ticks, dtype=np.int64)) / info.tick_hz
    last = ticks + (np.array(books.frames) - 1) / info.rate_hz
    clock = fit_clock(last, np.array(books.arrivals_ns) / 1e9)
    counted = books.continuity
    elapsed_s = float(ticks[-1] - ticks[0]) * clock.rate
    rate_hz = (books.firsts[-1] - books.firsts[0]) / elapsed_s
    if elapsed_s >= RATE_CHECK_S and abs(rate_hz / info.rate_hz - 1.0) > RATE_TOLERANCE:
        raise QualityGateFailed(
            "sensor_rate", sensor=link.name, nominal=info.rate_hz, counted=round(rate_hz, 2)
        )
    return RecordingSummary(
        path, link.name, counted.received, counted.lost_link, counted.lost_sensor, counted.duplicate_packets,
        books.undecodable, uncounted, info.rate_hz, rate_hz, clock, books.battery_percent,
    )  # fmt: skip
