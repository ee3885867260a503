"""`osteogait sensors decode`: a line in, a line out, whatever the line; published vectors through the command."""

from __future__ import annotations

import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.captures.decode import LONGEST_LINE, MAKERS, decode_line, read_lines
from osteogait.devices import (
    metamotion,
    movella_dot,
    movesense,
    open_profile,
    polar,
    standard,
    thingy52,
    witmotion,
)
from osteogait.devices.open_profile import DataPacket, Flags
from osteogait.devices.wire import DEG, G0

Line = Mapping[str, Any]
FLOAT32 = 2e-7


def answer(device: str, characteristic: str, packets: str | list[str], **context: Any) -> Any:
    return decoded(
        {
            "device": device,
            "characteristic": characteristic,
            "direction": "notify",
            "hex": packets,
            "context": context,
        }
    )


def encoded(device: str, characteristic: str, **expected: Any) -> Any:
    line = {"device": device, "characteristic": characteristic, "direction": "write", "expected": expected}
    found = decoded(line)
    return found.get("hex", found)


def decoded(line: object) -> Any:
    return json.loads(json.dumps(decode_line(json.dumps(line), "en"), allow_nan=False))


def og(index: int, seq: int, n: int = 2) -> str:
    return bytes(DataPacket(Flags(1), None, seq, None, index, 10 * index, ((1, 2, 3),) * n)).hex()


# --- kinds of which no public bytes exist: computed here ----------------------------------------------------------
def test_open_profile_unknown_stays_unknown() -> None:
    found = answer("og", open_profile.DATA, og(0, 0), acc_lsb_m_s2=0.5)
    assert found["battery_percent"] is None
    assert found["temperature_c"] is None
    assert found["acc_m_s2"] == [[0.5, 1.0, 1.5]] * 2
    assert "gyr_rad_s" not in found


def test_open_profile_without_its_scale_is_refused() -> None:
    assert "acc_lsb_m_s2" in answer("og", open_profile.DATA, og(0, 0))["error"]


def test_open_profile_tells_sensor_loss_from_link_loss() -> None:
    found = answer("og", open_profile.DATA, [og(0, 0), og(2, 1), og(5, 2), og(9, 4), og(9, 4)])
    assert found == {"received_samples": 8, "lost_link": 2, "lost_sensor": 1, "duplicate_packets": 1}


@pytest.mark.parametrize(
    ("expected", "wire"),
    [
        ({"op": "START", "token": 1}, "01010000000000"),
        ({"op": "START", "token": 1, "rate_hz": 50.5, "n": 3}, "010144c5000003"),
        ({"op": "STATS", "token": 2}, "0302"),
        ({"op": "IDENTIFY", "token": 3, "seconds": 5}, "060305"),
        ({"op": "SET_PLACEMENT", "token": 4, "placement": 1}, "070401"),
    ],
)
def test_open_profile_requests(expected: Line, wire: str) -> None:
    assert encoded("og", open_profile.CONTROL, **expected) == [wire]


def test_movella_counts_loss_by_its_time_over_the_wrap() -> None:
    stamps = [2**32 - 33_333, 2**32 - 16_667, 16_667 * 2]
    packets = [bytes(movella_dot.Measurement(21, at, (0.0,) * 6)).hex() for at in stamps]
    found = answer("dot", movella_dot.MEDIUM, packets, payload_mode=21, rate_hz=60)
    assert found == {"received_samples": 3, "lost_estimated": 2}
    assert len(answer("dot", movella_dot.MEDIUM, packets, payload_mode=21)["packets"]) == 3


def test_movella_angles_are_radians() -> None:
    wire = bytes(movella_dot.Measurement(16, 5, (180.0, 0.0, -90.0, 1.0, 2.0, 3.0)))
    found = answer("dot", movella_dot.MEDIUM, wire.hex(), payload_mode=16)
    assert found["euler_rad"] == pytest.approx([math.pi, 0.0, -math.pi / 2])
    assert found["free_acc_m_s2"] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("wire", "found"),
    [
        ("01" + "00" * 35, {"report": 1, "report_name": "powered off"}),
        ("04", {"report": 4, "report_name": "power saving"}),
        ("050440e20100" + "00" * 30, {"report": 5, "report_name": "button", "ts": 123456}),
        ("050840e2010000000000", {"report": 5, "report_name": "button", "ts": 123456}),
    ],
)
def test_movella_tells_by_itself(wire: str, found: Line) -> None:
    assert answer("dot", movella_dot.DEVICE_REPORT, wire) == found
    report = movella_dot.Report.from_bytes(bytes.fromhex(wire))
    assert movella_dot.Report.from_bytes(bytes(report)) == report


