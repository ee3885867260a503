"""Where and when each packet of a trial came: one row a packet, in columns, so that hours cost little memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
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
BLOCK = 1024
"""Rows a block. Blocks are never moved: one array that grows leaves its former places as holes in the memory."""


class Packets(Sequence[Packet]):
    """A growing table of packets, 24 bytes a row; reads as a sequence of `Packet`."""

    def __init__(self, packets: Iterable[Packet] = ()) -> None:
        self._blocks, self._count = list[npt.NDArray[np.void]](), 0
        self._last: Packet | None = None
        for packet in packets:
            self.append(packet)

    def append(self, packet: Packet) -> None:
        """One more row."""
        row = self._count % BLOCK
        if row == 0:
            self._blocks.append(np.zeros(BLOCK, _ROW))
        last_s = math.nan if packet.last_s is None else packet.last_s
        self._blocks[-1][row] = (packet.first, packet.n, packet.clock, last_s, packet.arrival_s)
        self._count += 1
        self._last = packet

    def __len__(self) -> int:
        """Packets so far."""
        return self._count

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
        place = at + self._count if at < 0 else at
        if not 0 <= place < self._count:
            raise IndexError(at)
        first, n, clock, last_s, arrival_s = self._blocks[place // BLOCK][place % BLOCK].item()
        return Packet(first, n, None if math.isnan(last_s) else last_s, arrival_s, clock)

    def columns(self) -> dict[str, npt.NDArray[np.float64]]:
        """(n,) copies of `first`, `n`, `last_s` (NaN: none), `arrival_s` and `clock`."""
        rows = np.concatenate([np.zeros(0, _ROW), *self._blocks])[: self._count]
        return {
            name: rows[name].astype(np.float64) for name in ("first", "n", "last_s", "arrival_s", "clock")
        }
