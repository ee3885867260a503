"""The two documents on sensors: every example is what our encoder and decoder give, every model is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from osteogait.captures.decode import MAKERS, decode_line
from osteogait.devices.open_control import Op, Reply, Request, Status
from osteogait.devices.open_profile import CONTROL, DATA, INFO, PLACEMENTS, DataPacket, Flags, Info
from osteogait.devices.registry import MODELS

PROFILE, SENSORS = "open-imu-profile.md", "sensors.md"


def examples(repo: Path, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    text = (repo / "docs" / name).read_text(encoding="utf-8")
    found = re.findall(r"```json\n(.*)\n(.*)\n```", text)
    return [(json.loads(line), json.loads(answer)) for line, answer in found]


@pytest.mark.parametrize(("name", "at_least"), [(PROFILE, 6), (SENSORS, 2)])
def test_every_example_is_what_the_command_answers(repo: Path, name: str, at_least: int) -> None:
    found = examples(repo, name)
    assert len(found) >= at_least
    for line, answer in found:
        told = decode_line(json.dumps(line), "en")
        assert told.keys() == answer.keys()
        for key, value in answer.items():
            flat = json.dumps(told[key])
            assert _numbers(flat) == pytest.approx(_numbers(json.dumps(value)), rel=1e-9), key


def _numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def test_every_packet_of_the_profile_is_the_one_our_encoder_makes(repo: Path) -> None:
    kinds: dict[str, Any] = {INFO: Info, DATA: DataPacket, CONTROL: Reply}
    for line, _ in examples(repo, PROFILE):
        for wire in line.get("hex", ()):
            assert bytes(kinds[line["characteristic"]].from_bytes(bytes.fromhex(wire))).hex() == wire


def test_the_bytes_read_one_by_one_are_those_of_the_example(repo: Path) -> None:
    text = (repo / "docs" / PROFILE).read_text(encoding="utf-8")
    packet = DataPacket(
        Flags.ACCELEROMETER | Flags.GYROSCOPE | Flags.DISCONTINUITY, 87, 0, 31.5, 0, 90_000_000,
        ((12, -40, 4104, 1, 2, -3), (8, -36, 4110, 0, 1, -2)),
    )  # fmt: skip
    assert bytes(packet).hex() in text
    spoken = text.split("Read byte by byte:")[1].split("then the second frame")[0]
    said = "".join(re.findall(r"`([0-9a-f ]+)`", spoken)).replace(" ", "")
    assert bytes(packet).hex().startswith(said)
    assert len(said) == 2 * (16 + 12)


def test_the_books_of_the_profile_close(repo: Path) -> None:
    streams = [answer for _, answer in examples(repo, PROFILE) if "received_samples" in answer]
    stops = [answer for _, answer in examples(repo, PROFILE) if answer.get("op") == "STOP"]
    (kept,), (told,) = streams, stops
    assert told["samples"] == kept["received_samples"] + kept["lost_link"] + kept["lost_sensor"]
    assert (told["built"], told["missed"]) == (5, kept["lost_sensor"])


def test_the_tables_of_the_profile_are_whole(repo: Path) -> None:
    text = (repo / "docs" / PROFILE).read_text(encoding="utf-8")
    for op in Op:
        assert f"| {op:02x} {op.name} |" in text
    for status in Status:
        assert re.search(rf"\b{status:d} {status.name.replace('_', ' ')}", text, flags=re.IGNORECASE), status
    for number, place in enumerate(PLACEMENTS):
        assert f"{number} {place.replace('_', ' ')}" in text
    assert bytes(Request(Op.START, 42, (100_000, 5))).hex() in text


def test_every_model_stands_in_the_table_with_its_rates_and_class(repo: Path) -> None:
    text = (repo / "docs" / SENSORS).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 8]
    for model in MODELS:
        (row,) = [line for line in rows if f"(`{model.key}`)" in line]
        cells = [cell.strip() for cell in row.split("|")[1:-1]]
        told = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", cells[1])}
        assert model.rate_hz in told
        assert set(model.rates_hz) <= told
        assert cells[4] == model.loss.value
        assert ("**no**" in cells[6]) != model.has_gyroscope


def test_every_device_of_the_command_is_explained(repo: Path) -> None:
    text = (repo / "docs" / SENSORS).read_text(encoding="utf-8")
    for device in MAKERS:
        assert f"`{device}`" in text


@pytest.mark.parametrize("name", [PROFILE, SENSORS])
def test_links_of_the_sensor_documents_lead_somewhere(repo: Path, name: str) -> None:
    text = (repo / "docs" / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (repo / "docs" / link).exists()
    for path in re.findall(r"`((?:edge|tests)/[\w/.]+)`", text):
        assert (repo / path).exists(), path
