"""The simulated sensor keeps the rules of the open profile: it is the truth that the sessions are held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from by_path import load_module

from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, INFO, DataPacket, Flags, Info

FIRMWARE = Path(__file__).resolve().parents[2] / "bluez_standin" / "firmware.py"
S = 1_000_000_000
firmware = load_module(FIRMWARE)


def sensor(**options: Any) -> Any:
    made = firmware.OpenSensor(7, 0, **options)
    made.mtu = 247
    made.link_up()
    return made


def ask(one: Any, op: Op, now_ns: int, *values: int) -> Reply:
    answered, reply = one.control(CONTROL, bytes(Request(op, 1, values)), now_ns)
    assert answered == CONTROL
    return Reply.from_bytes(reply)


def sent(one: Any, now_ns: int) -> list[DataPacket]:
    return [DataPacket.from_bytes(packet) for packet in one.packets(now_ns) if packet is not None]


def test_a_packet_leaves_when_its_last_sample_exists_and_the_books_close() -> None:
    one = sensor()
    assert ask(one, Op.START, S, 0, 5).payload["rate_mhz"] == 100_000
    assert sent(one, S + 49_000_000) == []
    got = sent(one, 2 * S + 23_000_000)
    assert [packet.index for packet in got] == list(range(0, 100, 5))
    assert [packet.seq for packet in got] == list(range(20))
    assert {packet.ticks - got[0].ticks for packet in got} == set(range(0, 1_000_000, 50_000))
    assert got[0].ticks == 1_010_000
    assert [bool(packet.flags & Flags.DISCONTINUITY) for packet in got] == [True] + 19 * [False]
    counts = ask(one, Op.STOP, 2 * S + 23_000_000).payload
    assert counts == {"samples": 102, "built": 20, "discarded": 0, "missed": 0}
    assert ask(one, Op.STATS, 3 * S).status is Status.NOT_RUNNING


def test_start_begins_at_zero_again_and_the_ticks_go_on() -> None:
    one = sensor()
    ask(one, Op.START, 0, 0, 5)
    first = sent(one, S)[-1]
    assert ask(one, Op.START, S, 0, 5).status is Status.RUNNING
    ask(one, Op.STOP, S)
    ask(one, Op.START, 2 * S, 50_000, 2)
    again = sent(one, 3 * S)
    assert (again[0].index, again[0].seq) == (0, 0)
    assert again[0].ticks - first.ticks == 2_020_000 - 960_000
    assert (len(again), again[0].n) == (25, 2)


def test_samples_missed_at_the_sensor_count_on_and_are_flagged() -> None:
    one = sensor()
    ask(one, Op.START, 0, 0, 5)
    assert len(sent(one, S)) == 20
    one.miss(7)
    got = sent(one, 2 * S)
    assert (got[0].index, got[0].seq) == (107, 20)
    assert got[0].flags & Flags.DISCONTINUITY
    counts = ask(one, Op.STATS, 2 * S).payload
    assert counts["missed"] == 7
    assert counts["samples"] - 7 - 5 * counts["built"] in range(5)


def test_a_link_loss_is_outlived_for_thirty_seconds() -> None:
    one = sensor()
    ask(one, Op.START, 0, 0, 5)
    list(one.packets(S))
    one.link_down(S)
    assert Info.from_bytes(one.read(INFO)).running
    list(one.packets(30 * S))
    assert one.running
    list(one.packets(32 * S))
    assert not one.running
    other = sensor(resumes=False)
    ask(other, Op.START, 0, 0, 5)
    other.link_down(S)
    assert not other.running


def test_a_reboot_changes_the_identity_of_the_clock() -> None:
    one = sensor(first_tick=2**32 - 1_000_000)
    before = Info.from_bytes(one.read(INFO))
    ask(one, Op.START, 0, 0, 5)
    assert sent(one, 2 * S)[-1].ticks < 1_000_000  # the counter went round
    one.boot(3 * S)
    after = Info.from_bytes(one.read(INFO))
    assert after.boot_id != before.boot_id
    assert after.serial == before.serial
    assert not after.running


@pytest.mark.parametrize(
    ("options", "mtu", "values", "status"),
    [
        ({"battery": 2}, 247, (0, 5), Status.BATTERY_TOO_LOW),
        ({}, 78, (0, 5), Status.MTU_TOO_SMALL),
        ({}, 79, (0, 5), Status.OK),
        ({}, 247, (900_000, 5), Status.BAD_VALUE),
        ({}, 247, (0, 20), Status.BAD_VALUE),
    ],
)
def test_what_cannot_be_is_refused(
    options: dict[str, Any], mtu: int, values: tuple[int, int], status: Status
) -> None:
    one = sensor(**options)
    one.mtu = mtu
    assert ask(one, Op.START, 0, *values).status is status
    assert one.running is (status is Status.OK)


def test_a_fast_clock_makes_more_samples_and_tells_more_ticks() -> None:
    one = sensor(clock_ppm=100.0)
    ask(one, Op.START, 0, 400_000, 5)
    list(one.packets(1000 * S))
    counts = ask(one, Op.STOP, 1000 * S).payload
    assert counts["samples"] == pytest.approx(400_040, abs=1)
    assert ask(one, Op.TIME, 1000 * S).payload["ticks"] == pytest.approx(1_000_100_000, abs=2)
