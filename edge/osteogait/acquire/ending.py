"""The end of a session, whatever happened before: sensor stopped, books and file closed, the last word said."""

from __future__ import annotations

import os
from pathlib import Path

from osteogait.acquire.books import Books
from osteogait.acquire.journal import Journal
from osteogait.acquire.limits import Limits
from osteogait.acquire.sensor_link import SensorLink
from osteogait.acquire.stage import Stage
from osteogait.acquire.state import State
from osteogait.acquire.summary import RecordingSummary, summarise
from osteogait.errors import DeviceNotFound, OsteogaitError, StoreError
from osteogait.radio.source import Source


class Ending:
    """Closes what a session has opened, and says in figures what it kept."""

    def __init__(
        self, source: Source, sensor: SensorLink, books: Books, journal: Journal, stage: Stage, limits: Limits
    ) -> None:
        self._source, self._sensor, self._books = source, sensor, books
        self._journal, self._stage, self._limits = journal, stage, limits

    async def close(self, ended: str, failure: OsteogaitError | None) -> None:
        """Stop the sensor, close the books and the file; StoreError when that fails after an end without failure."""
        try:
            if self._sensor.standing:
                await self._stage.enter(State.STOPPING, "session_stopping")
                await self._sensor.stop()
            self._books.place_silences()
            await self._say(ended, failure)
        except StoreError:
            if failure is None:
                raise
        finally:
            await self._sensor.close()
            await self._close_file(ended, failure)

    def summary(self, ended: str) -> RecordingSummary:
        """What was kept; DeviceNotFound when that is nothing."""
        source, battery = self._source, self._sensor.driver.battery_percent
        path = self._journal.path or Path(os.devnull)
        try:
            return summarise(self._books, path, source.name, source.model.key, battery, ended)
        except ValueError:
            seconds = self._limits.lost_s
            raise DeviceNotFound("sensor_silent", sensor=source.name, seconds=seconds) from None

    async def _say(self, ended: str, failure: OsteogaitError | None) -> None:
        stage = self._stage
        if failure is not None:
            await stage.enter(State.FAILED, "session_failed", reason=failure)
            return
        if stage.state is not State.STOPPING:
            await stage.enter(State.STOPPING, "session_stopping")
        if not self._books.main.packets:
            await stage.enter(State.FAILED, "session_nothing")
        elif ended == "lost":
            await stage.enter(State.FAILED, "session_gave_up", seconds=self._limits.reconnect_s)
        else:
            kept = self._journal.path is not None
            await stage.enter(State.REVIEW, "session_review" if kept else "session_heard")

    async def _close_file(self, ended: str, failure: OsteogaitError | None) -> None:
        track = self._books.main
        facts = {
            "received": track.received,
            "lost": track.lost,
            "ended": ended if failure is None else failure.code,
        }
        try:
            await self._journal.close(facts)
        except StoreError:
            if failure is None:
                raise
