"""The two clocks of a machine read together: one that people set, one that only runs; a step shows between them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
NO_BOOT = "0" * 36
RUNNING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Runs on while the machine is asleep, where the system has such a clock: sleeping is no step of the other one."""
STEP_S = 1.0
"""Less is no news for the labels of an audit; what a step does to a recording is the recorder's own affair."""
TOGETHER_NS, TRIES = 5_000_000, 20
"""Both are read within so long; a process that is put aside in between reads again."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """One moment on both: `monotonic_ns` since the start `boot_id` of the machine, `utc` as the clock was set."""

    boot_id: str
    monotonic_ns: int
    utc: datetime


def read_clocks() -> Clocks:
    """The present moment."""
    for _ in range(TRIES):
        before, wall, after = _running_ns(), time.time(), _running_ns()
        if after - before <= TOGETHER_NS:
            break
    return Clocks(_boot_id(), (before + after) // 2, datetime.fromtimestamp(wall, UTC))


def seconds_stepped(earlier: Clocks, later: Clocks) -> float:
    """By how much the clock was set in between; 0 for less than a second.

    Across a start of the machine only a clock that went back can be told.
    """
    passed_s = (later.utc - earlier.utc).total_seconds()
    if earlier.boot_id == later.boot_id:
        passed_s -= (later.monotonic_ns - earlier.monotonic_ns) / 1e9
    else:
        passed_s = min(passed_s, 0.0)
    return round(passed_s, 3) if abs(passed_s) >= STEP_S else 0.0


def _running_ns() -> int:
    return time.clock_gettime_ns(RUNNING)


@cache
def _boot_id() -> str:
    """Which start of the machine this is."""
    return BOOT.read_text(encoding="ascii").strip() if BOOT.exists() else NO_BOOT
