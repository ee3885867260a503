"""Tests in a browser wait for what must come, never for a time: the next machine is slower."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__)
COUNTS_ON_TIME = re.compile(r"wait_for_timeout|time\.sleep|\.clock\.(install|fast_forward|resume)")


def test_no_test_waits_for_a_time() -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(HERE.parent.glob("test_*.py"))
        if path != HERE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if COUNTS_ON_TIME.search(line)
    ]
    assert found == [], "wait for a condition; count minutes on harness.stop_clock(page)"
