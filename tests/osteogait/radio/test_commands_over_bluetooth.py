"""`osteogait sensors scan` and `record` as typed: unmodified bleak, the stand-in for bluetoothd, a GATT peer."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

Run = subprocess.CompletedProcess[str]


def run(*words: str | Path) -> Run:
    command = [sys.executable, "-m", "osteogait", "sensors", *map(str, words), "--lang", "en"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def drop_in_the_middle(there: Any, name: str) -> bool:
    """Loses the link when three seconds of a recording were taken; False: there was none within a minute."""
    ends_s = time.monotonic() + 60.0
    while time.monotonic() < ends_s:
        truth = there.do("truth", name)
        if truth["running"] and truth["samples"] >= 300:
            there.do("drop", name, pause_s=0.2)
            return True
        time.sleep(0.05)
    return False


def test_a_sensor_is_found_and_recorded(stand_in: Callable[..., Any], tmp_path: Path) -> None:
    stand_in({"serial": 1})
    found = run("scan", "--seconds", "2", "--json")
    assert found.returncode == 0, found.stderr
    sensor = json.loads(found.stdout)
    assert (sensor["driver"], sensor["class"]) == ("open_profile", "A")
    done = run(
        "record", "--sensor", sensor["address"], "--seconds", "4", "--out", tmp_path / "trial", "--json"
    )
    assert done.returncode == 0, done.stderr
    kept = json.loads(done.stdout)
    assert (kept["lost_link"], kept["lost_sensor"], kept["uncounted"]) == (0, 0, 0)
    assert kept["received"] >= 400
    assert kept["address"] == sensor["address"]
    assert (tmp_path / "trial" / kept["csv"]).is_file()


def test_a_drop_is_counted_and_replayed_alike(stand_in: Callable[..., Any], tmp_path: Path) -> None:
    there, trial = stand_in({"serial": 1, "clock_ppm": 40.0}), tmp_path / "trial"
    words = ["record", "--sensor", "OG-0001", "--seconds", "6", "--out", trial, "--json"]
    with ThreadPoolExecutor(1) as apart:
        drop = apart.submit(drop_in_the_middle, there, "OG-0001")
        done = run(*words)
        assert drop.result(), done.stderr
    kept = json.loads(done.stdout)
    assert (kept["uncounted"], kept["duplicates"], kept["reconnects"], kept["segments"]) == (0, 0, 1, 1)
    assert kept["lost_link"] > 0
    assert kept["received"] + kept["lost_link"] >= 600
    again = json.loads(run("replay", trial, "--json").stdout)
    assert again == {key: kept[key] for key in again}


MAKERS = {  # samples in 6 s, by the rate that a model has unless it is told otherwise
    "DotPeer": ("movella_dot", "Movella DOT", 60.0),
    "MovesensePeer": ("movesense", "Movesense 1234", 104.0),
    "PolarPeer": ("polar_verity", "Polar Sense 12345678", 52.0),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_makers_sensor_is_found_recorded_and_stopped(
    maker: str, stand_in: Callable[..., Any], tmp_path: Path
) -> None:
    key, name, rate_hz = MAKERS[maker]
    there = stand_in({"serial": 1, "maker": maker})
    sensor = json.loads(run("scan", "--seconds", "2", "--json").stdout)
    assert (sensor["driver"], sensor["class"], sensor["name"]) == (key, "B", name)
    words = ["record", "--sensor", sensor["address"], "--seconds", "6", "--out", tmp_path, "--json"]
    done = run(*words)
    assert done.returncode == 0, done.stderr
    kept = json.loads(done.stdout)
    assert (kept["model"], kept["lost_link"], kept["duplicates"], kept["undecodable"]) == (key, 0, 0, 0)
    assert (kept["lost_sensor"], kept["uncounted"], kept["battery_percent"]) == (None, None, 87)
    assert kept["rate_hz"] == pytest.approx(rate_hz, rel=0.03)
    assert kept["received"] >= 6 * rate_hz
    assert not there.do("truth", name)["running"]
    lines = (tmp_path / kept["csv"]).read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 6 * rate_hz


def test_no_sensor_near_is_exit_code_5(stand_in: Callable[..., Any]) -> None:
    stand_in()
    done = run("scan", "--seconds", "1")
    assert done.returncode == 5
    assert "--simulate" in done.stderr or "near" in done.stderr


def test_without_permission_is_exit_code_6(stand_in: Callable[..., Any]) -> None:
    stand_in({"serial": 1}, denied=True)
    done = run("scan", "--seconds", "1")
    assert done.returncode == 6
    assert done.stderr.strip()
