"""Signs of life for systemd: ready once pages are answered, alive as long as the loop and its threads do their work."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress

import uvicorn
from starlette.concurrency import run_in_threadpool


class Server(uvicorn.Server):
    """A server that tells the service manager that started it, where there is one, how it fares."""

    _beating: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """From now on pages are answered."""
        await super().startup(sockets)
        notify("READY=1")
        patience_s = watchdog_s()
        if patience_s is not None:
            self._beating = asyncio.create_task(beat(patience_s / 2))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """No further request is taken."""
        notify("STOPPING=1")
        if self._beating is not None:
            self._beating.cancel()
        await super().shutdown(sockets)


async def beat(every_s: float) -> None:
    """`WATCHDOG=1` for ever, each time only after a thread of those that make pages has answered as well."""
    while True:
        await run_in_threadpool(int)
        notify("WATCHDOG=1")
        await asyncio.sleep(every_s)


def watchdog_s() -> float | None:
    """After how many silent seconds systemd ends this process; None when nobody watches it."""
    microseconds, watched = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not microseconds.isdigit() or watched not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 1e6 or None


def notify(state: str) -> None:
    """One line to the service manager (sd_notify(3)); nothing where none waits for it."""
    name = os.environ.get("NOTIFY_SOCKET")
    if not name:
        return
    address = f"\0{name[1:]}" if name.startswith("@") else name
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.setblocking(False)  # a manager that does not listen holds nobody up
        manager.sendto(state.encode(), address)
