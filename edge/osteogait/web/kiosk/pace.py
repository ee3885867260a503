"""How often a visit may be begun without a slip: nobody fills the store with strangers."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteogait.web.call import Call

MOST = 40
"""Visits begun at one address within `WITHIN_S`: a row of screens behind one address, with people who begin anew."""
WITHIN_S = 600.0
MOST_ADDRESSES = 1000
"""Then the one not heard of for the longest time is forgotten."""


class Pace:
    """What was begun of late, by address; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._begun: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """0 when another may begin, which is then counted; else the seconds until one may."""
        with self._lock:
            now, begun = self._clock(), self._begun.setdefault(address, deque())
            self._begun.move_to_end(address)
            while len(self._begun) > MOST_ADDRESSES:
                self._begun.popitem(last=False)
            while begun and now - begun[0] >= WITHIN_S:
                begun.popleft()
            if len(begun) >= MOST:
                return int(begun[0] + WITHIN_S - now) + 1
            begun.append(now)
            return 0


def wait_s(call: Call) -> int:
    """Of the address that asks, counted for as long as the app runs."""
    state = call.request.app.state
    if not hasattr(state, "kiosk_pace"):
        state.kiosk_pace = Pace()
    pace: Pace = state.kiosk_pace
    return pace.wait_s(address(call))


def address(call: Call) -> str:
    """Where the request comes from, as it is counted."""
    return f"kiosk:{call.request.client.host if call.request.client else ''}"
