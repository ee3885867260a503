"""One sensor's session as a state machine: find, connect, settle, record, survive drop-outs, stop, review."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from osteogait.acquire.books import Books
from osteogait.acquire.ending import Ending
from osteogait.acquire.journal import Journal
from osteogait.acquire.limits import LIMITS, Limits
from osteogait.acquire.sensor_link import SensorLink
from osteogait.acquire.stage import Stage
from osteogait.acquire.state import Event, State
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.uninterrupted import uninterrupted
from osteogait.acquire.watch import Watch
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import Driver, Samples, Settings
from osteogait.devices.reason import percent
from osteogait.errors import DeviceNotFound, OsteogaitError
from osteogait.radio.entry import Entry
from osteogait.radio.link import Notification
from osteogait.radio.source import Source

RETRIED = ("link_lost", "link_timeout", "sensor_not_seen")
"""A new attempt may mend these; a refusal it does not."""
NS = 1e-9


class Session:
    """Records one sensor into one new file; made for one trial, run once."""

    def __init__(
        self,
        source: Source,
        path: Path | None,
        *,
        settings: Settings | None = None,
        worn: Worn | None = None,
        limits: Limits = LIMITS,
        on_event: Callable[[Event], None] | None = None,
        on_samples: Callable[[int, Samples], None] | None = None,
    ) -> None:
        """Nothing is touched before `run`. Without `path` nothing is kept but the samples, in memory.

        `on_event` hears every event, `on_samples` the position and the samples of every accepted packet.
        """
        self.source, self.limits = source, limits
        self.settings, self.worn = settings or Settings(), worn or Worn()
        self.books = Books(source.model.loss, hold=path is None)
        self.journal = Journal(path, limits, on_event)
        self.stage = Stage(source.name, self.journal)
        self.on_samples = on_samples
        self._sensor = SensorLink(source, self.journal, self.books, limits, self._tell_samples)
        self._watch: asyncio.Timeout | None = None
        self._watcher = Watch(source.name, self.driver, self.books, self.journal, self.stage, limits)
        self._ending = Ending(source, self._sensor, self.books, self.journal, self.stage, limits)
        self._finishing = False
        self._last_packet_s = 0.0

    # --- the main flow ------------------------------------------------------------------------------------------
    async def run(self, seconds: float | None = None) -> RecordingSummary:
        """Record `seconds` (None: until the source ends or `finish` is called); the sensor is always stopped.

        Cancelling leaves the sensor stopped, the link closed and the file complete.

        Raises
        ------
        StoreError
            The file exists, the disk is full or failed; what was durable before stays.
        DeviceNotFound
            The sensor is not there, refuses, or sent nothing at all.
        QualityGateFailed
            It delivers another rate than it promised, or its battery is too low to begin.
        """
        ended, failure = "stopped", None
        try:
            await self._open_file()
            await self._find()
            ended = await self._record(math.inf if seconds is None else seconds)
        except OsteogaitError as error:
            failure = error
            raise
        finally:
            await uninterrupted(self._ending.close(ended, failure))
        return self._ending.summary(ended)

    @property
    def state(self) -> State:
        """Where the session is."""
        return self.stage.state

    @property
    def driver(self) -> Driver:
        """Who speaks to the sensor."""
        return self._sensor.driver

    def finish(self) -> None:
        """End the trial now, as if its time were over."""
        self._finishing = True
        if self._watch is not None:
            with suppress(RuntimeError):  # nothing is being waited for just now: the flag is looked at next
                self._watch.reschedule(asyncio.get_running_loop().time())

    async def _record(self, seconds: float) -> str:
        """Connect and stream until the trial is over, over every drop-out by a new link within its limit.

        Patience begins anew with samples, not with a link: one over which nothing comes is as good as none. Only the
        first link of all begins it once more: until then the sensor may have waited for others at the adapter.
        """
        since_s, first = self._now_s(), True
        while await self._connect(since_s):
            before = len(self.books.main.packets)
            ended = await self._stream(seconds)
            if ended:
                return ended
            if first or len(self.books.main.packets) > before:
                since_s = self._now_s()
            first = False
            await self._sensor.close()
        if self._finishing:
            return "stopped"
        if not self.books.main.packets:
            raise DeviceNotFound("sensor_silent", sensor=self.source.name, seconds=self.limits.connect_s)
        return "lost"

    # --- reaching the sensor ------------------------------------------------------------------------------------
    async def _open_file(self) -> None:
        facts = {
            "sensor": self.source.name,
            "driver": self.source.model.key,
            "settings": asdict(self.settings),
            "site": self.worn.site,
            "axes": None if self.worn.axes is None else list(self.worn.axes),
            "height_m": self.worn.height_m,
        }
        low_gb = await self.journal.open(facts)
        if low_gb is not None:
            await self.stage.tell("session_disk_low", free=low_gb)

    async def _find(self) -> None:
        if self.source.find is None:
            return
        await self.stage.enter(State.SCANNING, "session_scanning")
        try:
            async with asyncio.timeout(self.limits.find_s) as self._watch:
                rssi_dbm = await self.source.find()
        except TimeoutError:
            if self._finishing:
                return
            raise DeviceNotFound(
                "session_not_found", sensor=self.source.name, seconds=self.limits.find_s
            ) from None
        await self.stage.enter(State.FOUND, "session_found", rssi="?" if rssi_dbm is None else rssi_dbm)

    async def _connect(self, since_s: float) -> bool:
        """A link whose sensor has been started; False when the patience or the trial is over."""
        limits = self.limits
        patience_s = limits.reconnect_s if self.books.main.packets else limits.connect_s
        attempt = 0
        while not self._finishing:
            pause_s = limits.back_off_s[min(attempt, len(limits.back_off_s) - 1)]
            left_s = since_s + patience_s - self._now_s() - pause_s
            if left_s <= 0:
                return False
            if pause_s and not await self._wait(pause_s):
                return False
            attempt += 1
            if await self._attempt(attempt, left_s):
                return True
        return False

    async def _attempt(self, attempt: int, left_s: float) -> bool:
        """One try to link and start; a refusal is raised, anything that time may mend is an event."""
        await self.stage.enter(State.CONNECTING, "session_connecting", again=attempt > 1, attempt=attempt)
        try:
            async with asyncio.timeout(min(self.limits.connect_s, left_s)) as self._watch:
                await self._sensor.open()
            await self._settle(resuming=bool(self.books.main.packets))
        except (DeviceNotFound, TimeoutError) as failure:
            if isinstance(failure, DeviceNotFound) and failure.code not in RETRIED:
                raise
            await self._sensor.close()
            reason = failure.code if isinstance(failure, DeviceNotFound) else "link_timeout"
            left = round(left_s)
            again = attempt > 1
            await self.stage.enter(
                State.INTERRUPTED, "session_no_link", again=again, reason=reason, seconds=left
            )
            return False
        return True

    async def _settle(self, *, resuming: bool) -> None:
        await self.stage.enter(State.SETTLING, "session_settling", resuming=resuming)
        async with asyncio.timeout(self.limits.settle_s):
            stream, early = await self._sensor.start(self.settings, resuming=resuming)
        if not resuming:
            self._watcher.battery_to_begin()
        self.books.begin(stream)
        for notification in early:
            self._sensor.take(notification, place=stream.resumed)  # else of a run before this start
        self._last_packet_s = self._now_s()

    # --- streaming ----------------------------------------------------------------------------------------------
    async def _stream(self, seconds: float) -> str:
        """Take packets until the trial is over (`finished`, `stopped`) or the link is gone (empty)."""
        while not self._is_over(seconds):
            try:
                async with asyncio.timeout_at(self._deadline_s()) as self._watch:
                    notification = await self._sensor.receive()
            except TimeoutError:
                if self._finishing:
                    return "stopped"
                if self.state is State.RECORDING:
                    await self.stage.enter(State.STALLED, "session_stalled")
                    continue
                await self.stage.enter(State.INTERRUPTED, "session_silent", seconds=self.limits.lost_s)
                return ""
            if notification is None:
                if self.source.ended is not None and self.source.ended():
                    return "finished"
                await self.stage.enter(State.INTERRUPTED, "session_dropped")
                return ""
            await self._take(notification)
        return "stopped" if self._finishing else "finished"

    def _is_over(self, seconds: float) -> bool:
        stream = self.books.stream
        return self._finishing or (
            stream is not None and self.books.main.position >= seconds * stream.rate_hz
        )

    def _deadline_s(self) -> float:
        limits, stream = self.limits, self.books.stream
        if self.state is State.SETTLING:
            return self._last_packet_s + limits.first_packet_s
        period_s = stream.packet_samples / stream.rate_hz if stream else 0.0
        stall_s = max(limits.stall_s, limits.stall_packets * period_s)
        return self._last_packet_s + stall_s + (limits.lost_s if self.state is State.STALLED else 0.0)

    async def _take(self, notification: Notification) -> None:
        """One notification: kept, decoded, placed; then what it tells about the sensor."""
        await self.journal.keep(Entry.heard(notification))
        if not self._sensor.take(notification):
            return
        self._last_packet_s = self._now_s()
        if self.state is not State.RECORDING:
            code = "session_sending" if self.journal.path is None else "session_recording"
            await self.stage.enter(State.RECORDING, code, battery=percent(self.driver.battery_percent))
        await self._watcher.look()

    def _tell_samples(self, first: int, samples: Samples) -> None:
        if self.on_samples:
            self.on_samples(first, samples)

    async def _wait(self, seconds: float) -> bool:
        """True when the pause passed, False when the trial was ended in it."""
        try:
            async with asyncio.timeout(seconds) as self._watch:
                await asyncio.Event().wait()
        except TimeoutError:
            pass
        return not self._finishing

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


async def record(
    source: Source,
    path: Path,
    seconds: float | None = None,
    *,
    settings: Settings | None = None,
    worn: Worn | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> RecordingSummary:
    """Record `seconds` (None: until the source ends) into the new file `path`; see `Session.run`.

    `on_progress` hears the number of samples so far.
    """

    def heard(first: int, samples: Samples) -> None:
        if on_progress:
            on_progress(first + samples.n)

    session = Session(source, path, settings=settings, worn=worn, on_event=on_event, on_samples=heard)
    return await session.run(seconds)
