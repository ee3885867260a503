"""What systemd hears of the station: ready, alive while it works, silent when it hangs, stopping."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio.to_thread
import pytest

from osteogait.web.heartbeat import beat, notify, watchdog_s

LIMIT_S = 60.0


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which the service manager listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(LIMIT_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


def test_the_station_says_ready_alive_and_stopping(
    tmp_path: Path, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    command = [sys.executable, "-m", "osteogait", "serve", "--port", "0", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as station:
        assert manager.recv(99) == b"READY=1"
        assert [manager.recv(99) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        station.send_signal(signal.SIGTERM)
        while (heard := manager.recv(99)) == b"WATCHDOG=1":
            pass
        assert heard == b"STOPPING=1"
        _, said = station.communicate(timeout=LIMIT_S)
    assert station.returncode == 128 + signal.SIGTERM
    assert "http://127.0.0.1:" in said
    assert "Traceback" not in said


def test_a_station_whose_threads_hang_is_silent(manager: socket.socket) -> None:
    hanging, freed = threading.Event(), threading.Event()

    def page_that_hangs() -> None:
        hanging.set()
        freed.wait()

    async def everything_hangs() -> None:
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = 1
        stuck = asyncio.create_task(anyio.to_thread.run_sync(page_that_hangs))
        while not hanging.is_set():
            await asyncio.sleep(0)
        beating = asyncio.create_task(beat(3600.0))
        while threads.statistics().tasks_waiting == 0:  # the heart waits for the one thread, which hangs
            await asyncio.sleep(0)
        assert select.select([manager], [], [], 0)[0] == []
        freed.set()
        await stuck
        assert await asyncio.to_thread(manager.recv, 99) == b"WATCHDOG=1"
        beating.cancel()

    asyncio.run(everything_hangs())


def test_nobody_is_told_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    notify("READY=1")
    assert watchdog_s() is None


def test_the_watch_of_another_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_s() is None
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert watchdog_s() == 20.0
