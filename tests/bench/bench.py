"""Measured speeds as one table: medians, CPU time and memory, beside a baseline of the same run.

Run by `make bench`. A figure over its bar is printed as OVER and the exit status is 1; nothing here is a unit test,
because a busy machine must not fail `make test`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from timing import REPEATS, Row, child, median_cpu, median_wall, print_table

CASE = """\
person: {age: 72, sex: female, height: 156, weight: 51}
values: {ctx: {value: 410, unit: pg/mL}, prior_fracture: true, vit_d25oh: 48, gait_speed: 0.91}
"""


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


def assessing(folder: Path) -> list[Row]:
    """A cold assessment."""
    case = folder / "case.yaml"
    case.write_text(CASE, encoding="utf-8")
    cold = median_cpu("-m", "osteogait", "assess", str(case), "--json")
    numpy_cpu = median_cpu("-c", "import numpy")
    return [Row("osteogait assess, cold, CPU", cold, "s", 1.5, f"{cold / numpy_cpu:.1f} x importing numpy")]


def streaming() -> list[Row]:
    """The picture on the screen while a person walks, fed with chunks of ten samples."""
    from live import BAR_PERCENT, measured_percent

    percent, median_ms, slow_ms = measured_percent()
    chunk = f"chunk of ten: median {median_ms:.2f} ms, slowest hundredth {slow_ms:.2f} ms"
    return [Row("live measures at 100 Hz, share of a core", percent, "%", BAR_PERCENT, chunk)]


def main() -> int:
    """Print the table; 1 when a bar is missed."""
    import decoders
    import drawing
    import model
    import radio
    import web

    empty = median_cpu("-c", "pass")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [*start_up(empty), *measuring(folder), *streaming(), *assessing(folder), *model.measured()]
    rows += decoders.decoder_rows()
    rows += [Row(*values) for values in radio.measured()]
    rows += [Row(*values) for values in (*web.measured(), *drawing.measured())]
    return 0 if print_table(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
