"""Files that were previewed and wait for a yes; in memory only, so that nothing is kept that nobody confirmed."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

MOST, KEPT_S = 8, 1800
"""At most so many files wait at once, at most half an hour; the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A file of one session with the name it was sent under."""

    session: str
    name: str
    content: bytes
    since: float


class Waiting:
    """The files that wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Pending] = OrderedDict()

    def add(self, session: str, name: str, content: bytes) -> str:
        """The word under which the file waits."""
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._held[word] = Pending(session, name, content, time.monotonic())
            while len(self._held) > MOST:
                self._held.popitem(last=False)
        return word

    def take(self, word: str, session: str) -> Pending | None:
        """The file, once, for the session that sent it; None when it is gone."""
        with self._lock:
            found = self._held.get(word)
            if found is None or found.session != session:
                return None
            del self._held[word]
        return found if time.monotonic() - found.since < KEPT_S else None


WAITING = Waiting()
