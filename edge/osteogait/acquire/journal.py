"""What a session writes down: its file, its events, and how the wall clock stood."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from osteogait.acquire.converse import now_ns
from osteogait.acquire.limits import Limits
from osteogait.acquire.recorder import Recorder
from osteogait.acquire.state import Event
from osteogait.errors import StoreError
from osteogait.radio.entry import Entry, Kind
from osteogait.storage.clocks import read_clocks

SESSION = "session"
"""The `characteristic` under which events stand in the transcript."""
GB = 1e9


class Journal:
    """Keeps entries and events of one session; without a path nothing, for a set-up check that only tells."""

    def __init__(self, path: Path | None, limits: Limits, on_event: Callable[[Event], None] | None) -> None:
        self.path = path
        self._limits, self._on_event = limits, on_event
        self._recorder: Recorder | None = None
        self._failed = False
        self._ahead_s, self._looked_s = _wall_ahead_s(), 0.0

    async def open(self, facts: Mapping[str, object]) -> float | None:
        """Create the file and wait until it is durable; free space in GB when it runs low, else None.

        StoreError when the name is taken, the disk is nearly full or refuses.
        """
        if self.path is None:
            return None
        free = _free_bytes(self.path.parent)
        if free < self._limits.disk_start_bytes:
            needed = self._limits.disk_start_bytes / 1e6
            raise StoreError(
                "disk_nearly_full", path=str(self.path.parent), free=round(free / 1e6), needed=needed
            )
        started = {
            "started_utc": datetime.now(UTC).isoformat(),
            "started_monotonic_ns": now_ns(),
            "software": version("osteogait"),
        }
        self._recorder = Recorder(self.path, {**facts, **started})
        await asyncio.to_thread(self._recorder.wait_ready)
        return round(free / GB, 1) if free < self._limits.disk_warn_bytes else None

    @property
    def durable(self) -> int:
        """Entries that a power cut cannot take any more."""
        return self._recorder.durable if self._recorder else 0

    async def keep(self, entry: Entry) -> None:
        """Hand an entry to the recorder; StoreError once when it cannot, then silence, so that stopping goes on."""
        recorder = self._recorder
        if recorder is None or self._failed:
            return
        try:
            while recorder.crowded:
                await asyncio.sleep(0.005)
                recorder.check()
            recorder.put(entry)
        except StoreError:
            self._failed = True
            raise

    async def tell(self, event: Event, *, quiet: bool = False) -> None:
        """Write the event down and, unless `quiet`, let the screen know."""
        if self._on_event and not quiet:
            self._on_event(event)
        await self.keep(Entry(event.monotonic_ns, Kind.EVENT, SESSION, bytes(event)))

    def wall_step_s(self) -> float | None:
        """By how much somebody or something moved the wall clock since last asked; None when it ran on."""
        monotonic_s = time.monotonic()
        if monotonic_s - self._looked_s < self._limits.wall_check_s:
            return None
        ahead_s, self._looked_s = _wall_ahead_s(), monotonic_s
        step_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        return step_s if abs(step_s) > self._limits.wall_step_s else None

    async def close(self, facts: Mapping[str, object]) -> None:
        """Write what is left and the closing facts; StoreError when that failed."""
        if self._recorder is not None:
            await asyncio.to_thread(self._recorder.close, facts)


def _wall_ahead_s() -> float:
    clocks = read_clocks()
    return clocks.utc.timestamp() - clocks.monotonic_ns / 1e9


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError as failure:
        raise StoreError("recorder_failed", path=str(folder), reason=failure.strerror) from None
