"""Where a session is: its state, the only transitions that there are, and the telling of them."""

from __future__ import annotations

from osteogait.acquire.converse import now_ns
from osteogait.acquire.journal import Journal
from osteogait.acquire.state import NEXT, Event, State


class Stage:
    """The state of one session; every change is told to the screen and written into the recording."""

    def __init__(self, sensor: str, journal: Journal) -> None:
        self.state = State.IDLE
        self._sensor, self._journal = sensor, journal

    async def enter(self, state: State, code: str, *, again: bool = False, **fields: object) -> None:
        """Go to `state` and say why; ValueError for a transition that the table does not know.

        `again`: said before; it goes into the recording but not once more to the screen.
        """
        if state not in NEXT[self.state]:
            raise ValueError(f"a session does not go from {self.state} to {state}")
        self.state = state
        await self._journal.tell(Event(now_ns(), self._sensor, state, code, fields), quiet=again)

    async def tell(self, code: str, **fields: object) -> None:
        """Say something that changes no state."""
        await self._journal.tell(Event(now_ns(), self._sensor, self.state, code, fields))
