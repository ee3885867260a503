"""Is this box fit for work? Engines on golden vectors, and one synthetic person through the main flow.

The synthetic recordings and the answers expected of them ship with the package, so that another processor, another
library or a damaged file shows itself.
"""

from __future__ import annotations

import json
import math
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from osteogait.model.check import verify_model

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
    model = verify_model()
    document = screening()
    flow = _compare_flow(document)
    report = _check_report(document)
    return {
        "software": version("osteogait"),
        "ok": bool(model["ok"] and flow["ok"] and report["ok"]),
        "model": model,
        "main_flow": flow,
        "report": report,
    }


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


def _agree(part: str, wanted: float, got: float) -> bool:
    if part == "probabilities":
        return math.isclose(wanted, got, rel_tol=0, abs_tol=PROBABILITY_TOLERANCE)
    return math.isclose(wanted, got, rel_tol=MEASURE_TOLERANCE, abs_tol=1e-9)


def _check_report(document: dict[str, Any]) -> dict[str, Any]:
    """The report as a page in both languages, with the words that must stand on it (no PDF: see `pdf` extra)."""
    from osteogait.report.build import build_report
    from osteogait.report.render import render_html
    from osteogait.words import LANGUAGES, sentence

    lacking = [
        lang
        for lang in LANGUAGES
        if sentence("notice", lang, {}) not in render_html(build_report(document, lang=lang))
    ]
    return {"ok": not lacking, "languages": list(LANGUAGES), "lacking": lacking}
