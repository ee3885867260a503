"""A session that remembers what it told, also what the screen does not hear twice."""

from __future__ import annotations

from typing import Any

from osteogait.acquire.session import Session
from osteogait.acquire.state import Event


class ToldSession(Session):
    """`events` in order."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.events: list[Event] = []
        tell = self.journal.tell

        async def remember(event: Event, *, quiet: bool = False) -> None:
            self.events.append(event)
            await tell(event, quiet=quiet)

        self.journal.tell = remember  # type: ignore[method-assign]
