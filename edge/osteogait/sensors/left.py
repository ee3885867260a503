"""Recordings that were cut off: shown with what they hold, and kept as partial when a person says so."""

from __future__ import annotations

from pathlib import Path

from osteogait.acquire.unfinished import Unfinished, keep_as_partial, unfinished
from osteogait.errors import OsteogaitError, UsageError
from osteogait.sensors.in_progress import in_progress
from osteogait.sensors.trial import export


def left(folder: Path) -> tuple[tuple[Unfinished, bool], ...]:
    """What was never closed in `folder`, each with whether another program is recording it just now."""
    busy = {path: in_progress(path) for path in folder.glob("*")}
    return tuple((one, busy.get(one.path, False)) for one in unfinished(folder))


def keep_partial(folder: Path, name: str) -> OsteogaitError | None:
    """Close the recording `name` as partial and write its CSV; why there is no CSV, None when there is.

    UsageError unless it was cut off and holds samples.
    """
    usable = {one.path.name for one, busy in left(folder) if not busy and one.problem is None}
    if name not in usable:
        raise UsageError("sensors_not_cut_off", file=name, folder=str(folder))
    keep_as_partial(folder / name)
    _, note = export(folder / name)
    return note
