"""Is this box fit for work? Engines on golden vectors, one synthetic person through the main flow, the disk.

The synthetic recordings and the answers expected of them ship with the package, so that another processor, another
library or a damaged file shows itself.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from osteogait.errors import OsteogaitError
from osteogait.model.check import verify_model
from osteogait.words import LANGUAGES, sentence

REFERENCE = "selftest_reference.json"
MEASURE_TOLERANCE = 1e-6  # relative; the same arithmetic on x86-64 and arm64 agrees to about 1e-12
PROBABILITY_TOLERANCE = 2e-3  # one step of the int8 input moves a probability by less
CASE = """\
person: {age: 70, sex: female, height: 160, weight: 55}
values: {fn_t: -1.9, ctx: {value: 380, unit: pg/mL}, prior_fracture: true, postmenopausal: true}
recordings:
  - {path: walk.csv, protocol: walk}
  - {path: stance.csv, protocol: quiet_stance}
"""


def run_selftest() -> dict[str, Any]:
    """Everything that is checked with its verdict; `ok` only when all agree."""
    parts = {"model": verify_model(), **_screened(), "storage": _check_storage()}
    ok = all(part["ok"] for part in parts.values())
    return {"software": version("osteogait"), "ok": ok, **parts}


def _screened() -> dict[str, dict[str, Any]]:
    """Main flow and report; both failed, with the reason, when the screening cannot be done at all."""
    try:
        document = screening()
    except OsteogaitError as error:
        problem = error.message("en")
        return {
            "main_flow": {"ok": False, "compared": 0, "differing": [problem]},
            "report": {"ok": False, "languages": list(LANGUAGES), "lacking": list(LANGUAGES)},
        }
    return {"main_flow": _compare_flow(document), "report": _check_report(document)}


def screening() -> dict[str, Any]:
    """The assessment of the synthetic person, computed here and now."""
    from gaitsignal.synthetic import stander, walker
    from osteogait.acquire import write_csv
    from osteogait.assessment.assess import assess_file

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(walker(0.95, 106.0, 1.60, steps=14, seed=11).recording, folder / "walk.csv")
        write_csv(stander(0.08, 30.0, 1.60, seed=11).recording, folder / "stance.csv")
        (folder / "case.yaml").write_text(CASE, encoding="utf-8")
        return assess_file(folder / "case.yaml", "en")


def numbers_of(document: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Measures by protocol, and the probabilities, of an assessment."""
    found = {
        recording["protocol"]: {key: entry["value"] for key, entry in recording["measures"].items()}
        for recording in document["recordings"]
    }
    fracture = document["fracture_10y"]
    found["probabilities"] = {
        "osteoporosis": document["osteoporosis"]["probability"],
        "mof_10y": fracture["mof"]["probability"],
        "hip_10y": fracture["hip"]["probability"],
        "falls_12m": document["falls_12m"]["probability"],
    }
    return found


def write_reference() -> None:
    """Store what the main flow gives now as what it must give; for developers, after a wanted change."""
    path = Path(str(files("osteogait").joinpath(REFERENCE)))
    path.write_text(json.dumps(numbers_of(screening()), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _compare_flow(document: dict[str, Any]) -> dict[str, Any]:
    expected = json.loads(files("osteogait").joinpath(REFERENCE).read_text(encoding="utf-8"))
    found = numbers_of(document)
    if not _shipped_model():  # another model gives other probabilities; its golden vectors are its reference
        del expected["probabilities"], found["probabilities"]
    differing = []
    compared = 0
    for part in sorted(expected | found):
        wanted, got = expected.get(part, {}), found.get(part, {})
        for key in sorted(wanted | got):
            compared += 1
            if key not in wanted or key not in got or not _agree(part, wanted[key], got[key]):
                differing.append(f"{part}.{key}: expected {wanted.get(key)}, found {got.get(key)}")
    return {"ok": not differing and compared > 0, "compared": compared, "differing": differing}


def _shipped_model() -> bool:
    from osteofusion.schema import default_bundle
    from osteogait.model.in_use import active_bundle

    return active_bundle() == default_bundle()


def _agree(part: str, wanted: float, got: float | None) -> bool:
    if got is None:  # a probability, where no engine may answer
        return False
    if part == "probabilities":
        return math.isclose(wanted, got, rel_tol=0, abs_tol=PROBABILITY_TOLERANCE)
    return math.isclose(wanted, got, rel_tol=MEASURE_TOLERANCE, abs_tol=1e-9)


def _check_report(document: dict[str, Any]) -> dict[str, Any]:
    """The report as a page in both languages, with the words that must stand on it (no PDF: see `pdf` extra)."""
    from osteogait.report.build import build_report
    from osteogait.report.render import render_html

    lacking = [
        lang
        for lang in LANGUAGES
        if sentence("notice", lang, {}) not in render_html(build_report(document, lang=lang))
    ]
    return {"ok": not lacking, "languages": list(LANGUAGES), "lacking": lacking}


def _check_storage() -> dict[str, Any]:
    """A simulated sensor into the recorder and back, a person into the database and back, in a scratch folder."""
    try:
        with tempfile.TemporaryDirectory() as name:
            problems = [*_lost_in_recording(Path(name)), *_lost_in_database(Path(name))]
    except (OsteogaitError, OSError) as error:
        problems = [str(error)]
    return {"ok": not problems, "problems": problems}


def _lost_in_recording(folder: Path) -> list[str]:
    from gaitsignal.synthetic import walker
    from osteogait.acquire import Worn, record, to_recording
    from osteogait.radio.simulated import SimulatedSensor

    felt = walker(0.95, 106.0, 1.60, steps=8, seed=11).recording
    sensor = SimulatedSensor(felt)
    heard = asyncio.run(record(sensor.source, folder / "walk.ogrec", worn=Worn(height_m=1.60))).received
    kept = to_recording(folder / "walk.ogrec").n
    return [] if 0 < heard == kept else [f"recording: {heard} samples were heard, {kept} are kept"]


def _lost_in_database(folder: Path) -> list[str]:
    from osteogait.storage.audit import Audit
    from osteogait.storage.store import Store

    path = folder / "osteogait.sqlite"
    with Store.open(path) as store, store.transaction():
        store.add_person(birth_year=1950, sex="female")
        Audit(store).add("selftest", "create", "person")
    with Store.open(path) as store:
        whole = Audit(store).verify().ok
        people = len(store.people())
    return [] if people == 1 and whole else [f"database: {people} of 1 people kept, audit whole: {whole}"]
