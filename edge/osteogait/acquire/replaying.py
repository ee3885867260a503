"""A recording file played through the session once more, as if the sensor were there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from osteogait.acquire.recorded import PARTIAL, read_recorded
from osteogait.acquire.session import Session
from osteogait.acquire.state import Event
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.transcript import connections
from osteogait.devices.driver import Samples
from osteogait.radio.replay import Replay


async def replay(
    path: Path,
    *,
    speed: float = math.inf,
    on_event: Callable[[Event], None] | None = None,
    on_samples: Callable[[int, Samples], None] | None = None,
) -> RecordingSummary:
    """The summary of `path` gone through by the session's own code; `speed` 1 is real time, infinite at once.

    StoreError when the file is none of ours; DeviceNotFound when it holds fewer than two packets.
    """
    recorded = read_recorded(path)
    links = [one.entries for one in connections(recorded.entries)]
    source = Replay(str(recorded.facts["sensor"]), recorded.model, links, speed).source
    session = Session(source, None, settings=recorded.settings, on_event=on_event, on_samples=on_samples)
    summary = await session.run()
    return replace(summary, path=path, ended=str(recorded.facts.get("ended", PARTIAL)))
