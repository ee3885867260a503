"""The present moment, as everything kept is stamped."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment with its zone."""
    return datetime.now(UTC)
