"""A clock that jumps: minutes of a session pass in milliseconds, and every time-out of it is exact."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest


class _JumpingSelector(selectors.SelectSelector):
    """Where a loop would sleep, its clock is put forward; work in threads is waited for in real time."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.loop.in_threads:
            return super().select(0.02 if self.loop.in_threads else timeout)
        self.loop.now_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        selector = _JumpingSelector()
        selector.loop = self
        self.now_s, self.in_threads = 1000.0, 0
        super().__init__(selector)

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        self.in_threads += 1
        future = super().run_in_executor(executor, func, *args)

        def done(_: object) -> None:
            self.in_threads -= 1

        future.add_done_callback(done)
        return future

    async def shutdown_default_executor(self, *timeout: Any) -> None:
        """From Python 3.12 on asyncio waits at most five minutes of this clock for the threads: do not jump there."""
        self.in_threads += 1
        try:
            await super().shutdown_default_executor(*timeout)
        finally:
            self.in_threads -= 1


@pytest.fixture
def virtual() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a coroutine on the jumping clock."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(coroutine)

    return run
