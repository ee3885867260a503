"""`make bench-peers`: cost of one long recording for ours and both open toolboxes, in turn, in one run.

Wall and CPU seconds and peak memory of the whole process (start, import, read, analyse, write), and the seconds of
the analysis alone. Medians of REPEATS rounds; every round runs all programs once, one process at a time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from open_walks import GAIT, OpenWalk, open_walks
from peers import MOBGAP, PEERS, environment, missing

SOURCE, SECONDS = "mobgap_ha001_test11_trial1", 227
"""The open recording of daily activities (138 s, 100 Hz), walked through again from its start up to 227 s."""
REPEATS = 5
TEN_TIMES, PIPELINE_S, MEMORY_MB = 10.0, 0.3, 150.0
INTRODUCTION = f"""\
A recording of {SECONDS} s at 100 Hz (daily activities, walked through again from the start), one process at a time in
turn, one thread, medians of {REPEATS} rounds after a warm-up; on a machine that other work may share, so only figures
of one table compare. Whole process: start, imports, reading, analysis, output. Analysis alone: without imports and
reading."""
OURS_TIMED = """\
import sys, time
import gaitsignal.protocols.walk
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
recording = read_recording(sys.argv[1])
start = time.perf_counter()
measure(recording, "walk")
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: seconds of wall and CPU, peak memory in MB; `pipeline_s` of the analysis alone."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    pipeline_s: float


def long_recording(folder: Path) -> OpenWalk:
    """The recording of SECONDS as a file of the shared form."""
    source = next(walk for walk in open_walks() if walk.name == SOURCE)
    with np.load(GAIT / f"{SOURCE}.npz") as stored:
        count = round(SECONDS * float(stored["fs_hz"]))
        arrays = {
            key: np.concatenate([stored[key]] * 2)[:count] for key in ("lowback_acc", "lowback_gyr")
        } | {"fs_hz": stored["fs_hz"]}
    path = folder / "long_walk.npz"
    np.savez(path, **arrays)
    path.with_suffix(".json").write_text(json.dumps({"height_m": source.height_m}), encoding="utf-8")
    return OpenWalk(path, source.meta, ())


def process(words: Sequence[str]) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, peak memory in MB, and the output of one process."""
    start = time.perf_counter()
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
    assert running.stdout is not None
    text = running.stdout.read().decode()
    _, status, usage = os.wait4(running.pid, 0)
    wall = time.perf_counter() - start
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        raise SystemExit(f"{' '.join(words[:3])} ended with {running.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def our_cost(path: Path) -> Cost:
    """The command as a user types it, and the analysis alone in a second fresh process."""
    command = [sys.executable, "-m", "osteogait", "measure", str(path), "--protocol", "walk", "--json"]
    wall, cpu, memory, _ = process(command)
    return Cost(wall, cpu, memory, float(process([sys.executable, "-c", OURS_TIMED, str(path)])[3]))


def peer_cost(words: Sequence[str]) -> Cost:
    """The peer's script; it times its analysis itself."""
    wall, cpu, memory, text = process(words)
    return Cost(wall, cpu, memory, float(sum(json.loads(text.strip().splitlines()[-1])["pipeline_s"])))


def median(costs: Sequence[Cost]) -> Cost:
    """Medians of every figure, the first round (cold caches) left out."""
    warm = costs[1:]
    fields = ("wall_s", "cpu_s", "memory_mb", "pipeline_s")
    return Cost(*(statistics.median(getattr(cost, name) for cost in warm) for name in fields))


def measured(folder: Path) -> tuple[dict[str, Cost], list[str]]:
    """Median costs by program, and a sentence for each program that is not there."""
    walk = long_recording(folder)
    runs: dict[str, Callable[[], Cost]] = {"osteogait": lambda: our_cost(walk.path)}
    absent = []
    for peer in PEERS:
        why = missing(peer)
        if why is not None:
            absent.append(f"Not shown: {why}.")
            continue
        words = [str(peer.python), str(peer.script), str(folder / "out.csv"), *peer.words([walk])]
        runs[peer.title] = lambda words=words: peer_cost(words)
    costs: dict[str, list[Cost]] = {title: [] for title in runs}
    for _ in range(REPEATS + 1):
        for title, run in runs.items():
            costs[title].append(run())
    return {title: median(found) for title, found in costs.items()}, absent


def table(costs: dict[str, Cost]) -> list[str]:
    """The table as Markdown."""
    ours = costs["osteogait"]
    lines = [
        "| | whole process: wall s | CPU s | peak memory MB | analysis alone s | wall, times ours |",
        "|---|---|---|---|---|---|",
    ]
    for title, cost in costs.items():
        lines.append(
            f"| {title} | {cost.wall_s:.2f} | {cost.cpu_s:.2f} | {cost.memory_mb:.0f} | {cost.pipeline_s:.3f} | "
            f"{cost.wall_s / ours.wall_s:.1f} |"
        )
    return lines


def verdicts(costs: dict[str, Cost]) -> list[tuple[str, bool]]:
    """Every bar in words, and whether it is reached."""
    ours = costs["osteogait"]
    found = [
        (
            f"analysis of {SECONDS} s at most {PIPELINE_S} s: {ours.pipeline_s:.3f}",
            ours.pipeline_s <= PIPELINE_S,
        ),
        (f"peak memory under {MEMORY_MB:.0f} MB: {ours.memory_mb:.0f}", ours.memory_mb < MEMORY_MB),
    ]
    if MOBGAP.title in costs:
        ratio = costs[MOBGAP.title].wall_s / ours.wall_s
        found.append(
            (f"at least {TEN_TIMES:.0f} times less wall than mobgap: {ratio:.1f}", ratio >= TEN_TIMES)
        )
    return found


def main() -> int:
    """Print the table and the bars as Markdown; 1 when one is missed."""
    with tempfile.TemporaryDirectory() as folder:
        costs, absent = measured(Path(folder))
    bars = verdicts(costs)
    said = [f"- {'reached' if good else 'NOT REACHED'}: {words}" for words, good in bars]
    print("\n".join([INTRODUCTION, "", *absent, *table(costs), "", *said]))  # noqa: T201
    return int(not all(good for _, good in bars))


if __name__ == "__main__":
    sys.exit(main())
