"""The table of packets reads as the packets that went in, over the edges of its blocks."""

from __future__ import annotations

import numpy as np
import pytest

from osteogait.acquire.packets import _ROW, BLOCK, Packet, Packets


def made(count: int) -> list[Packet]:
    return [
        Packet(5 * k, 5, None if k % 7 == 0 else 0.05 * k, 0.05 * k + 0.01, k // 1500) for k in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_what_goes_in_comes_out(count: int) -> None:
    packets, table = made(count), Packets(made(count))
    assert len(table) == count
    assert list(table) == packets
    assert table[1:count:3] == packets[1:count:3]
    assert table[::-1] == packets[::-1]
    if count:
        assert (table[0], table[-1], table[count // 2]) == (packets[0], packets[-1], packets[count // 2])
    columns = table.columns()
    assert columns["arrival_s"].tolist() == [one.arrival_s for one in packets]
    assert np.isnan(columns["last_s"]).tolist() == [one.last_s is None for one in packets]
    assert columns["clock"].tolist() == [one.clock for one in packets]


@pytest.mark.parametrize("at", [3, -4])
def test_beyond_the_end_is_an_error(at: int) -> None:
    with pytest.raises(IndexError):
        Packets(made(3))[at]


def test_a_row_is_small() -> None:
    assert _ROW.itemsize == 24
