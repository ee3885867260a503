"""The table of packets reads as the packets that went in, over the edges of its blocks."""

from __future__ import annotations

import numpy as np
import pytest

from osteogait.acquire.packets import BLOCK, Packet, Packets


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
    rows = np.concatenate(list(table.blocks()))
    assert rows["arrival_s"].tolist() == [one.arrival_s for one in packets]
    assert np.isnan(rows["last_s"]).tolist() == [one.last_s is None for one in packets]
    assert rows["clock"].tolist() == [one.clock for one in packets]


@pytest.mark.parametrize("at", [3, -4])
def test_beyond_the_end_is_an_error(at: int) -> None:
    with pytest.raises(IndexError):
        Packets(made(3))[at]


def arrived(count: int) -> list[Packet]:
    """Packets of a real link: ticks of a microsecond, arrivals to the nanosecond with a delay of their own."""
    rng = np.random.default_rng(3)
    late_s = rng.gamma(2.0, 5e-4, count)
    ticks_s = (1e6 * (500.0 + 0.05 * (1 + 4e-5) * np.arange(count))).round() / 1e6
    arrivals_s = ((ticks_s + late_s + 12345.0) * 1e9).round() * 1e-9
    return [
        Packet(5 * k, 5, ticks_s, arrival_s, 0)
        for k, ticks_s, arrival_s in zip(range(count), ticks_s.tolist(), arrivals_s.tolist(), strict=True)
    ]


def test_a_long_trial_is_small_and_the_same_to_the_last_bit() -> None:
    packets = arrived(8 * BLOCK + 1)
    table = Packets(packets)
    assert sum(map(len, table._packed)) < 8 * len(packets)
    assert list(table) == packets
    assert [table[k] for k in (BLOCK, 5 * BLOCK + 7, 3)] == [packets[k] for k in (BLOCK, 5 * BLOCK + 7, 3)]


def test_a_packed_block_is_not_touched_by_what_comes_after() -> None:
    packets = made(3 * BLOCK)
    table = Packets(packets[: BLOCK + 1])
    early = iter(table)
    assert next(early) == packets[0]
    for packet in packets[BLOCK + 1 :]:
        table.append(packet)
    assert table[BLOCK - 1] == packets[BLOCK - 1]
    assert list(table) == packets