@pytest.mark.parametrize("wire", ["", "02", "05", "0504", "050340e201", "01" * 37])
def test_a_movella_report_that_cannot_be_is_refused(wire: str) -> None:
    assert "error" in answer("dot", movella_dot.DEVICE_REPORT, wire)


def test_movella_stop_and_not_synchronised() -> None:
    assert encoded("dot", movella_dot.CONTROL, start=False, payload_mode=21) == ["010015"]
    assert answer("dot", movella_dot.NOTICE, "0202510902")["error"]
    assert answer("dot", movella_dot.NOTICE, "02025109a2") == {"synced": False}


def test_movesense_nine_axes_and_utc() -> None:
    wire = bytes(movesense.Payload(7, *(_row(one) for one in (G0, DEG, 1e-6))))
    found = answer("movesense", movesense.NOTIFY, (b"\x02\x01" + wire).hex(), path="/Meas/IMU9/52")
    assert found["acc_m_s2"] == [[pytest.approx(G0), 0.0, 0.0]]
    assert found["gyr_rad_s"] == [[pytest.approx(DEG), 0.0, 0.0]]
    assert found["mag_t"] == [[pytest.approx(1e-6), 0.0, 0.0]]
    assert encoded("movesense", movesense.WRITE, command="UTC", reference=3, utc_us=1) == [
        "08030100000000000000"
    ]
    assert encoded("movesense", movesense.WRITE, command="HELLO", reference=0) == ["0000"]


def test_movesense_subscriptions_that_come_mixed_are_told_apart() -> None:
    wire = bytes(movesense.Payload(7, _row(G0), _row(DEG)))
    mixed = [b"\x02\x63" + wire[:10], b"\x02\x64" + wire, b"\x03\x63" + wire[10:]]
    found = answer(
        "movesense", movesense.NOTIFY, [one.hex() for one in mixed], path="/Meas/IMU6/52", reference=0x63
    )
    assert (found["ts_ms"], found["acc_m_s2"]) == (7, [[pytest.approx(G0), 0.0, 0.0]])


def _row(value: float) -> Any:
    import numpy as np

    return np.array([[value, 0.0, 0.0]])


def test_movesense_half_a_payload_is_refused() -> None:
    found = answer("movesense", movesense.NOTIFY, "0263aca10200", path="/Meas/IMU6/52")
    assert "no whole payload" in found["error"]
    assert found["length"] == 6


def test_polar_frames_of_a_known_rate_tell_loss() -> None:
    rows = [[1, 2, 3]] * 4
    packets = [
        bytes(polar.Frame(polar.Kind.ACC, 10**9 + step, True, 1, polar.compress(rows, 16))).hex()
        for step in (0, 80_000_000, 240_000_000)
    ]
    found = answer("polar", polar.DATA, packets, factor=1.0, rate_hz=50)
    assert found == {"received_samples": 12, "lost_estimated": 4}


def test_polar_answers_in_two_indications_are_joined() -> None:
    found = answer("polar", polar.CONTROL, ["f001020001000134", "0000020201000200"])
    assert found == {"op": 1, "type": 2, "status": 0, "more": False, "rate_hz": [52], "range": [1, 2]}
    assert answer("polar", polar.CONTROL, "f002090d")["status_name"] == "device in charger"
    assert encoded("polar", polar.CONTROL, op="start", type=9) == ["0209"]


def test_metamotion_rotation_and_commands() -> None:
    found = answer("metamotion", metamotion.NOTIFY, "1305a40000000000", gyr_lsb_per_dps=16.4)
    assert found == {"gyr_rad_s": [[pytest.approx(10 * DEG), 0.0, 0.0]]}
    assert encoded("metamotion", metamotion.COMMAND, module=19, odr_hz=100, range_dps=2000) == ["13032800"]


def test_battery_and_texts_of_the_standard_services() -> None:
    assert answer("sig", "2A19", "ff") == {"battery_percent": None}
    assert answer("sig", "2a26", b"1.2\0".hex()) == {"firmware": "1.2"}
    assert answer("sig", standard.BATTERY_LEVEL, ["57", "56"])["packets"][1] == {"battery_percent": 86}


