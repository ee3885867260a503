"""Measured speeds as one table: medians, CPU time and memory, beside a baseline of the same run.

Run by `make bench`. A figure over its bar is printed as OVER and the exit status is 1; nothing here is a unit test,
because a busy machine must not fail `make test`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

REPEATS = 7
CASE = """\
person: {age: 72, sex: female, height: 156, weight: 51}
values: {ctx: {value: 410, unit: pg/mL}, prior_fracture: true, vit_d25oh: 48, gait_speed: 0.91}
"""


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


def start_up(empty: float) -> list[Row]:
    """The cost of asking for the version, and what it must not import."""
    cpu = median_cpu("-m", "osteogait", "--version")
    code = (
        "import sys, osteogait.cli; "
        "print([m for m in ('scipy', 'onnxruntime', 'bleak', 'sqlalchemy', 'numpy') if m in sys.modules])"
    )
    loaded = child("-c", code)[2].strip()
    return [
        Row("osteogait --version, CPU", 1e3 * cpu, "ms", 150, f"{cpu / empty:.1f} x an empty interpreter"),
        Row(
            "heavy modules behind the command line",
            float(len(json.loads(loaded.replace("'", '"')))),
            "",
            0,
            loaded,
        ),
    ]


def measuring(folder: Path) -> list[Row]:
    """One 60 s recording: the pipeline alone, and the whole process."""
    from gaitsignal.pipeline import measure
    from gaitsignal.readers import read_recording

    path = folder / "walk.csv"
    write_walk(path)
    recording = read_recording(path)
    pipeline = median_wall(lambda: measure(recording, "walk"), REPEATS)
    reading = median_wall(lambda: read_recording(path), REPEATS)
    import numpy as np

    fft = median_wall(lambda: np.fft.rfft(recording.acc, axis=0), 50)
    words = ("-m", "osteogait", "measure", str(path), "--protocol", "walk", "--json")
    cpu, memory, _ = child(*words)
    return [
        Row(
            "measure walk, 60 s at 100 Hz: pipeline",
            1e3 * pipeline,
            "ms",
            300,
            f"{pipeline / fft:.0f} x one FFT of it",
        ),
        Row("read 60 s of CSV", 1e3 * reading, "ms", None, f"{reading / pipeline:.2f} x the pipeline"),
        Row("osteogait measure, whole process: peak memory", memory, "MB", 200, f"{cpu:.2f} s of CPU"),
    ]


def write_walk(path: Path) -> None:
    """A synthetic walk of 60 s as a CSV file."""
    from gaitsignal.synthetic import walker
    from osteogait.acquire import write_csv

    write_csv(walker(steps=44, seed=5).recording, path)


def predicting(folder: Path) -> list[Row]:
    """One prediction with group contributions after loading; a cold assessment."""
    import numpy as np

    from osteofusion.explain import group_shapley
    from osteofusion.predict import Predictor

    predictor = Predictor.load()
    values = {
        "age": 72.0,
        "sex": 0.0,
        "height": 156.0,
        "weight": 51.0,
        "ctx": 0.41,
        "fn_t": -2.1,
        "gait_speed": 0.9,
    }

    row = np.full((1, len(predictor.schema.inputs)), np.nan)
    for name, value in values.items():
        row[0, predictor.schema.column[name]] = value

    def one() -> None:
        predictor.predict_many(row)
        group_shapley(predictor, values)

    both = median_wall(one, 200)
    bare = median_wall(lambda: predictor.predict_many(row), 200)
    whole = median_wall(lambda: predictor.predict(values), 200)
    case = folder / "case.yaml"
    case.write_text(CASE, encoding="utf-8")
    cold = median_cpu("-m", "osteogait", "assess", str(case), "--json")
    numpy_cpu = median_cpu("-c", "import numpy")
    return [
        Row(
            "one prediction with group contributions",
            1e3 * both,
            "ms",
            2,
            f"{both / bare:.1f} x a bare prediction",
        ),
        Row(
            "one prediction with interval and draws",
            1e3 * whole,
            "ms",
            None,
            f"{whole / bare:.1f} x a bare prediction",
        ),
        Row("osteogait assess, cold, CPU", cold, "s", 1.5, f"{cold / numpy_cpu:.1f} x importing numpy"),
    ]


def streaming() -> list[Row]:
    """The picture on the screen while a person walks, fed with chunks of ten samples."""
    from live import BAR_PERCENT, measured_percent

    percent, median_ms, slow_ms = measured_percent()
    chunk = f"chunk of ten: median {median_ms:.2f} ms, slowest hundredth {slow_ms:.2f} ms"
    return [Row("live measures at 100 Hz, share of a core", percent, "%", BAR_PERCENT, chunk)]


def main() -> int:
    """Print the table; 1 when a bar is missed."""
    empty = median_cpu("-c", "pass")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [*start_up(empty), *measuring(folder), *streaming(), *predicting(folder)]
    print(f"{'what':<50} {'measured':>10} {'bar':>8}          baseline of the same run")  # noqa: T201
    for row in rows:
        bar = "" if row.bar is None else f"{row.bar:g} {row.unit}"
        verdict = "" if row.bar is None else ("ok" if row.value <= row.bar else "OVER")
        print(f"{row.what:<50} {row.value:>7.3g} {row.unit:<2} {bar:>8} {verdict:<5}    {row.baseline}")  # noqa: T201
    return int(any(row.bar is not None and row.value > row.bar for row in rows))


if __name__ == "__main__":
    sys.exit(main())
