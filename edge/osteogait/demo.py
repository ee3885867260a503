"""A whole screening of a simulated person, through the same code as a real one.

A synthetic person stands and walks; their simulated sensor speaks the open IMU profile; the packets go through
decoder, recorder and read-back; the recordings and an example case go through the main flow; the result is stored
and printed as a report.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from osteogait.config import data_folder
from osteogait.errors import OsteogaitError
from osteogait.words import sentence

if TYPE_CHECKING:
    from gaitsignal.recording import Recording
    from osteogait.acquire import RecordingSummary

EXAMPLE_SEED = 1  # the example person as written; any other seed varies age, size, gait and sway around her
PACKET_LOSS = 0.002  # of a good radio link; 97 % of the losses seen in clinics are of at most four samples


def run_demo(seed: int, out: Path | None, lang: str) -> Path:
    """Screen the simulated person of `seed`; prints what happens in `lang`; the path of the PDF report."""
    from osteogait.assessment.assess import assess_file
    from osteogait.console import print_assessment

    console = Console(highlight=False, markup=False, stderr=True)
    started = datetime.now(UTC)
    folder = _folder(out, started)
    case, gait = example_person(seed)
    sex = _say(f"demo_{case['person']['sex']}", lang)
    console.print(_say("demo_person", lang, **case["person"] | {"sex": sex}))
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        trials = simulated_trials(seed, case["person"]["height"] / 100, gait)
        summaries = {name: _record(name, trial, folder, progress, lang) for name, trial in trials.items()}
        steps = progress.add_task(_say("demo_assess", lang), total=3)
        case["recordings"] = [{"path": f"{name}.csv", "protocol": name} for name in trials]
        case_path = folder / "case.yaml"
        case_path.write_text(yaml.safe_dump(case, allow_unicode=True, sort_keys=False), encoding="utf-8")
        document = assess_file(case_path, lang)
        progress.advance(steps)
        reports = _write_reports(document, folder, lang)
        progress.advance(steps)
        database = _store(document, folder, summaries, started)
        progress.advance(steps)
    print_assessment(document, lang)
    told = [
        _say("demo_stored", lang, path=database),
        _say("demo_case", lang, command=f"{_program()} assess {shlex.quote(str(case_path))}"),
        *(_say("demo_report", lang, path=report) for report in reports),
    ]
    for line in ("", *told):
        console.print(line, soft_wrap=True)
    return reports[0]


def example_person(seed: int) -> tuple[dict[str, Any], dict[str, float]]:
    """The example case and how the person moves; seeds other than 1 vary both around the example."""
    text = files("osteogait.examples").joinpath("case.yaml").read_text(encoding="utf-8")
    case: dict[str, Any] = yaml.safe_load(text)
    gait = {"speed_m_s": 0.94, "cadence_per_min": 104.0, "sway_rms": 0.085}
    if seed == EXAMPLE_SEED:
        return case, gait
    random = np.random.default_rng(seed)
    case["person"] |= {
        "age": int(random.integers(55, 86)),
        "height": int(random.integers(148, 172)),
        "weight": int(random.integers(42, 78)),
    }
    lower = round(float(random.normal(0, 0.7)), 1)
    case["values"] |= {"fn_t": round(-1.7 + lower, 1), "th_t": round(-1.3 + lower, 1)}
    gait = {
        "speed_m_s": float(random.uniform(0.6, 1.25)),
        "cadence_per_min": float(random.uniform(92, 118)),
        "sway_rms": float(random.uniform(0.05, 0.15)),
    }
    return case, gait


def simulated_trials(seed: int, height_m: float, gait: dict[str, float]) -> dict[str, Recording]:
    """A quiet stance of 30 s and a walk out and back, as the sensor on the lower back feels them."""
    from gaitsignal.synthetic import stander, walker

    stance = stander(gait["sway_rms"], 30.0, height_m, seed=seed)
    walk = walker(gait["speed_m_s"], gait["cadence_per_min"], height_m, steps=18, seed=seed)
    return {"quiet_stance": stance.recording, "walk": walk.recording}


def _record(name: str, felt: Recording, folder: Path, progress: Progress, lang: str) -> RecordingSummary:
    """One trial: simulated packets -> decoder -> durable recorder -> read back -> CSV for the main flow."""
    from osteogait.acquire import Worn, record, to_recording, write_csv
    from osteogait.radio.simulated import Faults, SimulatedSensor

    task = progress.add_task(_say(f"demo_{name}", lang), total=felt.n)
    sensor = SimulatedSensor(felt, faults=Faults(loss=PACKET_LOSS, drift_ppm=20.0), seed=felt.n)
    summary = asyncio.run(
        record(
            sensor.source,
            folder / f"{name}.ogrec",
            worn=Worn(height_m=felt.height_m),
            on_progress=lambda samples: progress.update(task, completed=samples),
        )
    )
    write_csv(to_recording(summary.path), folder / f"{name}.csv")
    progress.update(task, completed=felt.n)
    return summary


def _write_reports(document: dict[str, Any], folder: Path, lang: str) -> tuple[Path, ...]:
    from osteogait.report.render import write_report

    paths = (folder / f"report-{lang}.pdf", folder / f"report-{lang}.html")
    for path in paths:
        write_report(document, path, lang)
    return paths


def _store(
    document: dict[str, Any], folder: Path, summaries: dict[str, RecordingSummary], started: datetime
) -> Path:
    """Keeps the screening in the database of the box, under a pseudonym."""
    import hashlib

    from osteogait.storage.records import Recording as StoredRecording
    from osteogait.storage.store import Store

    path = data_folder() / "osteogait.sqlite"
    person = document["person"]
    recordings = [
        StoredRecording(
            path=str(summary.path.resolve()),
            sha256=hashlib.sha256(summary.path.read_bytes()).hexdigest(),
            protocol=name,
            fs_hz=summary.rate_hz,
            samples=summary.received,
            lost=summary.lost,
            started=started,
        )
        for name, summary in summaries.items()
    ]
    with Store.open(path) as store:
        pseudonym = store.add_person(birth_year=started.year - int(person["age"]), sex=person["sex"])
        store.save_screening(pseudonym, document, recordings, started=started)
    return path


def _folder(out: Path | None, started: datetime) -> Path:
    folder = out or data_folder() / "demo" / started.strftime("%Y%m%d-%H%M%S")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("quiet_stance.ogrec", "walk.ogrec"):
            (folder / name).unlink(missing_ok=True)  # of an earlier demo in the same folder
        if not os.access(folder, os.W_OK):
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raise OsteogaitError(
            "output_unwritable", file=str(folder), reason=error.strerror or str(error)
        ) from error
    return folder


def _program() -> str:
    """How this program was called, so that what is printed can be typed."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "osteogait" else "osteogait"


def _say(code: str, lang: str, **fields: object) -> str:
    return sentence(code, lang, fields)
