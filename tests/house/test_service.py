"""The systemd unit: few rights, and the traps that were met in trials stay closed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

EXPOSURE = 20  # tenths; a bare unit has 96
ANALYZE = shutil.which("systemd-analyze")


def _lines(repo: Path) -> dict[str, list[str]]:
    """Every directive of the unit with its values in order."""
    found: dict[str, list[str]] = {}
    text = (repo / "deploy/osteogait.service").read_text(encoding="utf-8")
    for name, value in re.findall(r"^(\w+)=(.*)$", text, flags=re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")
def test_its_exposure_stays_low(repo: Path) -> None:
    unit = repo / "deploy/osteogait.service"
    command = [
        ANALYZE or "",
        "security",
        "--offline=true",
        f"--threshold={EXPOSURE}",
        "--no-pager",
        str(unit),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "nknown" in done.stderr or "unrecognized" in done.stderr:
        pytest.skip(f"this systemd-analyze cannot judge a unit offline: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")
def test_systemd_understands_every_line(repo: Path, tmp_path: Path) -> None:
    text = (repo / "deploy/osteogait.service").read_text(encoding="utf-8")
    unit = tmp_path / "osteogait.service"  # with a program that is there: the real one is not on this machine
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    command = [ANALYZE or "", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "osteogait.service" not in done.stderr, done.stderr


def test_a_hung_station_is_ended_and_begins_anew_within_half_a_minute(repo: Path) -> None:
    said = _lines(repo)
    assert said["Type"] == ["notify"]
    assert int(said["WatchdogSec"][0]) + int(said["RestartSec"][0]) <= 25
    assert said["Restart"] == ["on-failure"]


def test_refused_calls_are_answered_and_nothing_hides_the_processor(repo: Path) -> None:
    said = _lines(repo)
    assert said["SystemCallErrorNumber"] == ["EPERM"]  # else scipy's import is killed by SIGSYS
    assert "ProcSubset" not in said  # else the inference engines do not know the processor on arm64
    assert "DynamicUser" not in said  # else the system bus, and with it Bluetooth, refuses the user


def test_nothing_but_loopback_is_reachable(repo: Path) -> None:
    said = _lines(repo)
    assert (said["IPAddressDeny"], said["IPAddressAllow"]) == (["any"], ["localhost"])
    assert said["StateDirectoryMode"] == ["0700"]
    assert f"OSTEOGAIT_DATA=/var/lib/{said['StateDirectory'][0]}" in said["Environment"]


def test_its_user_exists_and_speaks_to_bluetooth(repo: Path) -> None:
    users = (repo / "deploy/osteogait.sysusers.conf").read_text(encoding="utf-8")
    said = _lines(repo)
    assert re.search(rf"^u {said['User'][0]} ", users, flags=re.MULTILINE)
    assert re.search(rf"^m {said['User'][0]} {said['SupplementaryGroups'][0]}$", users, flags=re.MULTILINE)
