"""Cleaning up that must reach its end although the task is being cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


async def uninterrupted(work: Coroutine[object, object, None]) -> None:
    """Await `work` to its end; a cancellation in the meantime is passed on after it."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
        except BaseException:
            break
    if cancelled and not task.cancelled() and task.exception() is None:
        raise asyncio.CancelledError
    task.result()
