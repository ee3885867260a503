"""What a sensor says of itself beside its samples: a firmware that says it otherwise measures all the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from osteogait.errors import DecodeError

T = TypeVar("T")


def if_understood(read: Callable[[bytes], T], value: bytes) -> T | None:
    """What `read` makes of `value`; None, which is shown as unknown, where it is not understood."""
    with suppress(DecodeError):
        return read(value)
    return None
