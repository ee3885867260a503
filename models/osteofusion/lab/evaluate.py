"""Stage evaluate: what the bundle can do, on people each member has not seen, written as report and card.

Tiers: R real people and real labels; S drawn modalities or generated outcomes. No figure is printed without its
tier, and integers stand beside float weights in every table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.bundle import read_draft, write_manifest
from osteofusion.encode import standardise
from osteofusion.engines.base import open_engine
from osteofusion.heads import OUTCOMES
from osteofusion.impute import GaussianImputer
from osteofusion.lab import (
    coverage,
    falls_figures,
    fracture_figures,
    gradient_figures,
    importance,
    members,
    mice,
    null_figures,
    status_figures,
    stranger_figures,
    subset_figures,
)
from osteofusion.lab.card import write_card
from osteofusion.lab.cohort import read_cohort
from osteofusion.lab.comparators import Surrogate
from osteofusion.lab.figures import int8_against_float
from osteofusion.lab.metrics import auc
from osteofusion.lab.model_report import write_report
from osteofusion.lab.out_of_fold import OutOfFold, open_out_of_fold
from osteofusion.lab.pictures import draw_pictures
from osteofusion.lab.status_figures import Status
from osteofusion.predict import Predictor
from osteofusion.schema import load_schema

ENGINE = "onnxruntime"
EVALUATION_FILE, TRAINING_FILE, COHORT_FILE = "evaluation.json", "training.json", "cohort.json"
SCHEMA = "osteofusion.evaluation/1"
PICTURES = Path("img/model")
LEAK = 0.88  # osteoporosis without bone density: 0.85 is what these inputs can give, more means they hold the answer

Say = Callable[[str], None]


class LeakSuspected(Exception):
    """The network ranks osteoporosis better than its inputs can: some input holds the answer."""

    def __init__(self, found: float, best: str, alone: float) -> None:
        super().__init__(
            f"osteoporosis without bone density: AUC {found:.3f} is above {LEAK}. An input holds the answer. "
            f"The single value that ranks best is {best} (AUC {alone:.3f}): look there first."
        )
        self.found, self.best, self.alone = found, best, alone


def evaluate_stage(work: Path, bundle: Path, report: Path, say: Say, *, evidence: Path | None = None) -> None:
    """Measure the bundle on the cohort in `work`; write evaluation.json, the report with pictures, the card.

    `evidence` is the folder with the surrogate of published probabilities, a comparator that is not part of this
    project. Raises LeakSuspected, and writes nothing, when the status head is too good to be true.
    """
    found = measure(work, bundle, evidence, say)
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=False, allow_nan=False)
    (work / EVALUATION_FILE).write_text(text + "\n", encoding="utf-8")
    draw_pictures(report.parent / PICTURES, found)
    write_report(report, found)
    write_card(bundle, found)
    write_manifest(bundle)
    say(f"{report}, pictures and model card written")


def measure(work: Path, bundle: Path, evidence: Path | None, say: Say) -> dict[str, Any]:
    """Every figure of report and card, from the files of the earlier stages alone."""
    schema = load_schema(bundle)
    cohort, draft, engine = read_cohort(work, schema), read_draft(bundle), open_engine(ENGINE, bundle)
    oof = open_out_of_fold(cohort, engine, members.load(work))
    bone, function = (standardise(schema, rows.values, 1) for rows in (cohort.bone, cohort.function))
    status = status_figures.measure_status(oof, bone)
    check_leak(status)
    say(f"osteoporosis without bone density: AUC {auc(status.answer.int8, status.label):.4f}")
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "bundle": {"id": draft.id, "version": draft.version, "counter": draft.counter},
        "engine": {"name": engine.name, "version": engine.version},
        "metadata": draft.metadata,
        "training": _read(work, TRAINING_FILE),
        "cohort": _without_hazards(_read(work, COHORT_FILE)),
        "strangers": stranger_figures.tables(work, cohort),
        "people": {"bone": len(cohort.bone), "function": len(cohort.function), "50+": len(status.rows)},
        "status": status_figures.tables(status, oof, bone),
        "falls": falls_figures.tables(oof, function),
    }
    say("real labels: done")
    simulated = fracture_figures.simulate(oof)
    surrogate = None if evidence is None else Surrogate.read(evidence)
    found["fracture"] = fracture_figures.tables(oof, simulated, surrogate)
    found["gradients"] = gradient_figures.tables(oof, simulated)
    found["subsets"] = subset_figures.tables(oof, simulated)
    found["falls_subsets"] = subset_figures.falls_table(oof, function)
    say("generated outcomes and subsets: done")
    found["nulls"] = null_figures.tables(oof, status, simulated)
    found["int8"] = _rounding(oof, status, simulated, function)
    found["sensitivity"] = found["cohort"].get("imputation") or mice.sensitivity(
        schema, cohort.bone, cohort.bone_fold, cohort.seed
    )
    found["coverage"] = coverage.tables(oof)
    predictor = Predictor(draft, schema, engine, GaussianImputer.load(bundle))
    found["importance"] = importance.tables(predictor, simulated)
    return found


def check_leak(status: Status) -> None:
    """Raise LeakSuspected when the status head beats what its inputs can give."""
    area = auc(status.answer.int8, status.label)
    if area > LEAK:
        alone = status_figures.single_values(status)
        best = max(alone, key=lambda name: alone[name])
        raise LeakSuspected(area, best, alone[best])


def _rounding(
    oof: OutOfFold, status: Status, simulated: fracture_figures.SimulatedPeople, z: np.ndarray
) -> dict[str, Any]:
    """What the integers change, by outcome, on the people of each outcome's own table."""
    falls = oof.answer(z, oof.cohort.function_fold).outcome("falls_12m")
    answers = {
        "osteoporosis": status.answer,
        "mof_10y": simulated.answer.outcome("mof_10y"),
        "hip_10y": simulated.answer.outcome("hip_10y"),
        "falls_12m": falls,
    }
    return {name: int8_against_float(answers[name]) for name in OUTCOMES}


def _read(work: Path, name: str) -> Any:
    path = work / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _without_hazards(facts: Any) -> Any:
    return {name: value for name, value in facts.items() if name != "hazards"} if facts else facts
