"""Every lost sample is counted once, and duplicates are dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.acquire.continuity import Continuity
from osteogait.devices.open_profile import DataPacket, Flags


def packet(index: int, seq: int, n: int = 5) -> DataPacket:
    return DataPacket(Flags(1), None, seq % 2**16, None, index % 2**32, 0, ((0, 0, 0),) * n)


def counted(*sent: DataPacket, first_index: int | None = 0) -> Continuity:
    continuity = Continuity(first_index)
    for one in sent:
        continuity.accept(one.index, one.seq, one.n)
    return continuity


def test_an_unbroken_stream_loses_nothing() -> None:
    c = counted(packet(0, 0), packet(5, 1), packet(10, 2))
    assert (c.received, c.lost, c.duplicate_packets, c.position) == (15, 0, 0, 15)


def test_a_jump_of_the_packet_counter_is_the_link_and_none_the_sensor() -> None:
    assert counted(packet(0, 0), packet(10, 2)).lost_link == 5
    assert counted(packet(0, 0), packet(12, 1)).lost_sensor == 7


def test_what_is_lost_right_after_start_counts() -> None:
    assert counted(packet(15, 3)).lost_link == 15
    assert counted(packet(15, 3), first_index=None).lost == 0


def test_duplicates_and_late_packets_are_dropped() -> None:
    c = counted(packet(0, 0), packet(5, 1), packet(5, 1), packet(0, 0), packet(10, 2))
    assert (c.received, c.duplicate_packets, c.lost) == (15, 2, 0)


def test_numbers_go_on_over_the_wrap() -> None:
    c = Continuity(None)
    assert c.accept(2**32 - 5, 65535, 5) == 2**32 - 5
    assert c.accept(0, 0, 5) == 2**32
    assert c.accept(10, 2, 5) == 2**32 + 10
    assert (c.received, c.lost_link) == (15, 5)


@given(st.lists(st.sampled_from(["ok", "lost", "twice"]), min_size=2, max_size=200))
@settings(max_examples=60)
def test_the_books_close(fates: list[str]) -> None:
    sent = [(packet(5 * i, i), fate) for i, fate in enumerate(fates)]
    c = counted(*(one for one, fate in sent if fate != "lost" for _ in range(2 if fate == "twice" else 1)))
    assert c.received + c.lost == c.position
    assert c.received == 5 * sum(fate != "lost" for fate in fates)
    assert c.duplicate_packets == fates.count("twice")
    assert c.lost_sensor == 0


@pytest.mark.realdata
def test_the_streams_of_the_oracle(shared: Path) -> None:
    vectors = json.loads((shared / "oracle/ble_vectors.json").read_text())["vectors"]
    streams = [v for v in vectors if v["id"].startswith("og-stream")]
    assert len(streams) == 2
    for vector in streams:
        wires = (bytes.fromhex(one) for one in vector["hex"])
        c = counted(*(DataPacket.from_bytes(wire) for wire in wires), first_index=None)
        expected = vector["expected"]
        assert c.received == expected["received_samples"]
        assert (c.lost_link, c.lost_sensor) == (expected["lost_link"], expected["lost_sensor"])
        assert c.duplicate_packets == expected["duplicate_packets"]