def test_witmotion_registers_and_filters() -> None:
    assert encoded("witmotion", witmotion.COMMAND, bandwidth_hz=42) == ["ffaa1f0400"]
    assert encoded("witmotion", witmotion.COMMAND, rate_hz=0.2) == ["ffaa030100"]
    assert encoded("witmotion", witmotion.DUAL_COMMAND, write_register=36, value=1) == ["ffaa240100"]


# --- what cannot be carried out -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not JSON"),
        ("[1]", "one JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ({"device": "og"}, "direction is missing in the line"),
        ({"device": "fitbit", "characteristic": "x", "direction": "read", "hex": "00"}, "none of og"),
        ({"device": "og", "characteristic": "x", "direction": "up", "hex": "00"}, "none of notify"),
        ({"device": "sig", "characteristic": "2a19", "direction": "read"}, "hex is a list"),
        ({"device": "sig", "characteristic": "2a19", "direction": "read", "hex": []}, "hex is a list"),
        (
            {"device": "sig", "characteristic": "2a19", "direction": "read", "hex": ["zz"]},
            "hexadecimal digits",
        ),
        (
            {"device": "sig", "characteristic": "2a19", "direction": "read", "hex": "57", "context": 3},
            "an object",
        ),
        ({"device": "sig", "characteristic": "2a00", "direction": "read", "hex": "57"}, "nothing is decoded"),
        (
            {"device": "sig", "characteristic": "2a19", "direction": "write", "expected": {}},
            "nothing is encoded",
        ),
        (
            {"device": 3, "characteristic": "2a19", "direction": "read", "hex": "57"},
            "device in the line is a text",
        ),
    ],
)
def test_a_bad_line_is_an_error_line(line: object, why: str) -> None:
    found = decode_line(line if isinstance(line, str) else json.dumps(line), "en")
    assert why in found["error"]
    assert decode_line(line if isinstance(line, str) else json.dumps(line), "zh")["error"].startswith(
        "无法处理此行"
    )


