"""`osteogait sensors`: a recording from a simulated sensor to an assessment, and every refusal, as typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from osteogait.acquire.unfinished import unfinished

Run = subprocess.CompletedProcess[str]
SITES = ("lower_back", "left_foot", "right_foot", "left_shank", "right_shank")
COMMAND = [sys.executable, "-m", "osteogait"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder and language of this test, and no message bus."""
    return os.environ | {
        "OSTEOGAIT_DATA": str(tmp_path / "data"),
        "OSTEOGAIT_LANG": "en",
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path / 'no-bus'}",
    }


def run(environment: dict[str, str], *words: str | Path) -> Run:
    command = [*COMMAND, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


def recorded_for(trial: Path, seconds: float) -> None:
    """Until so many seconds of the recording in this folder are on the disk."""
    ends_s = time.monotonic() + 60.0
    while not any(one.seconds >= seconds for one in unfinished(trial)):
        assert time.monotonic() < ends_s, "nothing was recorded"
        time.sleep(0.1)


def test_from_a_simulated_sensor_to_an_assessment(tmp_path: Path, environment: dict[str, str]) -> None:
    trial = tmp_path / "trial"
    recorded = run(environment, "sensors", "record", "--simulate", "walk,40s", "--out", trial, "--json")
    assert recorded.returncode == 0, recorded.stderr
    line = json.loads(recorded.stdout)
    assert (line["received"], line["lost_link"], line["uncounted"]) == (4000, 0, 0)
    assert line["class"] == "A"
    assert line["verdict"] == "good"
    assert "10 of 40 s recorded" in recorded.stderr  # its length is known though nobody asked for one
    assert 10 < line["alignment_ms"] < 60
    measured = run(environment, "measure", trial, "--protocol", "walk", "--json")
    assert measured.returncode == 0, measured.stderr
    assert json.loads(measured.stdout)["usable"]
    case = tmp_path / "case.yaml"
    case.write_text(
        "person: {age: 72, sex: female, height: 160, weight: 58}\n"
        f"recordings:\n  - {{path: {trial / line['csv']}, protocol: walk}}\n",
        encoding="utf-8",
    )
    assessed = run(environment, "assess", case, "--json")
    assert assessed.returncode == 0, assessed.stderr
    measures = set(json.loads(assessed.stdout)["values"])
    assert {"age", "gait_speed", "cadence", "stride_length"} <= measures


@pytest.mark.parametrize(("seconds", "lost"), [(0.3, 30), (2, 200), (30, 3000)])
def test_a_drop_is_counted_to_the_sample(
    tmp_path: Path, environment: dict[str, str], seconds: float, lost: int
) -> None:
    spec = f"walk,60s,drop=20/{seconds:g}"
    done = run(environment, "sensors", "record", "--simulate", spec, "--out", tmp_path / "trial", "--json")
    line = json.loads(done.stdout)
    assert (line["lost_link"], line["uncounted"], line["received"]) == (lost, 0, 6000 - lost)
    assert line["verdict"] == {30: "limited", 200: "limited", 3000: "repeat"}[lost]
    assert done.returncode == (4 if lost == 3000 else 0)
    assert "broke" in done.stderr


def test_a_replay_gives_the_same_figures(tmp_path: Path, environment: dict[str, str]) -> None:
    trial = tmp_path / "trial"
    spec = "walk,20s,loss=0.02"
    first = json.loads(
        run(environment, "sensors", "record", "--simulate", spec, "--out", trial, "--json").stdout
    )
    again = json.loads(run(environment, "sensors", "replay", trial, "--json").stdout)
    assert first["lost_link"] > 0
    assert {key: first[key] for key in again} == again


def test_what_a_killed_recording_holds_is_offered(tmp_path: Path, environment: dict[str, str]) -> None:
    trial = tmp_path / "trial"
    words = ["sensors", "record", "--simulate", "walk,60s,real_time", "--out", str(trial)]
    with subprocess.Popen([*COMMAND, *words], env=environment, stderr=subprocess.DEVNULL) as child:
        recorded_for(trial, 4.0)
        child.send_signal(signal.SIGKILL)
    listed = run(environment, "sensors", "unfinished", trial, "--json")
    assert listed.returncode == 0, listed.stderr
    found = json.loads(listed.stdout)
    kept = run(environment, "sensors", "unfinished", trial, "--keep", found["file"])
    assert kept.returncode == 0, kept.stderr
    for place in (trial, trial / "OG-0001.csv"):
        measured = run(environment, "measure", place, "--protocol", "walk", "--json")
        assert "recording_interrupted" in measured.stdout


def test_a_start_that_failed_does_not_stand_in_the_way(tmp_path: Path, environment: dict[str, str]) -> None:
    trial = tmp_path / "trial"
    empty = run(environment, "sensors", "record", "--simulate", "walk,battery=10", "--out", trial, "--json")
    assert empty.returncode == 4
    line = json.loads(empty.stdout)
    told = [line[key] for key in ("error", "class", "verdict", "model")]
    assert told == ["session_battery_empty", "A", "repeat", "open_profile"]
    assert "Charge it" in empty.stderr
    assert "unfinished" not in empty.stderr
    charged = run(environment, "sensors", "record", "--simulate", "walk", "--out", trial)
    assert charged.returncode == 0, charged.stderr


def test_a_second_test_never_overwrites_the_first(tmp_path: Path, environment: dict[str, str]) -> None:
    words = ["sensors", "record", "--simulate", "walk", "--out", tmp_path / "trial"]
    assert run(environment, *words).returncode == 0
    before = (tmp_path / "trial" / "OG-0001.ogrec").read_bytes()
    assert run(environment, *words).returncode == 1
    assert (tmp_path / "trial" / "OG-0001.ogrec").read_bytes() == before


def test_more_sensors_than_the_radio_carries_are_recorded_with_a_word_of_warning(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    words = [word for site in SITES for word in ("--simulate", "quiet_stance,15s", "--site", site)]
    done = run(environment, "sensors", "record", *words, "--out", tmp_path / "trial", "--json")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(SITES) == 5
    assert "carries 4 well" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_by_hand_everything_is_kept(
    tmp_path: Path, environment: dict[str, str], number: signal.Signals, code: int
) -> None:
    trial = tmp_path / "trial"
    words = ["sensors", "record", "--simulate", "walk,60s,real_time", "--out", str(trial), "--json"]
    with subprocess.Popen([*COMMAND, *words], env=environment, stdout=-1, stderr=-1, text=True) as child:
        assert child.stderr is not None
        while "is recording" not in child.stderr.readline():
            assert child.poll() is None
        recorded_for(trial, 1.0)
        child.send_signal(number)
        out, said = child.communicate(timeout=120)
    assert child.returncode == code
    line = json.loads(out)
    assert (line["ended"], line["uncounted"]) == ("stopped", 0)
    assert line["received"] >= 100
    assert "Stopped by hand" in said
    assert run(environment, "sensors", "unfinished", trial, "--json").stdout == ""


def test_a_check_says_what_it_looked_at(environment: dict[str, str]) -> None:
    done = run(environment, "sensors", "check", "--simulate", "walk")
    assert done.returncode == 0, done.stderr
    assert "ready for a test" in done.stdout


def test_a_nearly_empty_battery_blocks(environment: dict[str, str]) -> None:
    done = run(environment, "sensors", "check", "--simulate", "walk,battery=6", "--json")
    assert done.returncode == 4
    assert not json.loads(done.stdout)["ready"]


@pytest.mark.parametrize(
    "words", [["scan", "--seconds", "1"], ["record", "--sensor", "OG-0001", "--out", "x"]]
)
def test_without_bluetooth_the_way_on_is_named(
    environment: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    words = [str(tmp_path / word) if word == "x" else word for word in words]
    done = run(environment, "sensors", *words)
    assert done.returncode == 5
    assert "--simulate" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["record", "--out", "x"],
        ["record", "--simulate", "fly", "--out", "x"],
        ["record", "--simulate", "walk", "--seconds", "nan", "--out", "x"],
        ["replay", "x"],
        ["unfinished", "x"],
        ["check", "--simulate", "walk", "--axes", "up,up,up"],
    ],
)
def test_a_wrong_command_is_told(environment: dict[str, str], tmp_path: Path, words: list[str]) -> None:
    words = [str(tmp_path / word) if word == "x" else word for word in words]
    done = run(environment, "sensors", *words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
