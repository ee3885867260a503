"""Who watches a test: browsers, each at its own pace, none able to slow the recording down."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

NEWS = 64
"""Cues and states that may wait; a browser that is behind by more has gone."""
STAMP_BYTES = 8
FRAME_BYTES = 20_000
"""Two seconds of 24 channels at 100 Hz: a browser that is behind by more misses them."""

Told = Mapping[str, Any] | bytes


class Listener:
    """One browser: news are kept in order, of pictures the newest waits, and frames wait as one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """`loop` is the one that awaits `messages`."""
        self._loop = loop
        self._lock = threading.Lock()
        self._news: deque[Mapping[str, Any]] = deque(maxlen=NEWS)
        self._picture: Mapping[str, Any] | None = None
        self._frame: bytes | None = None
        self._closed = False
        self._awake = asyncio.Event()
        self.dropped = 0

    def tell(self, what: Told, *, newest: bool = False) -> None:
        """From any thread; `newest`: takes the place of the picture that waits."""
        with self._lock:
            if isinstance(what, bytes):
                self._wait_with(what)
            elif newest:
                self._picture = what
            else:
                self._news.append(what)
        self._wake()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._wake()

    async def messages(self) -> AsyncIterator[Told]:
        """What there is to send, until closed and empty."""
        while True:
            for what in self._taken():
                yield what
            if self._closed and not self._waiting():
                return
            await self._awake.wait()
            self._awake.clear()

    def _wait_with(self, frame: bytes) -> None:
        """Behind the frame that waits, whose rows end where these begin; in its place when that is too long."""
        if self._frame is not None and len(self._frame) + len(frame) <= FRAME_BYTES:
            self._frame += frame[STAMP_BYTES:]
            return
        self.dropped += self._frame is not None
        self._frame = frame

    def _taken(self) -> list[Told]:
        with self._lock:
            found: list[Told] = list(self._news)
            self._news.clear()
            found += [one for one in (self._picture, self._frame) if one is not None]
            self._picture = self._frame = None
        return found

    def _waiting(self) -> bool:
        with self._lock:
            return bool(self._news) or self._picture is not None or self._frame is not None

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._awake.set)
        except RuntimeError:  # its loop has ended, and the browser with it
            self._closed = True


class Listeners:
    """All browsers that watch one test."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self._lock = threading.Lock()

    def add(self, loop: asyncio.AbstractEventLoop) -> Listener:
        """A new one."""
        listener = Listener(loop)
        with self._lock:
            self._all.add(listener)
        return listener

    def remove(self, listener: Listener) -> None:
        """It has gone."""
        with self._lock:
            self._all.discard(listener)

    def tell(self, what: Told, *, newest: bool = False) -> None:
        """To all of them."""
        with self._lock:
            everybody = tuple(self._all)
        for listener in everybody:
            listener.tell(what, newest=newest)

    def close(self) -> None:
        """Nothing more will come for anybody."""
        with self._lock:
            everybody = tuple(self._all)
        for listener in everybody:
            listener.close()
