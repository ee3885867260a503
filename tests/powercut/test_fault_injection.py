"""The n-th write finds the disk full, the n-th sync fails: the person is told, what was acknowledged stays."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from powercut_writer import ENTRIES, entry

from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.unfinished import unfinished
from osteogait.errors import StoreError
from osteogait.radio.entry import Kind

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
EVERY = int(os.environ.get("OSTEOGAIT_FAULT_STEP", "9"))
"""Every n-th call of a session is made to fail; 1 is the long form."""
LONGEST = 100
ACK = re.compile(r"ACK (\d+)")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a writer under faults said: the last count that it called durable, what it told, whether it closed."""

    acknowledged: int
    told: str | None
    sentence: str
    closed: bool


def run(folder: Path, call: str, error: str, when: str) -> Ran:
    path = folder / "a.ogrec"
    watched = [
        word for name in ("a.ogrec", "a.ogrec-wal", "a.ogrec-journal") for word in ("-P", str(folder / name))
    ]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", *watched, "-e", f"trace={call}"]
    command += ["-e", f"inject={call}:error={error}:when={when}"]
    writer = Path(__file__).with_name("powercut_writer.py")
    done = subprocess.run(
        [*command, sys.executable, str(writer), str(path), "none"], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    told = next((i for i, line in enumerate(lines) if line.startswith("TOLD ")), None)
    return Ran(
        acknowledged=max([int(ack[1]) for line in lines if (ack := ACK.match(line))], default=0),
        told=None if told is None else lines[told].split()[1],
        sentence="" if told is None else lines[told + 1],
        closed="CLOSED" in lines,
    )


@pytest.mark.parametrize(("call", "error"), [("pwrite64", "ENOSPC"), ("fdatasync", "EIO"), ("fsync", "EIO")])
def test_a_fault_at_the_nth_call_is_told_and_takes_nothing_acknowledged(
    tmp_path: Path, call: str, error: str
) -> None:
    reached, told = 0, 0
    for number in range(1, LONGEST, EVERY):
        folder = tmp_path / str(number)
        folder.mkdir()
        ran = run(folder, call, error, f"{number}+")
        unfinished(folder)  # never an error
        told += ran.told is not None
        if ran.told is None:
            assert ran.closed  # the fault lay behind the last call
            break
        reached = number
        assert ran.told == "recorder_failed"
        assert "无法写入" in ran.sentence
        assert not ran.closed
        if ran.acknowledged:
            recorded = read_recorded(folder / "a.ogrec")
            found = [one for one in recorded.entries if one.kind is Kind.NOTIFY]
            assert len(found) >= ran.acknowledged
            assert found == [entry(i) for i in range(len(found))]
            assert recorded.damaged_chunks == 0
            assert recorded.interrupted or len(found) == ENTRIES
    assert call == "fsync" or (told > 1 and reached > 1)


def test_a_sync_that_fails_once_is_not_tried_again(tmp_path: Path) -> None:
    """After an error the kernel may have dropped the pages, and a second sync may lie."""
    ran = run(tmp_path, "fdatasync", "EIO", "9")
    assert ran.told == "recorder_failed"
    assert not ran.closed
    try:
        found = [one for one in read_recorded(tmp_path / "a.ogrec").entries if one.kind is Kind.NOTIFY]
    except StoreError:
        assert ran.acknowledged == 0
    else:
        assert len(found) >= ran.acknowledged
        assert ran.acknowledged < ENTRIES
