"""Which samples arrived, which were lost and where, by the counters of the open profile."""

from __future__ import annotations

INDEX_WRAP, SEQ_WRAP = 2**32, 2**16


class Continuity:
    """Follows one stream from START on; everything is counted in samples but `duplicate_packets`.

    Notes
    -----
    gap = (index - previous index - previous n) mod 2^32: 0 is fine, below 2^31 samples are lost (on the link
    if the packet counter jumped too, else at the sensor), above it the packet is a duplicate or late one.
    """

    def __init__(self, first_index: int | None = None) -> None:
        """Expect the stream from `first_index` (0 after START), or from wherever it is found (None)."""
        self.received = self.lost_link = self.lost_sensor = self.duplicate_packets = 0
        self._expected = first_index
        self._expected_seq = None if first_index is None else 0
        self._unwrapped = first_index or 0

    @property
    def lost(self) -> int:
        """Samples lost on the link and at the sensor."""
        return self.lost_link + self.lost_sensor

    @property
    def position(self) -> int:
        """Number of the sample that should come next, not wrapped."""
        return self._unwrapped

    @property
    def next_seq(self) -> int:
        """The packet counter that should come next."""
        return self._expected_seq or 0

    def ahead(self, index: int) -> int:
        """Samples between the one expected and `index`; 0 for one that was passed already."""
        gap = 0 if self._expected is None else (index - self._expected) % INDEX_WRAP
        return gap if gap < INDEX_WRAP // 2 else 0

    def is_behind(self, index: int) -> bool:
        """True for an index that was passed already."""
        return self._expected is not None and (index - self._expected) % INDEX_WRAP >= INDEX_WRAP // 2

    def accept(self, index: int, seq: int, n: int) -> int | None:
        """The unwrapped number of the packet's first sample; None for a packet that was here already."""
        if self._expected is None:
            self._expected, self._unwrapped = index, index
        gap = (index - self._expected) % INDEX_WRAP
        if gap >= INDEX_WRAP // 2:
            self.duplicate_packets += 1
            return None
        self._count_lost(gap, seq)
        first = self._unwrapped + gap
        self.received += n
        self._unwrapped = first + n
        self._expected = self._unwrapped % INDEX_WRAP
        self._expected_seq = (seq + 1) % SEQ_WRAP
        return first

    def _count_lost(self, gap: int, seq: int) -> None:
        if self._expected_seq is not None and seq != self._expected_seq:
            self.lost_link += gap
        else:
            self.lost_sensor += gap
