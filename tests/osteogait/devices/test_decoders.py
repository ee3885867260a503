"""Every maker's packets: computed examples, round trips, and no exception but ours on any bytes, however cut."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from osteogait.devices import (
    metamotion,
    movella_dot,
    movella_sync,
    movesense,
    open_profile,
    polar,
    polar_control,
    standard,
    thingy52,
    witmotion,
)
from osteogait.devices.driver import Advert, Driver, Samples
from osteogait.devices.movella_driver import MovellaDriver
from osteogait.devices.movesense_driver import MovesenseDriver
from osteogait.devices.open_driver import OpenDriver
from osteogait.devices.polar_driver import H10, VERITY_SENSE, PolarDriver
from osteogait.devices.registry import MODELS, recognise
from osteogait.devices.thingy52_driver import ThingyDriver
from osteogait.devices.wire import DEG, G0
from osteogait.devices.witmotion_driver import WitMotionDriver
from osteogait.errors import DecodeError

I16 = st.integers(-(2**15), 2**15 - 1)
U8, U16, U32 = st.integers(0, 255), st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
F32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=16)
PATH = "/Meas/IMU9/52"


def triples(n: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float32, (n, 3), elements=F32).map(lambda a: a.astype(np.float64))


# --- every packet kind goes round -------------------------------------------------------------------------------------
@given(st.tuples(*[I16] * 9), st.tuples(*[I16] * 8), U16, U8)
@settings(max_examples=50)
def test_witmotion_goes_round(nine: tuple[int, ...], eight: tuple[int, ...], word: int, byte: int) -> None:
    for packet in (witmotion.Motion(nine), witmotion.Registers(word, eight), witmotion.Command(byte, word)):
        assert type(packet).from_bytes(bytes(packet)) == packet
    assert len(bytes(witmotion.Motion(nine))) == 20


@given(st.sampled_from(sorted(movella_dot.MODES)), U32, st.data(), st.booleans())
@settings(max_examples=60)
def test_movella_measurements_go_round(mode: int, ts_us: int, data: st.DataObject, padded: bool) -> None:
    kinds = {"f": F32, "H": U16, "h": I16, "B": U8}
    values = []
    for _, kind in movella_dot.MODES[mode]:
        values += [data.draw(kinds[kind[-1]]) for _ in range(int(kind[:-1] or 1))]
    packet = movella_dot.Measurement(mode, ts_us, tuple(values))
    wire = bytes(packet)
    full = movella_dot.PADDED[movella_dot.channel(mode)]
    wire = wire.ljust(full, b"\0") if padded else wire
    again = movella_dot.Measurement.from_bytes(wire, mode)
    assert bytes(again) == wire
    assert (again.ts_us, again.values) == (ts_us, tuple(values))


@given(st.binary(min_size=6, max_size=6), U8, U32, U64, WORDS, U16, st.integers(0, 1), st.booleans())
@settings(max_examples=50)
def test_movella_settings_go_round(
    address: bytes, byte: int, soft: int, serial: int, tag: str, rate: int, profile: int, running: bool
) -> None:
    info = movella_dot.DeviceInfo(
        address, (byte, 1, 2), datetime(2021, 2, 28, 3, 4, 5), soft, serial, tag[:6]
    )
    control = movella_dot.DeviceControl(byte, 0, 1, (byte, 2, 3, 4), tag, rate, profile)
    for packet in (info, control, movella_dot.Control(running, byte)):
        assert type(packet).from_bytes(bytes(packet)) == packet
    message = movella_sync.Message(byte, bytes([profile, byte]))
    assert movella_sync.Message.from_bytes(bytes(message) + bytes(9)) == message
    assert sum(bytes(message)) % 256 == 0


@given(U8, U16, st.binary(max_size=8), U64, WORDS.filter(bool))
@settings(max_examples=50)
def test_movesense_commands_and_replies_go_round(
    reference: int, status: int, data: bytes, utc: int, word: str
) -> None:
    op = movesense.Op
    for packet in (
        movesense.Command(op.SUBSCRIBE, reference, path=word),
        movesense.Command(op.UTC, reference, utc_us=utc),
        movesense.Command(op.UNSUBSCRIBE, reference),
        movesense.Reply(reference, status, data),
        movesense.Hello(reference, 1, word, "", word, "app", "1.2"),
    ):
        assert type(packet).from_bytes(bytes(packet)) == packet


@given(st.integers(1, 16).flatmap(lambda n: st.tuples(triples(n), triples(n), triples(n))), U32, st.data())
@settings(max_examples=50)
def test_movesense_payloads_go_round_in_any_parts(
    parts: tuple[np.ndarray, ...], ts_ms: int, data: st.DataObject
) -> None:
    acc = parts[0]
    wire = struct.pack("<I", ts_ms) + b"".join(one.astype("<f4").tobytes() for one in parts)
    payload = movesense.Payload.from_bytes(wire, PATH)
    assert bytes(payload) == wire
    assert (payload.ts_ms, payload.n) == (ts_ms, len(acc))
    assert np.array_equal(payload.acc, acc)  # type: ignore[arg-type]
    cut = data.draw(st.integers(1, len(wire) - 1).filter(lambda at: at <= 4 or (at - 4) % 36))
    joining = movesense.Joining()
    assert joining.feed(b"\x02\x07" + wire[:cut], PATH) is None
    whole = joining.feed(b"\x03\x07" + wire[cut:], PATH)
    assert whole is not None
    assert bytes(whole) == wire


@given(
    hnp.arrays(
        np.int64, st.tuples(st.integers(1, 40), st.integers(3, 4)), elements=st.integers(-(2**31), 2**31 - 1)
    ),
    st.integers(1, 255),
)
@settings(max_examples=80)
def test_polar_compression_goes_round_over_the_whole_range(values: np.ndarray, block: int) -> None:
    payload = polar.compress(values, 32, block)
    assert np.array_equal(polar.decompress(payload, values.shape[1], 32, payload), values)
    frame = polar.Frame(polar.Kind.GYR, 2**64 - 1, True, 1, payload, flags=0x80)
    assert polar.Frame.from_bytes(bytes(frame)) == frame


SETTING = st.one_of(
    st.tuples(st.sampled_from(["rate_hz", "resolution_bits", "range"]), st.lists(U16, max_size=5).map(tuple)),
    st.tuples(st.just("range_milli"), st.lists(U32, max_size=3).map(tuple)),
    st.tuples(st.just("channels"), st.lists(U8, max_size=3).map(tuple)),
    st.tuples(st.just("security"), st.lists(st.binary(min_size=16, max_size=16), max_size=2).map(tuple)),
    st.tuples(st.just("factor"), st.floats(2**-20, 8, width=32).map(lambda x: (x,))),
)


@given(st.lists(SETTING, max_size=5).map(tuple), U8, st.data())
@settings(max_examples=60)
def test_polar_control_goes_round_in_any_number_of_indications(
    chosen: polar_control.Settings, measurement: int, data: st.DataObject
) -> None:
    request = polar_control.Request(polar_control.Op.START, measurement, chosen)
    assert polar_control.Request.from_bytes(bytes(request)) == request
    reply = polar_control.Reply(polar_control.Op.SETTINGS, measurement, polar_control.Status.SUCCESS, chosen)
    wire = bytes(reply)
    assert polar_control.Reply.from_bytes(wire) == reply
    cut = data.draw(st.integers(5, len(wire)))
    first = wire[:4] + b"\x01" + wire[5:cut]
    for rest in (b"\x00" + wire[cut:], wire[:4] + b"\x00" + wire[cut:]):
        assert polar_control.Reply.joined([first, rest]) == reply


@given(st.tuples(*[I16] * 9), st.sampled_from([(3, 4, 3), (3, 28, 9), (19, 5, 3), (19, 7, 9)]))
@settings(max_examples=40)
def test_thingy_and_metamotion_go_round(nine: tuple[int, ...], head: tuple[int, int, int]) -> None:
    raw = thingy52.Raw(nine)
    assert thingy52.Raw.from_bytes(bytes(raw)) == raw
    module, register, n = head
    packet = metamotion.Packet(module, register, nine[:n])
    assert metamotion.Packet.from_bytes(bytes(packet)) == packet


@given(st.tuples(*[st.booleans()] * 5), st.integers(5, 200), st.integers(100, 1000))
@settings(max_examples=20)
def test_features_and_thingy_settings_go_round(bits: tuple[bool, ...], hz: int, ms: int) -> None:
    features = polar_control.Features(*bits)
    config = thingy52.Config(ms, ms, ms, hz, 1)
    for packet in (features, config):
        assert type(packet).from_bytes(bytes(packet)) == packet


# --- computed examples ------------------------------------------------------------------------------------------------
def test_witmotion_scales() -> None:
    acc, gyr, angle = witmotion.Motion((2048, -4096, 16384, 16, 0, -32768, 8192, 0, 0)).values
    assert acc == pytest.approx([G0, -2 * G0, 8 * G0])
    assert gyr == pytest.approx([16 * 2000 * DEG / 32768, 0, -2000 * DEG])
    assert angle == pytest.approx([math.pi / 4, 0, 0])


@pytest.mark.parametrize(("volts", "percent"), [(4.2, 100), (3.95, 90), (3.7, 20), (3.39, 0)])
def test_witmotion_battery(volts: float, percent: int) -> None:
    assert witmotion.battery_percent(volts) == percent


def test_witmotion_takes_no_frame_out_of_two_halves() -> None:
    """A head that stands inside a frame by chance is passed over when the true one follows."""
    frames = [bytes(witmotion.Motion((i, 0 if i else 0x6155, 0, 0, 0, 0, 0, 0, i))) for i in range(4)]
    stream = b"".join(frames)[2:]  # joined in the middle of the first frame
    reassembly = witmotion.Reassembly()
    assert [bytes(frame) for frame in reassembly.feed(stream)] == frames[1:]
    assert reassembly.discarded == 18


@pytest.mark.parametrize("cut", [13, 26, 40])
def test_a_witmotion_frame_whose_end_was_lost_is_not_filled_up_from_the_next_one(cut: int) -> None:
    frames = [bytes(witmotion.Motion(tuple(range(100 * i, 100 * i + 9)))) for i in range(4)]
    reassembly = witmotion.Reassembly()
    found = reassembly.feed(frames[0] + frames[1][:13])
    rest = frames[2] + frames[3]  # the notification with the end of the second frame never came
    found += reassembly.feed(rest[:cut]) + reassembly.feed(rest[cut:])
    assert [bytes(frame) for frame in found] == [frames[0], frames[2], frames[3]]
    assert reassembly.discarded == 13


@given(st.lists(st.tuples(*[I16] * 9), min_size=1, max_size=6), st.lists(st.integers(1, 30), min_size=1))
@settings(max_examples=60)
def test_witmotion_frames_survive_any_cuts(rows: list[tuple[int, ...]], cuts: list[int]) -> None:
    wire = b"".join(bytes(witmotion.Motion(row)) for row in rows)
    reassembly, at, found = witmotion.Reassembly(), 0, []
    for k in range(len(wire)):
        step = cuts[k % len(cuts)]
        found += reassembly.feed(wire[at : at + step])
        at += step
    assert [frame.counts for frame in found if isinstance(frame, witmotion.Motion)] == rows
    assert reassembly.discarded == 0


def test_movella_battery_that_cannot_be_is_unknown() -> None:
    assert movella_dot.Battery.from_bytes(b"\x65\x01") == movella_dot.Battery(None, True)
    assert standard.battery(b"\xff") is None
    assert standard.battery(b"\x64") == 100


def test_movella_start_of_synchronisation_names_the_root_backwards() -> None:
    message = movella_sync.start_message("01:02:03:04:05:06")
    assert message.data == bytes([1, 6, 5, 4, 3, 2, 1])
    with pytest.raises(ValueError, match="six bytes"):
        movella_sync.start_message("01:02")


def test_polar_raw_widths_and_signs() -> None:
    for kind, width in ((0, 1), (1, 2), (2, 3)):
        low, high = -(1 << 8 * width - 1), (1 << 8 * width - 1) - 1
        payload = b"".join(value.to_bytes(width, "little", signed=True) for value in (low, high, -1))
        frame = polar.Frame(polar.Kind.ACC, 1, False, kind, payload)
        assert frame.samples(1.0) == pytest.approx(np.array([[low, high, -1]]) * 1e-3 * G0)


def test_polar_sums_wrap_at_32_bits() -> None:
    values = np.array([[2**31 - 1, -(2**31), 0], [-(2**31), 2**31 - 1, 1]])
    payload = polar.compress(values, 32)
    assert payload[12:14] == bytes([2, 1])  # the differences are +1, -1, +1
    assert np.array_equal(polar.decompress(payload, 3, 32, payload), values)


def test_polar_floats_take_the_factor_too() -> None:
    bits = np.array([[1.0, -2.0, 0.5]], np.float32).view(np.int32)
    frame = polar.Frame(polar.Kind.GYR, 1, True, 1, polar.compress(bits.tolist(), 32) + b"\x07\x00")
    assert frame.samples(0.5) == pytest.approx(np.array([[0.5, -1.0, 0.25]]) * DEG)


def test_polar_times_are_integers_beyond_doubles() -> None:
    last = 2**63 - 1
    assert polar.first_stamp_ns(last, 3, last - 300, None) == last - 200
    assert polar.first_stamp_ns(last, 2, None, 100.0) == last - 10_000_000
    assert polar.first_stamp_ns(last, 2, None, None) is None
    assert polar.first_stamp_ns(last, 1, None, None) == last


def test_metamotion_commands() -> None:
    assert metamotion.configure(metamotion.ACC, 50, 16).hex() == "0303270c"
    assert metamotion.configure(metamotion.GYR, 200, 2000).hex() == "13032900"
    assert metamotion.start(metamotion.ACC, on=False).hex() == "030100"
    assert metamotion.subscribe(metamotion.GYR).hex() == "130501"
    for wrong in ((3, 100, 5), (3, 33, 2), (9, 100, 2), (19, 12.5, 2000)):
        with pytest.raises(ValueError, match=r"none of|neither"):
            metamotion.configure(*wrong)


NAN, INF = struct.pack("<f", math.nan), struct.pack("<f", -math.inf)
SIGNALLING = b"\x01\x00\x80\x7f"
BROKEN: list[tuple[Callable[[bytes], object], bytes, str]] = [
    (witmotion.Motion.from_bytes, b"\x55\x61" + bytes(17), "20 bytes"),
    (witmotion.Motion.from_bytes, b"\x55\x71" + bytes(18), "5561"),
    (lambda p: movella_dot.Measurement.from_bytes(p, 21), bytes(24) + NAN, "not a number"),
    (lambda p: movella_dot.Measurement.from_bytes(p, 21), bytes(29), "28 or 40 bytes"),
    (lambda p: movella_dot.Measurement.from_bytes(p, 21), bytes(39) + b"\x01", "padding"),
    (lambda p: movella_dot.Measurement.from_bytes(p, 99), bytes(28), "payload mode 99"),
    (movella_dot.Control.from_bytes, b"\x01\x02\x15", "action"),
    (movella_dot.DeviceInfo.from_bytes, bytes(34), "build date"),
    (movella_dot.DeviceControl.from_bytes, bytes(7) + b"\x01" + bytes(24), "tag"),
    (movella_dot.Battery.from_bytes, b"\x50\x02", "charging"),
    (movella_sync.Message.from_bytes, b"\x02\x09\x00", "shorter"),
    (movella_sync.result, bytes(movella_sync.Message(2, b"\x51\x07")), "unknown result"),
    (movesense.Command.from_bytes, b"\x07\x01", "unknown command"),
    (movesense.Command.from_bytes, b"\x01\x01", "SUBSCRIBE"),
    (movesense.Hello.from_bytes, b"\x01\x00\x01abc", "five texts"),
    (lambda p: movesense.Payload.from_bytes(p, "/Meas/IMU6/52"), bytes(4) + bytes(20) + INF, "gyr"),
    (
        lambda p: movesense.Payload.from_bytes(p, "/Meas/IMU6/52"),
        bytes(4) + SIGNALLING + INF + bytes(16),
        "acc",
    ),
    (lambda p: movesense.Payload.from_bytes(p, "/Meas/Acc/52"), bytes(15), "12 a sample"),
    (lambda p: movesense.Payload.from_bytes(p, "/Meas/HR"), bytes(16), "'/Meas/HR'"),
    (lambda p: movesense.Joining().feed(p, PATH), b"\x03\x63" + bytes(20), "never began"),
    (polar.Frame.from_bytes, b"\x02" + bytes(9), "header"),
    (polar.Frame.from_bytes, b"\x00" + bytes(30), "measurement 0"),
    (lambda p: polar.Frame.from_bytes(p).samples(1.0), b"\x05" + bytes(20), "raw frame type 0"),
    (lambda p: polar.Frame.from_bytes(p).samples(1.0), b"\x02" + bytes(8) + b"\x83" + bytes(6), "type 3"),
    (lambda p: polar.Frame.from_bytes(p).samples(1.0), b"\x02" + bytes(8) + b"\x81" + bytes(5), "reference"),
    (
        lambda p: polar.Frame.from_bytes(p).samples(1.0),
        b"\x02" + bytes(8) + b"\x81" + bytes(6) + b"\x08\x09",
        "fit",
    ),
    (
        lambda p: polar.Frame.from_bytes(p).samples(1.0),
        b"\x05" + bytes(8) + b"\x81" + NAN * 3,
        r"rotation \[0, 0\]",
    ),
    (polar_control.Reply.from_bytes, b"\xf0\x01\x02\x63", "status 99"),
    (polar_control.Reply.from_bytes, b"\xf0\x02\x05\x00\x00\x05\x01" + NAN, "factor"),
    (polar_control.Reply.from_bytes, b"\xf0\x02\x05\x00\x00\x05\x01" + bytes(4), "factor"),
    (polar_control.Reply.from_bytes, b"\xf0\x01\x02\x00\x00\x00\x02\x34\x00", "cut"),
    (polar_control.Features.from_bytes, b"\xf0\x01\x02", "0f"),
    (thingy52.Raw.from_bytes, bytes(17), "18 bytes"),
    (thingy52.Config.from_bytes, bytes(9), "pedometer_ms"),
    (metamotion.Packet.from_bytes, b"\x03\x04" + bytes(5), "8 bytes"),
    (metamotion.Packet.from_bytes, b"\x04\x04" + bytes(6), "none of"),
    (standard.battery, b"", "1 bytes"),
    (standard.text, b"\xff", "UTF-8"),
]


@pytest.mark.parametrize(("decode", "packet", "why"), BROKEN, ids=[row[2] for row in BROKEN])
def test_what_means_nothing_is_refused_with_model_length_and_hex(
    decode: Callable[[bytes], object], packet: bytes, why: str
) -> None:
    with pytest.raises(DecodeError, match=why) as refused:
        decode(packet)
    said = refused.value
    assert said.model in str(said)
    assert str(said.length) in str(said)
    assert said.hex in str(said)
    assert said.hex in said.message("zh")


# --- any bytes ----------------------------------------------------------------------------------------------------
DECODERS: list[Callable[[bytes], object]] = [
    witmotion.Motion.from_bytes, witmotion.Registers.from_bytes, witmotion.Command.from_bytes,
    movella_dot.Control.from_bytes, movella_dot.DeviceInfo.from_bytes, movella_dot.DeviceControl.from_bytes,
    movella_dot.Battery.from_bytes, movella_dot.Report.from_bytes, movella_sync.Message.from_bytes, movella_sync.result,
    movesense.Command.from_bytes, movesense.Reply.from_bytes, movesense.Hello.from_bytes,
    lambda packet: movesense.Payload.from_bytes(packet, PATH),
    polar_control.Features.from_bytes, polar_control.Request.from_bytes, polar_control.Reply.from_bytes,
    lambda packet: polar.Frame.from_bytes(packet).samples(0.5),
    thingy52.Raw.from_bytes, thingy52.Config.from_bytes, thingy52.quaternion, thingy52.euler,
    metamotion.Packet.from_bytes, metamotion.Command.from_bytes, standard.battery, standard.text,
    *(lambda packet, mode=mode: movella_dot.Measurement.from_bytes(packet, mode) for mode in (*movella_dot.MODES, 1)),
]  # fmt: skip
LIKELY = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([1, 2, 3, 18, 20, 28, 32, 34, 40, 52]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.tuples(
        st.sampled_from([b"\x02", b"\x05", b"\x06"]), st.binary(min_size=8, max_size=8),
        st.sampled_from([b"\x00", b"\x01", b"\x02", b"\x80", b"\x81"]), st.binary(max_size=60),
    ).map(b"".join),
    st.tuples(st.sampled_from([b"\xf0\x01\x02\x00\x00", b"\x02\x02", b"\x0f\xff"]), st.binary(max_size=30)).map(
        b"".join
    ),
)  # fmt: skip


@given(LIKELY)
@settings(max_examples=400)
def test_any_bytes_give_a_packet_or_a_decode_error(packet: bytes) -> None:
    for decode in DECODERS:
        with suppress(DecodeError):
            decode(packet)


def _drivers() -> list[tuple[object, str]]:
    """Drivers as after their set-up, and where their samples come from."""
    dot, sense, verity, h10 = MovellaDriver(), MovesenseDriver(), PolarDriver(VERITY_SENSE), PolarDriver(H10)
    sense._path = "/Meas/IMU6/104"
    verity._factors = dict.fromkeys(polar.Kind, 0.5)
    return [
        (WitMotionDriver(), witmotion.NOTIFY), (WitMotionDriver(dual=True), witmotion.DUAL_NOTIFY),
        (dot, movella_dot.MEDIUM), (dot, movella_dot.BATTERY), (sense, movesense.NOTIFY), (verity, polar.DATA),
        (verity, polar.CONTROL), (h10, polar.DATA), (ThingyDriver(), thingy52.RAW), (OpenDriver(), thingy52.RAW),
    ]  # fmt: skip


STREAM = st.lists(
    st.one_of(
        st.binary(max_size=64),
        st.tuples(st.just(b"\x55\x61"), st.binary(min_size=10, max_size=30)).map(b"".join),
        st.tuples(st.sampled_from([b"\x02\x63", b"\x03\x63"]), st.binary(max_size=110)).map(b"".join),
        LIKELY,
    ),
    max_size=12,
)


@given(STREAM)
@settings(max_examples=200)
def test_any_stream_gives_finite_samples_or_decode_errors(stream: list[bytes]) -> None:
    for driver, characteristic in _drivers():
        for value in stream:
            try:
                samples: Samples | None = driver.decode(characteristic, value)  # type: ignore[attr-defined]
            except DecodeError:
                continue
            if samples is not None:
                parts = [part for part in (samples.acc, samples.gyr) if part is not None]
                assert all(np.isfinite(part).all() for part in parts)


@pytest.mark.parametrize(
    ("advert", "key"),
    [
        (Advert("OG-0a1b"), "open_profile"),
        (Advert(None, frozenset({open_profile.SERVICE})), "open_profile"),
        (Advert("Xsens DOT"), "movella_dot"),
        (Advert("Movella DOT"), "movella_dot"),
        (Advert(None, companies=frozenset({0x0886})), "movella_dot"),
        (Advert("Movesense 194230000123"), "movesense"),
        (Advert("Polar Sense A1B2C3D4"), "polar_verity"),
        (Advert("Polar H10 A1B2C3D4"), "polar_h10"),
        (Advert("Thingy"), "thingy52"),
        (Advert("WT901BLE67"), "witmotion"),
        (Advert(None, frozenset({witmotion.SERVICE})), "witmotion"),
        (Advert("WT901BLECL", frozenset({witmotion.DUAL_SERVICE})), "witmotion_dual"),
        (Advert("Polar OH1 1234"), None),
        (Advert("0000ffe5", frozenset({"0000ffe5-0000-1000-8000-00805f9b34fb"})), None),
        (Advert(), None),
    ],
)
def test_a_sensor_is_known_by_what_it_advertises(advert: Advert, key: str | None) -> None:
    model = recognise(advert)
    assert (model.key if model else None) == key


TOP = 2**15 - 1


@pytest.mark.parametrize(
    ("driver", "characteristic", "calm", "full"),
    [
        (
            WitMotionDriver(), witmotion.NOTIFY,
            bytes(witmotion.Motion((TOP - 1, 0, 0, 0, 0, 0, TOP, 0, 0))),
            bytes(witmotion.Motion((0, 0, 0, 0, -TOP - 1, 0, 0, 0, 0))),
        ),
        (
            MovellaDriver(), movella_dot.MEDIUM,
            bytes(movella_dot.Measurement(21, 0, (150.0, 0.0, 0.0, 1990.0, 0.0, 0.0))),
            bytes(movella_dot.Measurement(21, 0, (0.0, -156.9, 0.0, 0.0, 0.0, 0.0))),
        ),
        (
            ThingyDriver(), thingy52.RAW,
            bytes(thingy52.Raw((30 * 1024, 0, 0, 1022 * 32, 0, 0, TOP, 0, 0))),
            bytes(thingy52.Raw((0, 0, 0, 0, 0, -1023 * 32, 0, 0, 0))),
        ),
    ],
    ids=["witmotion", "movella_dot", "thingy52"],
)  # fmt: skip
def test_a_value_at_the_end_of_its_range_is_told(
    driver: Driver, characteristic: str, calm: bytes, full: bytes
) -> None:
    for wire, saturated in ((calm, False), (full, True)):
        samples = driver.decode(characteristic, wire)
        assert samples is not None
        assert samples.saturated == saturated


def test_every_model_is_known_by_its_advertisement_and_made() -> None:
    for model in MODELS:
        driver = model.make()
        assert driver.model is model
        assert driver.battery_percent is None
        assert not model.rates_hz or model.rate_hz in model.rates_hz
