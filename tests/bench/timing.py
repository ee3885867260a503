"""How the bench measures: fresh processes and calls, medians, and the table it prints."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

REPEATS = 7
ROUNDS, CALLS = 15, 200


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `bar` and `value` are in `unit`."""

    what: str
    value: float
    unit: str
    bar: float | None
    baseline: str


def child(*words: str) -> tuple[float, float, str]:
    """CPU seconds, peak memory in MB and standard output of one fresh interpreter."""
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, *words], stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as stream:
        text = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def median_cpu(*words: str) -> float:
    """Median CPU seconds over REPEATS fresh processes (the first one, with cold caches, left out)."""
    child(*words)
    return statistics.median(child(*words)[0] for _ in range(REPEATS))


def median_wall(call: Callable[[], object], repeats: int) -> float:
    """Median wall seconds of `call` in this process after one warm-up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def side_by_side(
    *calls: Callable[[], object], rounds: int = ROUNDS, repeats: int = CALLS
) -> tuple[float, ...]:
    """Median wall seconds of each call, taken in turn, so that a busy moment meets all of them."""
    found = [[median_wall(call, repeats) for call in calls] for _ in range(rounds)]
    return tuple(statistics.median(times) for times in zip(*found, strict=True))


def print_table(rows: Iterable[Row]) -> bool:
    """Print the rows; True when no bar is missed."""
    good = True
    print(f"{'what':<58} {'measured':>10} {'bar':>9}          baseline of the same run")  # noqa: T201
    for row in rows:
        bar = "" if row.bar is None else f"{row.bar:g} {row.unit}"
        verdict = "" if row.bar is None else ("ok" if row.value <= row.bar else "OVER")
        good = good and verdict != "OVER"
        print(f"{row.what:<58} {row.value:>7.3g} {row.unit:<2} {bar:>9} {verdict:<5}    {row.baseline}")  # noqa: T201
    return good
