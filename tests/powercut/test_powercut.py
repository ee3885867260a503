"""A power cut after every system call of a recording: nothing that was called durable is lost, nothing is wrong.

The idea is that of ALICE (Pillai et al., OSDI 2014); how the states are made stands in powercut_disk.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from powercut_disk import Disk, lay_out
from powercut_trace import CALLS, Call, calls
from powercut_writer import ENTRIES, entry

from osteogait.acquire.recorded import read_recorded
from osteogait.acquire.unfinished import keep_as_partial, unfinished
from osteogait.errors import StoreError
from osteogait.radio.entry import Kind

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
ACK = re.compile(r"ACK (\d+)")
MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Tally:
    """What became of all states tried."""

    states: int = 0
    unreadable: int = 0
    corrupt: int = 0
    lost: int = 0
    most_lost: int = 0


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Call | str]]:
    return {broken: traced(broken, tmp_path_factory.mktemp(broken)) for broken in ("none", "sync", "normal")}


def traced(broken: str, folder: Path) -> list[Call | str]:
    """The calls of one recording that was written, acknowledged and closed."""
    out, disk = folder / "trace", folder / "disk"
    disk.mkdir()
    writer = Path(__file__).with_name("powercut_writer.py")
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-o", str(out), "-e", f"trace={CALLS}"]
    subprocess.run([*command, sys.executable, str(writer), str(disk / "a.ogrec"), broken], check=True)
    return list(calls(out.read_text(), disk))


def cut_everywhere(trace: list[Call | str], folder: Path, *, strict: bool) -> Tally:
    tally, disk, acknowledged, begun = Tally(), Disk(strict=strict), 0, False
    for number, call in enumerate(trace):
        if isinstance(call, str):
            acknowledged = int(ack[1]) if (ack := ACK.match(call)) else acknowledged
            begun = begun or call == "READY"
        else:
            disk.do(call)
        for state in disk.states(number):
            lay_out(state, folder)
            judge(folder, tally, acknowledged, begun=begun)
    return tally


def judge(folder: Path, tally: Tally, acknowledged: int, *, begun: bool) -> None:
    """Run the product's own recovery on one state."""
    tally.states += 1
    unfinished(folder)  # never an error, whatever is left
    try:
        recorded = read_recorded(folder / "a.ogrec")
    except StoreError:
        tally.unreadable += begun
        tally.most_lost = max(tally.most_lost, acknowledged)
        return
    found = [one for one in recorded.entries if one.kind is Kind.NOTIFY]
    tally.corrupt += found != [entry(number) for number in range(len(found))]
    missing = acknowledged - len(found)
    tally.lost += missing > 0
    tally.most_lost = max(tally.most_lost, missing)


@pytest.fixture
def folder() -> Path:
    import tempfile

    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)  # type: ignore[misc]


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "ext4"])
def test_a_cut_at_any_call_loses_nothing_acknowledged(
    traces: dict[str, list[Call | str]], folder: Path, strict: bool
) -> None:
    tally = cut_everywhere(traces["none"], folder, strict=strict)
    assert tally.states > 1000
    assert (tally.unreadable, tally.corrupt, tally.lost) == (0, 0, 0), tally


@pytest.mark.parametrize("broken", ["sync", "normal"])
def test_without_the_syncs_the_same_test_is_red(
    traces: dict[str, list[Call | str]], folder: Path, broken: str
) -> None:
    tally = cut_everywhere(traces[broken], folder, strict=True)
    assert tally.unreadable + tally.lost > 100, tally
    assert tally.most_lost >= ENTRIES // 2, tally


def test_what_a_cut_left_can_be_kept_as_partial(traces: dict[str, list[Call | str]], folder: Path) -> None:
    disk, trace = Disk(strict=True), traces["none"]
    half = next(i for i, call in enumerate(trace) if call == f"ACK {ENTRIES // 2}")
    for call in trace[:half]:
        if isinstance(call, Call):
            disk.do(call)
    lay_out(next(disk.states(half)), folder)
    assert [one.path.name for one in unfinished(folder)] == ["a.ogrec"]
    keep_as_partial(folder / "a.ogrec")
    assert unfinished(folder) == ()
    assert [one.name for one in folder.iterdir()] == ["a.ogrec"]
    recorded = read_recorded(folder / "a.ogrec")
    assert len(recorded.notifications) >= ENTRIES // 2
    assert recorded.facts["ended"] == "interrupted"


def test_the_tracer_refuses_what_it_does_not_model(tmp_path: Path) -> None:
    path = str(tmp_path / "x").encode().hex()
    quoted = "".join(f"\\x{path[i : i + 2]}" for i in range(0, len(path), 2))
    with pytest.raises(AssertionError, match="not modelled"):
        list(calls(f'7 link("{quoted}", "{quoted}") = 0', tmp_path))
