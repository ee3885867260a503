"""Several sensors recorded together: each its own session and file, none waits for another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osteogait.acquire.assembled import to_recording
from osteogait.acquire.csv_export import write_csv
from osteogait.acquire.session import Session
from osteogait.acquire.state import Event
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.unfinished import SUFFIX
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import Samples, Settings
from osteogait.errors import OsteogaitError, StoreError
from osteogait.radio.source import Source


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one sensor: a summary, or the error that ended it."""

    sensor: str
    summary: RecordingSummary | None
    error: OsteogaitError | None

    def to_json(self) -> dict[str, object]:
        """The sensor's line of `osteogait sensors record --json`."""
        if self.summary is not None:
            return self.summary.to_json()
        error = self.error
        if error is None:
            return {"sensor": self.sensor}
        return {"sensor": self.sensor, "error": error.code, "message": error.message("en")}


async def record_many(
    sources: Sequence[Source],
    seconds: float,
    folder: Path,
    *,
    settings: Mapping[str, Settings] | None = None,
    worn: Mapping[str, Worn] | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_samples: Callable[[str, int, Samples], None] | None = None,
    on_session: Callable[[Session], None] | None = None,
) -> tuple[Taken, ...]:
    """Record all `sources` for `seconds` into `folder`; `settings` and `worn` by the sensor's name.

    One sensor that fails does not end the others: its error stands in its place. Cancelling stops all of them;
    `on_session` gets every session before it runs, for who wants to `finish` it.

    Raises
    ------
    StoreError
        Two sensors of one name, or a file that exists already; nothing was begun then.
    """
    paths = [folder / f"{file_name(source.name)}{SUFFIX}" for source in sources]
    for path in paths:
        if path.exists() or paths.count(path) > 1:
            raise StoreError("recording_exists", path=str(path))
    asked, sites = settings or {}, worn or {}

    async def one(source: Source, path: Path) -> Taken:
        def heard(first: int, samples: Samples) -> None:
            if on_samples:
                on_samples(source.name, first, samples)

        session = Session(
            source, path, settings=asked.get(source.name), worn=sites.get(source.name), on_event=on_event,
            on_samples=heard,
        )  # fmt: skip
        if on_session:
            on_session(session)
        try:
            return Taken(source.name, await session.run(seconds), None)
        except OsteogaitError as error:
            return Taken(source.name, None, error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(source, path)) for source, path in zip(sources, paths, strict=True)]
    return tuple(task.result() for task in tasks)


def export_csv(folder: Path) -> tuple[Path, ...]:
    """Every recording of `folder` as CSV with its side file, as `osteogait measure` reads them.

    StoreError for a recording that cannot be used.
    """
    written = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        write_csv(to_recording(path), path.with_suffix(".csv"))
        written.append(path.with_suffix(".csv"))
    return tuple(written)


def file_name(sensor: str) -> str:
    """The sensor's name as a file name: letters, digits, dot, dash; everything else an underscore."""
    return re.sub(r"[^0-9A-Za-z.-]+", "_", sensor).strip("._") or "sensor"
