"""What passed between station and sensor, one entry at a time: the durable transcript of a session."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from osteogait.radio.link import Notification


class Kind(StrEnum):
    """Which way an entry went."""

    NOTIFY = "notify"
    READ = "read"
    WRITE = "write"
    EVENT = "event"
    """Of the session itself: a state, a clock anchor; the value is JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the transcript: the host's monotonic clock when it happened, and the bytes."""

    monotonic_ns: int
    kind: Kind
    characteristic: str
    value: bytes

    @classmethod
    def heard(cls, notification: Notification) -> Entry:
        """A notification as an entry."""
        return cls(notification.monotonic_ns, Kind.NOTIFY, notification.characteristic, notification.value)

    @property
    def notification(self) -> Notification:
        """The entry as the link gave it."""
        return Notification(self.monotonic_ns, self.characteristic, self.value)


_ENTRY = struct.Struct("<QHH")


def pack(entries: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The body of a chunk: `monotonic_ns u64 | stream u16 | length u16 | bytes` for each entry."""
    return b"".join(_ENTRY.pack(ns, stream, len(value)) + value for ns, stream, value in entries)


def unpack(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The entries of a chunk body; struct.error when it is cut."""
    offset = 0
    while offset < len(body):
        ns, stream, length = _ENTRY.unpack_from(body, offset)
        offset += _ENTRY.size
        if offset + length > len(body):
            raise struct.error("the last entry is cut")
        yield ns, stream, body[offset : offset + length]
        offset += length
