"""What Ctrl-C and a polite kill do to a running trial: end it as a person at the screen would, once more: at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import typer

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Finishable(Protocol):
    """A session, as far as stopping it goes."""

    def finish(self) -> None:
        """End the trial now, as if its time were over."""


class Stop:
    """Knows the running sessions and how to end them; `signal` is the one that came, None while none has."""

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.signal: signal.Signals | None = None
        self._task, self._sessions = task, list[Finishable]()

    def add(self, session: Finishable) -> None:
        """One more session that is to be ended."""
        self._sessions.append(session)
        if self.signal is not None:
            session.finish()

    def ask(self, number: signal.Signals) -> None:
        """The first time every session is finished; the second time, or without one, all work is cancelled."""
        first, self.signal = self.signal is None, number
        if not first or not self._sessions:
            self._task.cancel()
            return
        for session in self._sessions:
            session.finish()


def run(work: Callable[[Stop], Coroutine[Any, Any, T]]) -> tuple[T, int]:
    """The result of `work`, and 0 or, when it was ended by a signal, 128 and its number.

    typer.Exit with that code when there is no result.
    """
    stopped: list[Stop] = []

    async def main() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is in a task
        stop = Stop(task)
        stopped.append(stop)
        for number in SIGNALS:
            loop.add_signal_handler(number, stop.ask, number)
        return await work(stop)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        result = asyncio.run(main())
    except asyncio.CancelledError:
        raise typer.Exit(_code(stopped[0])) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return result, _code(stopped[0])


def _code(stop: Stop) -> int:
    return 0 if stop.signal is None else 128 + stop.signal
