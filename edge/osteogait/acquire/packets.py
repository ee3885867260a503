"""Where and when each packet of a trial came: one row a packet, packed, so that hours cost little memory."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Packet:
    """One accepted notification.

    first      position of its first sample in the trial
    n          samples
    last_s     device time of its last sample, None without device time
    arrival_s  host time of arrival
    clock      number of the device clock: another one after a reboot
    """

    first: int
    n: int
    last_s: float | None
    arrival_s: float
    clock: int


_ROW = np.dtype(
    [("first", "u4"), ("n", "u2"), ("clock", "u2"), ("last_s", "f8"), ("arrival_s", "f8")], align=True
)
_WORDS = _ROW.itemsize // 8
BLOCK = 1024
"""Rows a block; a full one is packed, and the next one is written in its place."""

Rows = npt.NDArray[np.void]


class Packets(Sequence[Packet]):
    """A growing table of packets, about 7 bytes a row; reads as a sequence of `Packet`."""

    def __init__(self, packets: Iterable[Packet] = ()) -> None:
        self._packed, self._open, self._count = list[bytes](), np.zeros(BLOCK, _ROW), 0
        self._first: Packet | None = None
        self._last: Packet | None = None
        self._looked_at: tuple[int, Rows] = (-1, self._open)
        for packet in packets:
            self.append(packet)

    def append(self, packet: Packet) -> None:
        """One more row."""
        row = self._count % BLOCK
        if row == 0 and self._count:
            self._packed.append(_pack(self._open))
        last_s = math.nan if packet.last_s is None else packet.last_s
        self._open[row] = (packet.first, packet.n, packet.clock, last_s, packet.arrival_s)
        self._count += 1
        self._first, self._last = self._first or packet, packet

    def __len__(self) -> int:
        """Packets so far."""
        return self._count

    def __iter__(self) -> Iterator[Packet]:
        """All packets, block by block."""
        for rows in self.blocks():
            yield from (_packet(row) for row in rows.tolist())

    @overload
    def __getitem__(self, at: int) -> Packet: ...
    @overload
    def __getitem__(self, at: slice) -> list[Packet]: ...
    def __getitem__(self, at: int | slice) -> Packet | list[Packet]:
        """One packet, or a list of those in the slice."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(self._count))]
        if at == -1 and self._last is not None:
            return self._last  # asked for with every packet
        if at == 0 and self._first is not None:
            return self._first
        place = at + self._count if at < 0 else at
        if not 0 <= place < self._count:
            raise IndexError(at)
        return _packet(self._rows(place // BLOCK)[place % BLOCK].item())

    def blocks(self) -> Iterator[Rows]:
        """All rows in order, up to BLOCK at a time: `first`, `n`, `clock`, `last_s` (NaN: none) and `arrival_s`."""
        for block in range(len(self._packed) + 1):
            yield self._rows(block)[: self._count - block * BLOCK]

    def _rows(self, block: int) -> Rows:
        """The rows of one block; the one looked at last is kept unpacked."""
        if block == len(self._packed):
            return self._open
        if self._looked_at[0] != block:
            self._looked_at = block, _unpack(self._packed[block])
        return self._looked_at[1]


def _packet(row: tuple[int, int, int, float, float]) -> Packet:
    first, n, clock, last_s, arrival_s = row
    return Packet(first, n, None if math.isnan(last_s) else last_s, arrival_s, clock)


def _pack(rows: Rows) -> bytes:
    """The rows to the last bit: as words of 8 bytes, each less the one above, bytes of one rank together, deflated."""
    words = rows.view(np.int64).reshape(-1, _WORDS)
    steps = np.ascontiguousarray(np.diff(words, axis=0, prepend=0).T)
    return zlib.compress(steps.view(np.uint8).reshape(_WORDS, -1, 8).transpose(0, 2, 1).tobytes(), level=1)


def _unpack(packed: bytes) -> Rows:
    ranks = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(_WORDS, 8, -1)
    steps = np.ascontiguousarray(ranks.transpose(0, 2, 1)).view(np.int64).reshape(_WORDS, -1)
    return np.ascontiguousarray(steps.cumsum(axis=1).T).view(_ROW).reshape(-1)
