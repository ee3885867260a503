"""Where and when each packet of a trial came: one row a packet, in columns, so that hours cost little memory."""

from __future__ import annotations

import math
from array import array
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


class Packets(Sequence[Packet]):
    """A growing table of packets, 24 bytes a row; reads as a sequence of `Packet`."""

    def __init__(self, packets: Iterable[Packet] = ()) -> None:
        self._first, self._n, self._clock = array("I"), array("H"), array("H")
        self._last_s, self._arrival_s = array("d"), array("d")
        for packet in packets:
            self.append(packet)

    def append(self, packet: Packet) -> None:
        """One more row."""
        self._first.append(packet.first)
        self._n.append(packet.n)
        self._clock.append(packet.clock)
        self._last_s.append(math.nan if packet.last_s is None else packet.last_s)
        self._arrival_s.append(packet.arrival_s)

    def __len__(self) -> int:
        """Packets so far."""
        return len(self._first)

    @overload
    def __getitem__(self, at: int) -> Packet: ...
    @overload
    def __getitem__(self, at: slice) -> list[Packet]: ...
    def __getitem__(self, at: int | slice) -> Packet | list[Packet]:
        """One packet, or a list of those in the slice."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        last_s = self._last_s[at]
        device_s = None if math.isnan(last_s) else last_s
        return Packet(self._first[at], self._n[at], device_s, self._arrival_s[at], self._clock[at])

    def columns(self) -> dict[str, npt.NDArray[np.float64]]:
        """(n,) copies of `first`, `n`, `last_s` (NaN: none), `arrival_s` and `clock`."""
        named = {
            "first": self._first, "n": self._n, "last_s": self._last_s, "arrival_s": self._arrival_s,
            "clock": self._clock,
        }  # fmt: skip
        return {name: np.array(column, dtype=np.float64) for name, column in named.items()}