@pytest.mark.parametrize(
    ("device", "characteristic", "expected", "why"),
    [
        ("og", open_profile.CONTROL, {"op": "JUMP", "token": 1}, "none of START"),
        ("og", open_profile.CONTROL, {"op": "STOP", "token": 256}, "from 0 to 255"),
        ("og", open_profile.CONTROL, {"op": "STOP", "token": True}, "whole number"),
        ("og", open_profile.CONTROL, {"op": "STOP", "token": 1, "rate_hz": 5}, "rate_hz in expected has no place"),
        ("og", open_profile.CONTROL, {"op": "START", "token": 1, "rate_hz": 1e300}, "up to 1e+15"),
        ("og", open_profile.CONTROL, {"op": "START", "token": 1, "rate_hz": "fast"}, "not 'fast'"),
        ("witmotion", witmotion.COMMAND, {"rate_hz": 30}, "none of 0.2"),
        ("witmotion", witmotion.COMMAND, {}, "holds none of"),
        ("dot", movella_dot.DEVICE_CONTROL, {"tag": "x" * 17}, "at most 16"),
        ("dot", movella_dot.MESSAGE, {"command": "StartSync", "root": "nobody"}, "six bytes"),
        ("movesense", movesense.WRITE, {"command": "SUBSCRIBE", "reference": 1}, "path is missing"),
        ("polar", polar.CONTROL, {"op": "start", "type": 2, "range": -8}, "range"),
        ("thingy52", thingy52.CONFIG, dict.fromkeys(
            ("pedometer_ms", "temperature_ms", "compass_ms", "motion_hz", "wake_on_motion"), 300), "300 is outside"),
        ("metamotion", metamotion.COMMAND, {"module": 3, "odr_hz": 100, "range_g": 3}, "none of 2, 4, 8, 16"),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_is_refused(
    device: str, characteristic: str, expected: Line, why: str
) -> None:
    assert why in encoded(device, characteristic, **expected)["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([
    "acc_lsb_m_s2", "payload_mode", "path", "rate_hz", "factor", "previous_ts_ns", "op", "token", "start", "type",
    "module", "command", "reference", "tag", "visit", "odr_hz", "range_g", "read_register", "subscribe", "root",
])  # fmt: skip
FIELDS = st.dictionaries(
    NAMES, JSON | st.sampled_from(["/Meas/IMU6/52", "START", "GET", "start", 21, 1.0, 1e-308, 1e306, 10**400])
)


@given(
    st.sampled_from([(device, uuid) for device, table in MAKERS.items() for uuid in table]),
    st.sampled_from(["notify", "read", "write"]),
    st.lists(st.binary(max_size=48).map(bytes.hex), max_size=3),
    FIELDS,
    FIELDS,
)
@settings(max_examples=400)
def test_any_line_is_answered(
    where: tuple[str, str], direction: str, packets: list[str], context: Line, expected: Line
) -> None:
    device, uuid = where
    line = {"device": device, "characteristic": uuid, "direction": direction, "hex": packets}
    found = decode_line(json.dumps({**line, "context": context, "expected": expected}), "en")
    assert found
    json.dumps(found, allow_nan=False)


COMMANDS: tuple[tuple[str, str, Line], ...] = (
    ("og", open_profile.CONTROL, {"op": "START", "token": 42, "rate_hz": 100.0, "n": 5}),
    ("og", open_profile.CONTROL, {"op": "SET_RANGE", "token": 1, "acc_g": 16, "gyr_dps": 500}),
    ("og", open_profile.CONTROL, {"op": "SET_PLACEMENT", "token": 1, "placement": 11}),
    ("og", open_profile.CONTROL, {"op": "STATS", "token": 255}),
    ("witmotion", witmotion.COMMAND, {"read_register": witmotion.QUATERNION}),
    ("witmotion", witmotion.DUAL_COMMAND, {"write_register": witmotion.ALGORITHM, "value": 1}),
    ("witmotion", witmotion.COMMAND, {"rate_hz": 0.2}),
    ("witmotion", witmotion.COMMAND, {"bandwidth_hz": 42}),
    ("dot", movella_dot.CONTROL, {"start": False, "payload_mode": 26}),
    ("dot", movella_dot.MESSAGE, {"command": "StartSync", "root": "D4:CA:6E:01:02:03"}),
    ("dot", movella_dot.MESSAGE, {"command": "StopSync"}),
    ("dot", movella_dot.DEVICE_CONTROL, {
        "visit": 16, "output_rate_hz": 60, "filter_profile": 0, "tag": "left", "timeout_adv_min": 10,
        "timeout_conn_min": 30}),
    ("movesense", movesense.WRITE, {"command": "HELLO", "reference": 0}),
    ("movesense", movesense.WRITE, {"command": "UTC", "reference": 3, "utc_us": 1_700_000_000_000_000}),
    ("movesense", movesense.WRITE, {"command": "GET", "reference": 5, "path": movesense.ENERGY}),
    ("polar", polar.CONTROL, {
        "op": "start", "type": 5, "rate_hz": 52, "resolution_bits": 16, "range": 2000, "channels": 3}),
    ("polar", polar.CONTROL, {"op": "start", "type": 9}),
    ("polar", polar.CONTROL, {"op": "get settings", "type": 2}),
    ("thingy52", thingy52.CONFIG, {
        "pedometer_ms": 200, "temperature_ms": 200, "compass_ms": 200, "motion_hz": 100, "wake_on_motion": 1}),
    ("metamotion", metamotion.COMMAND, {"module": 19, "odr_hz": 100.0, "range_dps": 500}),
    ("metamotion", metamotion.COMMAND, {"module": 3, "odr_hz": 12.5, "range_g": 16}),
    ("metamotion", metamotion.COMMAND, {"module": 3, "subscribe": True}),
    ("metamotion", metamotion.COMMAND, {"module": 3, "subscribe": True, "register": 0x1C}),
    ("metamotion", metamotion.COMMAND, {"module": 19, "start": False}),
)  # fmt: skip


@pytest.mark.parametrize(("device", "characteristic", "expected"), COMMANDS)
def test_a_captured_command_is_decoded_to_what_makes_it(
    device: str, characteristic: str, expected: Line
) -> None:
    wire = encoded(device, characteristic, **expected)
    line = {"device": device, "characteristic": characteristic, "direction": "write", "hex": wire}
    assert decoded(line) == expected


@pytest.mark.parametrize(
    "maker", [maker for maker, table in MAKERS.items() for k in table.values() if k.encode]
)
def test_bytes_that_are_no_command_are_refused(maker: str) -> None:
    uuid = next(uuid for uuid, kind in MAKERS[maker].items() if kind.encode)
    found = decoded({"device": maker, "characteristic": uuid, "direction": "write", "hex": "f7"})
    assert (found["device"], found["length"], found["hex"]) == (maker, 1, "f7")


ASCII_WORD = re.compile(r"[A-Za-z]{4,}\d*")
ALLOWED = {"hex", "JSON", "docs", "sensors", "direction", "context", "expected", "characteristic", "device"}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        '{"device": 5, "direction": "read", "characteristic": "2a19", "hex": "57"}',
        '{"device": "x", "direction": "read", "characteristic": "2a19", "hex": "57"}',
        '{"device": "sig", "direction": "up"}',
        '{"device": "sig", "direction": "read", "characteristic": "2a19", "hex": "5"}',
        '{"device": "sig", "direction": "read", "characteristic": "2a19", "hex": 5}',
        '{"device": "sig", "direction": "read", "characteristic": "2a19", "hex": "57", "context": 5}',
        '{"device": "sig", "direction": "read", "characteristic": "2a19", "hex": "' + "00" * 513 + '"}',
    ],
)
def test_a_chinese_reason_is_chinese(line: str) -> None:
    said = decode_line(line, "zh")["error"]
    words = set(ASCII_WORD.findall(said)) - ALLOWED
    assert words <= {
        *MAKERS,
        "notify",
        "indicate",
        "read",
        "write",
        "witmotion",
        "movesense",
        "metamotion",
        "ASCII",
    }


