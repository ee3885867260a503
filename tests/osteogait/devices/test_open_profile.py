"""The open profile: oracle vectors, round trips, and no exception but ours on any bytes."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import (
    CONTROL,
    DATA,
    INFO,
    DataPacket,
    Flags,
    Info,
    acceleration,
    magnetic_field,
    rotation,
)
from osteogait.errors import DecodeError

INFO_EXAMPLE = Info(
    3, 63, 19, 1_000_000, 100_000, 0.0023942, 0.00106526, 0.0, 78.4532, 34.9066, 0xC0FFEE42, 7, 1, False
)


@st.composite
def packets(draw: st.DrawFn) -> DataPacket:
    extra = draw(st.sampled_from([0, 2, 4, 6])) | draw(st.sampled_from([0, 8, 16, 32, 56]))
    flags = Flags(1 | extra)
    width = 3 * (1 + bool(flags & Flags.GYROSCOPE) + bool(flags & Flags.MAGNETOMETER))
    count = st.integers(-(2**15), 2**15 - 1)
    frames = draw(st.lists(st.tuples(*[count] * width), min_size=1, max_size=19))
    hundredths = draw(st.none() | st.integers(-32767, 32767))
    return DataPacket(
        flags,
        draw(st.none() | st.integers(0, 100)),
        draw(st.integers(0, 2**16 - 1)),
        None if hundredths is None else hundredths / 100,
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(0, 2**32 - 1)),
        tuple(frames),
    )


@given(packets())
@settings(max_examples=100)
def test_a_data_packet_survives_the_wire(packet: DataPacket) -> None:
    wire = bytes(packet)
    assert DataPacket.from_bytes(wire) == packet
    assert bytes(DataPacket.from_bytes(wire)) == wire


@given(packets(), st.integers(0, 60))
@settings(max_examples=60)
def test_every_cut_of_a_packet_is_refused(packet: DataPacket, cut: int) -> None:
    wire = bytes(packet)
    with pytest.raises(DecodeError) as refused:
        DataPacket.from_bytes(wire[: max(0, len(wire) - 1 - cut)])
    assert refused.value.length == max(0, len(wire) - 1 - cut)
    assert refused.value.hex in str(refused.value)


@given(st.binary(max_size=260) | st.binary(max_size=250).map(lambda tail: b"\x01\x03\x05\x50" + tail))
@settings(max_examples=300)
def test_any_bytes_give_samples_or_a_decode_error(wire: bytes) -> None:
    for decode in (DataPacket.from_bytes, Info.from_bytes, Request.from_bytes, Reply.from_bytes):
        with suppress(DecodeError):
            assert bytes(decode(wire)) == wire


@given(st.binary(min_size=46, max_size=46))
@settings(max_examples=100)
def test_any_info_is_understood_or_refused(tail: bytes) -> None:
    try:
        info = Info.from_bytes(b"\x01\x03" + tail)
    except DecodeError:
        return
    assert info.rate_hz > 0
    assert info.acc_lsb > 0


def test_info_survives_the_wire() -> None:
    wire = bytes(INFO_EXAMPLE)
    assert len(wire) == 48
    assert bytes(Info.from_bytes(wire)) == wire
    assert Info.from_bytes(wire).placement_name == "lower_back"
    assert Info.from_bytes(wire).acc_lsb == pytest.approx(INFO_EXAMPLE.acc_lsb, rel=1e-7)


@pytest.mark.parametrize(
    ("offset", "value", "why"),
    [
        (0, b"\x02", "version 2"),
        (1, b"\x02", "accelerometer"),
        (3, b"\x00", "n_max"),
        (4, b"\0\0\0\0", "impossible"),
        (12, struct.pack("<f", float("nan")), "not a number"),
        (16, struct.pack("<f", 0.0), "zero"),
        (44, b"\x0c", "placement 12"),
        (45, b"\x02", "running"),
        (47, b"\x01", "reserved"),
    ],
)
def test_an_impossible_info_is_refused(offset: int, value: bytes, why: str) -> None:
    wire = bytearray(bytes(INFO_EXAMPLE))
    wire[offset : offset + len(value)] = value
    with pytest.raises(DecodeError, match=why):
        Info.from_bytes(bytes(wire))


@pytest.mark.parametrize(
    ("offset", "value", "why"),
    [(1, 0x02, "accelerometer"), (1, 0x43, "unknown flag"), (2, 0, "0 frames"), (3, 101, "battery 101")],
)
def test_an_impossible_packet_is_refused(offset: int, value: int, why: str) -> None:
    wire = bytearray(bytes(DataPacket(Flags(3), 50, 1, None, 1, 1, ((0,) * 6,))))
    wire[offset] = value
    with pytest.raises(DecodeError, match=why):
        DataPacket.from_bytes(bytes(wire))


def test_no_impossible_packet_can_be_built() -> None:
    with pytest.raises(ValueError, match="accelerometer"):
        DataPacket(Flags.GYROSCOPE, 50, 0, None, 0, 0, ((0, 0, 0),))
    with pytest.raises(ValueError, match="6 values"):
        DataPacket(Flags(3), 50, 0, None, 0, 0, ((0, 0, 0),))


def test_sensors_are_read_from_their_own_columns() -> None:
    packet = DataPacket(Flags(5), None, 0, None, 0, 0, ((1, 2, 3, 7, 8, 9), (4, 5, 6, 7, 8, 9)))
    info = Info(5, 0, 19, 1, 1, 2.0, 0.0, 3.0, 1.0, 0.0, 1, 1, 0, True)
    assert acceleration(packet, info).tolist() == [[2, 4, 6], [8, 10, 12]]
    assert rotation(packet, info) is None
    assert np.asarray(magnetic_field(packet, info)).tolist() == [[21, 24, 27]] * 2


def test_a_refusal_needs_no_payload_and_stop_keeps_its_counts() -> None:
    assert Reply.from_bytes(b"\x81\x01\x06") == Reply(Op.START, 1, Status.MTU_TOO_SMALL)
    stop = Reply(Op.STOP, 9, Status.NOT_RUNNING, (100, 20, 1, 0))
    assert Reply.from_bytes(bytes(stop)) == stop
    assert stop.payload == {"samples": 100, "built": 20, "discarded": 1, "missed": 0}


@pytest.mark.parametrize("wire", [b"", b"\x01", b"\x08\x01", b"\x01\x01\x00", b"\x81\x01", b"\x81\x01\x09"])
def test_a_malformed_control_message_is_refused(wire: bytes) -> None:
    decode = Reply.from_bytes if wire[:1] == b"\x81" else Request.from_bytes
    with pytest.raises(DecodeError):
        decode(wire)


def described(message: Request | Reply) -> dict[str, Any]:
    """In the words of the oracle."""
    values = message.arguments if isinstance(message, Request) else message.payload
    said: dict[str, Any] = {"op": message.op.name, "token": message.token, **values}
    if isinstance(message, Reply):
        said["status"] = int(message.status)
    if "rate_mhz" in said:
        said["rate_hz"] = said.pop("rate_mhz") / 1000
    return said


@pytest.mark.realdata
def test_every_vector_of_the_oracle(shared: Path) -> None:
    vectors = json.loads((shared / "oracle/ble_vectors.json").read_text())["vectors"]
    mine = [v for v in vectors if v["device"] == "og" and "stream" not in v["id"]]
    assert len(mine) == 15
    for vector in mine:
        wire, expected = bytes.fromhex(vector["hex"][0]), vector["expected"]
        if expected.get("error"):
            with pytest.raises(DecodeError):
                DataPacket.from_bytes(wire)
        elif vector["characteristic"] == CONTROL:
            message = Request if vector["direction"] == "write" else Reply
            assert described(message.from_bytes(wire)) == expected
            assert bytes(message.from_bytes(wire)) == wire
        elif vector["characteristic"] == INFO:
            check_info(Info.from_bytes(wire), expected)
        else:
            assert vector["characteristic"] == DATA
            check_data(DataPacket.from_bytes(wire), vector)


def check_info(info: Info, expected: dict[str, Any]) -> None:
    named = {"acc_lsb_m_s2": "acc_lsb", "gyr_lsb_rad_s": "gyr_lsb", "mag_lsb_t": "mag_lsb"}
    named |= {"acc_range_m_s2": "acc_range", "gyr_range_rad_s": "gyr_range"}
    for key, value in expected.items():
        if key != "version":
            assert getattr(info, named.get(key, key)) == pytest.approx(value, rel=2e-7), key


def check_data(packet: DataPacket, vector: dict[str, Any]) -> None:
    expected, scale = vector["expected"], vector["context"]
    info = Info(
        7, 0, 19, 1, 1, scale["acc_lsb_m_s2"], scale["gyr_lsb_rad_s"], scale["mag_lsb_t"], 1, 1, 0, 0, 0, True
    )
    for key in ("n", "battery_percent", "seq", "temperature_c", "index", "ticks"):
        assert getattr(packet, key) == expected[key]
    assert int(packet.flags) == expected["flags"]
    assert acceleration(packet, info) == pytest.approx(np.array(expected["acc_m_s2"]), abs=1e-6)
    for key, values in (("gyr_rad_s", rotation(packet, info)), ("mag_t", magnetic_field(packet, info))):
        assert (values is None) == (key not in expected)
        if values is not None:
            assert values == pytest.approx(np.array(expected[key]), rel=2e-7, abs=1e-6)
