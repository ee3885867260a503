"""Every bad input of the contract: what is said, and with which exit code; nothing half-written stays behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

HEADER = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
G = 9.80665


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "osteogait", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def standing(seconds: float = 35.0, fs_hz: float = 100.0) -> np.ndarray:
    """A quiet stance as table rows: time, acceleration, rate."""
    random = np.random.default_rng(3)
    n = int(seconds * fs_hz)
    time = np.arange(n) / fs_hz
    sway = np.cumsum(random.normal(0, 0.004, (n, 3)), axis=0)
    sway -= sway.mean(axis=0)
    acc = (
        np.column_stack([np.full(n, G), np.zeros(n), np.zeros(n)])
        + 0.02 * np.sin(sway)
        + random.normal(0, 0.02, (n, 3))
    )
    return np.column_stack([time, acc, random.normal(0, 0.005, (n, 3))])


def write(path: Path, rows: np.ndarray, header: str = HEADER, sidecar: dict | str | None = None) -> Path:
    lines = [header, *(",".join(f"{value:.6f}" for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if sidecar is not None:
        text = sidecar if isinstance(sidecar, str) else json.dumps(sidecar)
        path.with_suffix(".json").write_text(text, encoding="utf-8")
    return path


def with_cell(rows: np.ndarray, row: int, column: int, value: float) -> np.ndarray:
    changed = rows.copy()
    changed[row, column] = value
    return changed


def scaled(rows: np.ndarray, columns: slice, factor: float) -> np.ndarray:
    changed = rows.copy()
    changed[:, columns] *= factor
    return changed


def moving_in_degrees(rows: np.ndarray) -> np.ndarray:
    """A person who turns and sways, with the gyroscope left in degrees per second."""
    changed = rows.copy()
    changed[:, 4:7] = np.degrees(1.2 * np.sin(2 * np.pi * 0.8 * rows[:, :1]) * [1.0, 0.5, 0.4])
    return changed


def with_gap(rows: np.ndarray, seconds: float) -> np.ndarray:
    changed = rows.copy()
    changed[1500:, 0] += seconds
    return changed


def backwards(rows: np.ndarray) -> np.ndarray:
    changed = rows.copy()
    changed[900:, 0] -= 4.0
    return changed


CSV_CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "NaN": (lambda p: write(p, with_cell(standing(), 7, 2, np.nan)), "acc_y"),
    "infinite": (lambda p: write(p, with_cell(standing(), 9, 5, np.inf)), "gyr_y"),
    "acceleration in g": (lambda p: write(p, scaled(standing(), slice(1, 4), 1 / G)), "9.80665"),
    "gyroscope in deg/s": (lambda p: write(p, moving_in_degrees(standing())), "deg/s"),
    "under 50 Hz": (lambda p: write(p, standing(40, 40.0)), "at least 50"),
    "under 3 s": (lambda p: write(p, standing(2.5)), "at least 3"),
    "clock running backwards": (lambda p: write(p, backwards(standing())), "row"),
    "gap inside a timed test": (lambda p: write(p, with_gap(standing(), 0.4)), "0.25"),
    "declared gap inside a timed test": (
        lambda p: write(p, standing(), sidecar={"gaps": [[1500, 40]]}),
        "0.25",
    ),
    "missing column": (lambda p: write(p, standing()[:, :6], HEADER.removesuffix(",gyr_z")), "gyr_z"),
    "unknown column": (
        lambda p: write(p, np.column_stack([standing(), np.ones(3500)]), HEADER + ",mag_x"),
        "mag_x",
    ),
    "unknown sidecar key": (lambda p: write(p, standing(), sidecar={"hight_m": 1.7}), "hight_m"),
    "JSON NaN": (lambda p: write(p, standing(), sidecar='{"height_m": NaN}'), "NaN"),
    "height as a boolean": (lambda p: write(p, standing(), sidecar={"height_m": True}), "height_m"),
    "impossible axes": (lambda p: write(p, standing(), sidecar={"axes": ["up", "up", "left"]}), "axes"),
    "gap row outside the file": (lambda p: write(p, standing(), sidecar={"gaps": [[999999, 4]]}), "999999"),
    "empty file": (lambda p: (p.write_text("", encoding="utf-8") and p) or p, "empty"),
    "text in a cell": (
        lambda p: write(p, standing()[:400]).write_text(HEADER + "\n0,a,0,0,0,0,0\n", encoding="utf-8") and p,
        "Line 2, column acc_x",
    ),
    "missing file": (lambda p: p, "There is no recording"),
}


@pytest.mark.parametrize("name", CSV_CASES)
def test_a_recording_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    make, said = CSV_CASES[name]
    path = make(tmp_path / "stance.csv")
    done = run("measure", path, "--protocol", "quiet_stance", "--json", "--lang", "en")
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    document = json.loads(done.stdout)
    assert document["usable"] is False
    assert [flag["severity"] for flag in document["flags"]].count("reject") >= 1
    assert document["measures"] == {}
    assert "Traceback" not in done.stderr


def test_the_same_refusal_in_chinese(tmp_path: Path) -> None:
    path = write(tmp_path / "stance.csv", scaled(standing(), slice(1, 4), 1 / G))
    done = run("measure", path, "--protocol", "quiet_stance", "--lang", "zh")
    assert done.returncode == 3
    assert any("\u4e00" <= letter <= "\u9fff" for letter in done.stderr)


def test_a_gap_in_a_free_walk_is_flagged_not_refused(tmp_path: Path) -> None:
    from gaitsignal.synthetic import walker
    from osteogait.acquire import write_csv

    path = tmp_path / "walk.csv"
    write_csv(walker(steps=20, seed=2).recording, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    middle = len(lines) // 2
    path.write_text("\n".join(lines[:middle] + lines[middle + 60 :]) + "\n", encoding="utf-8")
    done = run("measure", path, "--protocol", "walk", "--json")
    assert done.returncode == 0, done.stderr
    assert "gap_long" in [flag["code"] for flag in json.loads(done.stdout)["flags"]]


def test_standing_handed_in_as_a_walk_fails_its_gate(tmp_path: Path) -> None:
    path = write(tmp_path / "stance.csv", standing())
    done = run("measure", path, "--protocol", "walk", "--json")
    assert done.returncode == 4
    assert "no_walking_found" in [flag["code"] for flag in json.loads(done.stdout)["flags"]]


def test_several_recordings_one_line_each_and_the_gravest_code(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", standing())
    bad = write(tmp_path / "bad.csv", standing(2.0))
    done = run("measure", good, bad, good, "--protocol", "quiet_stance", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["usable"] for line in lines] == [True, False, True]
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "x.csv", "--protocol", "run"), "There is no protocol run"),
        (("measure", "x.csv"), "protocol"),
        (("measure", "x.csv", "--protocol", "walk", "--lang", "fr"), "--lang is en or zh, not fr"),
        (("asses", "x"), "asses"),
        (("demo", "--seed", "-1"), "--seed"),
        (("assess", "x.yaml", "--lang"), "--lang"),
        (("assess-table", "x.csv", "--columns", "nhanes", "--out", "o.csv", "--without", "genes"), "genes"),
    ],
)
def test_wrong_usage_is_exit_2(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("measure", "x.csv"), "缺少 --protocol。"),
        (("measure",), "缺少 RECORDING...。"),
        (("measure", "x.csv", "--protocol"), "--protocol 后面需要一个值。"),
        (("measure", "x.csv", "--protocol", "walk", "--jso"), "没有名为 --jso 的选项。相近的有：--json。"),
        (("measure", "x.csv", "--protocol", "walk", "--height-m", "tall"), "--height-m 应为数字"),
        (("demo", "--seed", "1.5"), "--seed 应为整数。"),
        (("serve", "--port", "99999"), "--port 不能大于 65535。"),
        (("demo", "--seed", "-1"), "--seed 不能小于 0。"),
        (("demo", "once"), "多余的内容：once"),
        (("asses", "x"), "没有名为 asses 的命令。相近的有："),
        (("xyzzy",), "没有名为 xyzzy 的命令。"),
    ],
)
def test_wrong_usage_is_said_in_chinese(words: tuple[str, ...], said: str) -> None:
    environment = {**os.environ, "OSTEOGAIT_LANG": "zh", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "osteogait", *words]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Error" not in done.stderr
    assert done.stdout == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_rights_is_refused_as_input(tmp_path: Path) -> None:
    path = write(tmp_path / "stance.csv", standing(4.0))
    path.chmod(0)
    done = run("measure", path, "--protocol", "quiet_stance", "--json")
    assert done.returncode == 3
    assert "Permission denied" in done.stderr
    assert json.loads(done.stdout)["usable"] is False
    done = run("assess", path)
    assert done.returncode == 3
    assert "Permission denied" in done.stderr


PERSON = "person: {age: 72, sex: female}\n"
CASES = {
    "unknown key": (PERSON + "value: {}\n", "Unknown key value"),
    "alias": (PERSON + "values: {fn_t: &a -2, th_t: *a}\n", "aliases"),
    "boolean as a number": (PERSON + "values: {ctx: true}\n", "ctx: True is not a number"),
    "hard range": (
        PERSON + "values: {ctx: 410}\n",
        "ctx: 410 ng/mL is outside the possible range 0.005 to 6 ng/mL",
    ),
    "unknown unit": (PERSON + "values: {ctx: {value: 1, unit: g}}\n", "unknown unit g"),
    "NaN": (PERSON + "values: {ctx: .nan}\n", "not a finite number"),
    "too large": (PERSON + "#" * 1_000_001, "limit is 1000000"),
    "recording not there": (PERSON + "recordings: [{path: no.csv, protocol: walk}]\n", "no.csv"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_case_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    text, said = CASES[name]
    case = tmp_path / "case.yaml"
    case.write_text(text, encoding="utf-8")
    done = run("assess", case, "--json", "--report", tmp_path / "r.html", "--lang", "en")
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert [item.name for item in tmp_path.iterdir()] == ["case.yaml"]


def test_a_soft_range_is_flagged(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(PERSON + "values: {ctx: 2.2}\n", encoding="utf-8")
    done = run("assess", case, "--json")
    assert done.returncode == 0, done.stderr
    flags = json.loads(done.stdout)["flags"]
    assert "outside_soft_range" in [flag["code"] for flag in flags]


def test_a_report_needs_a_known_ending(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(PERSON, encoding="utf-8")
    done = run("assess", case, "--report", tmp_path / "r.doc")
    assert done.returncode == 2
    assert ".pdf or .html" in done.stderr


def test_the_language_is_heard_in_both_spellings(tmp_path: Path) -> None:
    for words in (("--lang", "zh"), ("--lang=zh",)):
        done = run("assess", tmp_path / "none.yaml", *words)
        assert done.returncode == 3
        assert "无法读取" in done.stderr


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a b 中文.csv", "ascii"), ("[red]é.csv", "latin-1"), ("\udcff\udcfe.csv", "utf-8")],
)
def test_any_file_name_on_any_terminal(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / "[").mkdir()  # a path with [/ in it
    path = write(tmp_path / "stance.csv", standing(4.0)).rename(tmp_path / "[" / name)
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for words in (("--json",), ()):
        command = [sys.executable, "-m", "osteogait", "measure", path, "--protocol", "quiet_stance", *words]
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        if words:
            document = json.loads(done.stdout.decode(encoding))
            assert document["recording"] == str(path)


@pytest.mark.parametrize("sink", ["> /dev/full", "| true"])
def test_output_that_nobody_takes(tmp_path: Path, sink: str) -> None:
    path = write(tmp_path / "stance.csv", standing(4.0))
    line = f"{sys.executable} -m osteogait measure {path} --protocol quiet_stance --json {sink}"
    done = subprocess.run(
        ["bash", "-c", line + "; echo ${PIPESTATUS[0]}"], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["1"]
    assert "Traceback" not in done.stderr
