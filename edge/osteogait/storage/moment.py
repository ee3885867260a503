"""The present moment, as everything kept is stamped."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment with its zone."""
    return datetime.now(UTC)


def seconds_since(then: datetime) -> float:
    """Seconds between `then` and the present moment, whichever is the later.

    A clock that was set back must make no session and no wait longer than it is.
    """
    return abs((now() - then).total_seconds())
