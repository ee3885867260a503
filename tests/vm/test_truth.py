"""The truth tier: a real bluetoothd on a Debian kernel's virtual controller, and the sensors of the fast tier.

The machine is emulated in software, so times are judged only when the computer was quiet; what is lost, counted or
doubled is judged always. `build/vm/result.json` keeps everything.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from vm_machine import kernel_version, run
from vm_packages import CannotRun, names, unpacked

pytestmark = pytest.mark.vm

REPO = Path(__file__).resolve().parents[2]
FOLDER = REPO / "build" / "vm"
INSIDE = ("tests/vm/inside/conformance.py", "tests/vm/inside/scenarios.py")
LIMIT_S = 900.0
CASES = 20
"""Fewer means that the machine ended before its time."""
QUIET = 0.5
"""Load for each core beside the emulated machine's own, up to which a time is a fair one."""
EMULATED_CORES = 2


@dataclass(frozen=True)
class Truth:
    """What came out of the machine.

    cases       outcome by test: `passed`, or the message
    load        for each core, beside the machine's own: before it or at its end, whichever is more
    """

    kernel: str
    load: float
    cases: dict[str, str]
    figures: list[dict[str, Any]]

    @property
    def quiet(self) -> bool:
        return self.load <= QUIET

    def table(self) -> Iterator[str]:
        yield f"Real bluetoothd, Linux {self.kernel} emulated; load of the computer {self.load:.1f} a core"
        for case, outcome in self.cases.items():
            yield f"  {'passed' if outcome == 'passed' else 'FAILED':<8}{case}"
        for row in self.figures:
            bar = "" if row["bar"] is None else f"   at most {row['bar']:g}"
            yield f"  {row['what']:<64}{row['value']:>10g}{bar}"


@pytest.fixture(scope="module")
def truth(table: list[str]) -> Truth:
    try:
        root = unpacked(names(REPO / "deploy" / "debian-packages"), FOLDER)
    except CannotRun as reason:
        pytest.skip(str(reason))
    before = os.getloadavg()[0]
    junit = "--junitxml=/run/out/cases.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", junit, *INSIDE]
    out = run(root, FOLDER, REPO, command, LIMIT_S)
    load = max(before, os.getloadavg()[0] - EMULATED_CORES) / (os.cpu_count() or 1)
    if not (out / "cases.xml").exists():
        last = [
            (out / name).read_text(errors="replace")[-2000:]
            for name in ("kernel", "console")
            if (out / name).exists()
        ]
        pytest.fail("\n".join(["the machine ended without a result:", *last]))
    made = Truth(kernel_version(root), load, _cases(out / "cases.xml"), _figures(out / "figures.json"))
    (FOLDER / "result.json").write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    table.extend(made.table())
    return made


def _cases(path: Path) -> dict[str, str]:
    """Outcome by test."""
    found = {}
    for case in ElementTree.parse(path).iter("testcase"):
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        found[str(case.get("name"))] = "passed" if wrong is None else f"{wrong.get('message')}\n{wrong.text}"
    return found


def _figures(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def test_every_case_holds_with_a_real_bluetoothd(truth: Truth, subtests: pytest.Subtests) -> None:
    assert len(truth.cases) >= CASES
    for case, outcome in truth.cases.items():
        with subtests.test(case):
            assert outcome == "passed"


def test_every_sample_is_there_or_counted_and_none_is_there_twice(truth: Truth) -> None:
    exact = [row for row in truth.figures if row["always"]]
    assert len(exact) == 6
    assert [row for row in exact if row["value"] > row["bar"]] == []


def test_times_are_within_their_bars_on_a_quiet_computer(truth: Truth) -> None:
    judged = [row for row in truth.figures if row["bar"] is not None]
    late = [f"{row['what']} {row['value']:g}" for row in judged if row["value"] > row["bar"]]
    if late and not truth.quiet:
        pytest.skip(f"not on a quiet computer (load {truth.load:.1f} a core): {'; '.join(late)}")
    assert late == []