# --- the command ------------------------------------------------------------------------------------------------------
def command(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "OSTEOGAIT_LANG": "en"}
    return subprocess.run(
        [sys.executable, "-m", "osteogait", "sensors", "decode", *words],
        input=text, capture_output=True, text=True, encoding="utf-8", env=environment, check=False,
    )  # fmt: skip


def test_a_bad_line_does_not_end_the_command() -> None:
    good = json.dumps({"device": "sig", "characteristic": "2a19", "direction": "read", "hex": ["57"]})
    run = command(f"{good}\nnonsense\n\n{good}\n", "--lang", "zh")
    assert run.returncode == 0
    first, second, third = (json.loads(line) for line in run.stdout.splitlines())
    assert first == third == {"battery_percent": 87}
    assert "JSON" in second["error"]


def test_marks_of_files_joined_together_are_passed_over() -> None:
    good = json.dumps({"device": "sig", "characteristic": "2a19", "direction": "read", "hex": "57"})
    run = command(f"\ufeff{good}\r\n\ufeff\n\ufeff{good}")
    assert [json.loads(line) for line in run.stdout.splitlines()] == [{"battery_percent": 87}] * 2


def test_a_line_without_end_is_refused_and_not_held_and_the_next_one_is_read() -> None:
    good = json.dumps({"device": "sig", "characteristic": "2a19", "direction": "read", "hex": "57"})
    stream = io.StringIO("x" * (3 * LONGEST_LINE) + "\n" + good + "\n" + "y" * LONGEST_LINE + "\n\n" + good)
    lines = list(read_lines(stream))
    assert [min(len(line), LONGEST_LINE + 1) for line in lines] == [
        LONGEST_LINE + 1, len(good), LONGEST_LINE, len(good),
    ]  # fmt: skip
    assert max(map(len, lines)) <= LONGEST_LINE + 2
    assert "longer than 4000000 characters" in decode_line(lines[0], "en")["error"]
    assert decode_line(lines[1], "en") == {"battery_percent": 87}


def test_nothing_to_decode_is_a_usage_error() -> None:
    run = command("\n")
    assert (run.returncode, run.stdout) == (2, "")
    assert "standard input" in run.stderr


@pytest.mark.realdata
def test_every_published_vector_comes_out_of_the_command(shared: Path) -> None:
    vectors = json.loads((shared / "oracle" / "ble_vectors.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) == 86
    given = ("device", "characteristic", "direction", "context")
    lines = [
        {name: vector[name] for name in given if name in vector}
        | ({"expected": vector["expected"]} if vector["direction"] == "write" else {"hex": vector["hex"]})
        for vector in vectors
    ]
    run = command("".join(json.dumps(line) + "\n" for line in lines))
    assert (run.returncode, run.stderr) == (0, "")
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    wrong = [v["id"] for v, found in zip(vectors, answers, strict=True) if not _agrees(v, found)]
    assert wrong == []


def _agrees(vector: Line, found: Line) -> bool:
    if vector["direction"] == "write":
        return bool(found.get("hex") == vector["hex"])
    if vector["expected"].get("error"):
        packet = vector["hex"][0]
        return found["hex"] == packet and found["length"] == len(packet) // 2 and packet in found["error"]
    return _same(found, vector["expected"], vector["tolerance"])


def _same(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            _same(found[key], value, tolerance) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            _same(one, value, tolerance) for one, value in zip(found, expected, strict=True)
        )
    if isinstance(expected, float):
        return bool(abs(found - expected) <= tolerance + FLOAT32 * abs(expected))
    return bool(found == expected)
