"""What was being done on a link when it took too long."""

from __future__ import annotations

from enum import StrEnum

from osteogait.words import sentence


class Phase(StrEnum):
    """A step that has a time limit; says itself in either language."""

    CONNECT = "connect"
    READ = "read"
    WRITE = "write"
    SUBSCRIBE = "subscribe"
    REPLY = "reply"

    def message(self, lang: str) -> str:
        """The step in words."""
        return sentence(f"phase_{self.value}", lang, {})
