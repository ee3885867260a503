"""One trial from the command line: the sensors recorded together into a folder, and each recording as open CSV."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osteogait.acquire import to_recording, write_csv
from osteogait.acquire.many import Taken, file_name, record_many
from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.session import Session
from osteogait.acquire.unfinished import SUFFIX, discard, unfinished
from osteogait.acquire.worn import Worn
from osteogait.devices.driver import LossClass, Settings
from osteogait.errors import OsteogaitError, StoreError, UsageError
from osteogait.sensors.asked import Asked
from osteogait.sensors.in_progress import in_progress
from osteogait.sensors.progress import Progress

REPEAT = 4
"""Exit code of a recording that its own quality gate refuses: the trial is to be repeated."""

MOST = 4
"""Sensors at once that the station was measured with; more share the same air."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one sensor: `note` is a sentence about its files, None when there is nothing to add."""

    asked: Asked
    taken: Taken
    csv: Path | None
    note: OsteogaitError | None

    @property
    def exit_code(self) -> int:
        """0, the code of the error that ended it, or 4 when the trial is to be repeated."""
        if self.taken.error is not None:
            return self.taken.error.exit_code
        summary = self.taken.summary
        return REPEAT if summary is None or summary.verdict == "repeat" else 0

    def is_cut_off(self, folder: Path) -> bool:
        """True when its recording in `folder` was never closed, so that a person must decide about it."""
        return _file(self.taken, folder) in {one.path for one in unfinished(folder)}

    def to_json(self, lang: str) -> dict[str, Any]:
        """The sensor's line of `osteogait sensors record --json`."""
        line = {**self.taken.to_json(), "address": self.asked.address}
        if self.taken.error is not None:
            model = self.asked.source.model
            told = {"model": model.key, "class": model.loss.value, "verdict": "repeat"}
            return {**line, **told, "message": self.taken.error.message(lang)}
        return {**line, "csv": None if self.csv is None else self.csv.name}


def worn_by(
    asked: Sequence[Asked], sites: Sequence[str], axes: tuple[str, str, str] | None, height_m: float | None
) -> dict[str, Worn]:
    """How each sensor is worn, by its name: one site for each, in the order of the sensors.

    UsageError when several sensors do not have a site each.
    """
    if len(sites) != len(asked) and (sites or len(asked) > 1):
        raise UsageError("sensors_sites", sensors=len(asked), sites=len(sites))
    places = sites or ["lower_back"]
    return {
        one.source.name: Worn(site, axes or one.axes, one.height_m if height_m is None else height_m)
        for one, site in zip(asked, places, strict=True)
    }


def not_comparable(asked: Sequence[Asked]) -> tuple[str, ...]:
    """Names of the sensors that cannot be held against the others of the trial, having no clock; none when alone."""
    names = (one.source.name for one in asked if one.source.model.loss is LossClass.UNKNOWN)
    return tuple(names) if len(asked) > 1 else ()


def new_folder(folder: Path) -> Path:
    """The folder, made if need be and readable by its owner alone then; StoreError when it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise StoreError("output_unwritable", file=str(folder), reason=reason) from failure
    return folder


async def take(
    asked: Sequence[Asked],
    seconds: float | None,
    folder: Path,
    worn: Mapping[str, Worn],
    progress: Progress,
    on_session: Callable[[Session], None],
    settings: Settings | None = None,
) -> tuple[Kept, ...]:
    """Record all of `asked` for `seconds` (None: until stopped); one that fails does not end the others."""

    def begin(session: Session) -> None:
        progress.begin(session)
        on_session(session)

    taken = await record_many(
        [one.source for one in asked],
        math.inf if seconds is None else seconds,
        folder,
        settings=None if settings is None else {one.source.name: settings for one in asked},
        worn=worn,
        on_event=progress.event,
        on_samples=progress.samples,
        on_session=begin,
    )
    progress.end()
    return tuple(_kept(one, what, folder) for one, what in zip(asked, taken, strict=True))


def _kept(asked: Asked, taken: Taken, folder: Path) -> Kept:
    if taken.summary is None:
        _make_way(_file(taken, folder))
        return Kept(asked, taken, None, None)
    path = taken.summary.path
    csv, note = export(path)
    return Kept(asked, taken, csv, note)


def _file(taken: Taken, folder: Path) -> Path:
    return folder / f"{file_name(taken.sensor)}{SUFFIX}"


def _make_way(path: Path) -> None:
    """Remove a recording that never got a sample, so that the next try can have its name."""
    if in_progress(path):
        return
    try:
        if read_recorded(path).books().main.packets:
            return
    except StoreError:
        return
    discard(path)


def export(path: Path) -> tuple[Path | None, OsteogaitError | None]:
    """The recording as CSV with its side file; None and the reason when that cannot be."""
    try:
        csv = path.with_suffix(".csv")
        write_csv(to_recording(path), csv)
    except StoreError as reason:
        return None, reason
    except OSError as failure:
        return None, StoreError("sensors_no_csv", file=path.name, reason=failure.strerror or str(failure))
    return csv, None


def recordings(place: Path) -> tuple[Path, ...]:
    """The recording files that `place`, a folder or one of them, means; UsageError when there is none."""
    found = (
        (place,) if place.suffix == SUFFIX and place.is_file() else tuple(sorted(place.glob(f"*{SUFFIX}")))
    )
    if not found:
        raise UsageError("sensors_no_recording", folder=str(place))
    return found


def left_behind(folder: Path) -> int:
    """How many recordings in `folder` were cut off; those that another program is just making do not count."""
    return sum(not in_progress(one.path) for one in unfinished(folder))
