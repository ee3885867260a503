"""Browsers that watch: everything in order for a quick one, nothing that waits for a slow one."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from box_of_tests import Box, wait

from osteogait.screening.felt import CHANNELS
from osteogait.screening.listeners import FRAME_BYTES, Listener
from osteogait.screening.phase import Phase


def frame(first: float, rows: int) -> bytes:
    return struct.pack("<d", first) + np.full((rows, 6), first, dtype="<f4").tobytes()


async def _drained(listener: Listener) -> list[Any]:
    listener.close()
    return [what async for what in listener.messages()]


def test_news_in_order_the_newest_picture_and_one_frame() -> None:
    async def told() -> list[Any]:
        listener = Listener(asyncio.get_running_loop())
        for number in range(3):
            listener.tell({"news": number})
            listener.tell({"picture": number}, newest=True)
            listener.tell(frame(number * 0.05, 5))
        return await _drained(listener)

    *news, picture, rows = asyncio.run(told())
    assert news == [{"news": 0}, {"news": 1}, {"news": 2}]
    assert picture == {"picture": 2}
    assert len(rows) == 8 + 15 * 6 * 4
    assert struct.unpack_from("<d", rows) == (0.0,)


def test_a_browser_that_is_far_behind_misses_the_old_rows() -> None:
    async def told() -> tuple[Listener, list[Any]]:
        listener = Listener(asyncio.get_running_loop())
        for number in range(400):
            listener.tell(frame(float(number), 5))
        return listener, await _drained(listener)

    listener, (rows,) = asyncio.run(told())
    assert listener.dropped > 0
    assert len(rows) <= FRAME_BYTES
    assert struct.unpack_from("<d", rows)[0] > 100.0


def test_a_whole_test_is_watched_without_a_hole(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=50.0)
    trial = box.screening.begin(box.visit, "stage_tandem", by="tester")

    async def watched() -> list[Any]:
        listener = trial.listen(asyncio.get_running_loop())
        await asyncio.to_thread(box.screening.start, trial.id)
        heard = []
        async for what in listener.messages():
            heard.append(what)
            if isinstance(what, dict) and what.get("state") == Phase.REVIEW:
                break
        trial.unlisten(listener)
        return heard

    heard = asyncio.run(asyncio.wait_for(watched(), 120.0))
    states = [one["state"] for one in heard if isinstance(one, dict) and one["type"] == "state"]
    assert states[0] == "ready"
    assert list(dict.fromkeys(states)) == [
        "ready",
        "reaching",
        "countdown",
        "recording",
        "finishing",
        "review",
    ]
    cues = [one["cue"] for one in heard if isinstance(one, dict) and one["type"] == "cue"]
    assert cues == ["three", "two", "one", "go", "end"]
    frames = [one for one in heard if isinstance(one, bytes)]
    next_s = 0.0
    for one in frames:
        first, rows = struct.unpack_from("<d", one)[0], (len(one) - 8) // 4 // len(CHANNELS)
        assert first == pytest.approx(next_s)
        next_s = first + rows / 100.0
    assert next_s == pytest.approx(14.0, abs=0.2)


def test_a_watcher_that_never_reads_holds_nothing_up(box: Box) -> None:
    loop = asyncio.new_event_loop()
    trial = box.screening.begin(box.visit, "walk", by="tester")
    listener = trial.listen(loop)
    loop.close()
    box.screening.start(trial.id)
    wait(lambda: trial.phase is Phase.REVIEW)
    trial.unlisten(listener)
