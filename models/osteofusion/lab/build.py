"""One command from survey tables to a bundle: cohort, five members, calibration, integers, checks, card."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from osteofusion import heads
from osteofusion.bundle import METADATA_FILE, write_manifest
from osteofusion.encode import layout, standardise
from osteofusion.engines.base import MODEL_FILE
from osteofusion.lab import evaluate, onnx_file
from osteofusion.lab.calibrate import Platt, fit_event_shifts, fit_platt, fold_in
from osteofusion.lab.card import write_card
from osteofusion.lab.cohort import MEMBERS, Cohort
from osteofusion.lab.evaluate import SITES, OutOfFold
from osteofusion.lab.fit_imputer import fit_imputer, write_imputer
from osteofusion.lab.golden import write_golden
from osteofusion.lab.hazards import incidence
from osteofusion.lab.network import Weights
from osteofusion.lab.quantize import IntegerMember, quantize
from osteofusion.lab.train import Hider, Plan, float_logits, train_member
from osteofusion.schema import load_schema

MODEL_ID, VERSION = "osteofusion", "0.1.0"
COPIES = 4
TRAINING_PACKAGES = ("jax", "jaxlib", "optax", "numpy", "onnx", "scikit-learn")
DATA_TIER = {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """Calibrated float members, their integers, and the calibration that went in."""

    weights: list[Weights]
    integers: list[IntegerMember]
    calibration: dict[str, Any]


def train_bundle(folder: Path, out: Path, plan: Plan, say: Say) -> None:
    """Train on the tables in `folder` and write a complete bundle to `out` (features.yaml must be there)."""
    schema = load_schema(out)
    cohort = Cohort.read(folder, schema, plan.seed)
    say(f"cohort: {len(cohort.bone)} people with bone density, {len(cohort.function)} with a function test")
    report = evaluate.generator(cohort)
    say(yaml.safe_dump(report, default_flow_style=None, sort_keys=False, width=150))
    trained = train(cohort, plan, say)
    report |= _evaluation(cohort, trained)
    say(yaml.safe_dump(report, default_flow_style=None, sort_keys=False, width=150))
    write(out, cohort, trained, plan, report)
    say(f"bundle written to {out}")


def train(cohort: Cohort, plan: Plan, say: Say) -> Trained:
    """Five members, one a fold; calibrated together on the people each has not seen."""
    raw: list[Weights] = []
    for fold in range(MEMBERS):
        bone, falls = cohort.training_parts(fold, COPIES)
        raw.append(train_member(cohort.schema, bone, falls, plan, plan.seed + fold))
        say(f"member {fold + 1} of {MEMBERS} trained on {len(bone)} + {len(falls)} rows")
    osteoporosis, falls_platt = _platts(cohort, raw)
    shifts = _shifts(cohort, raw)
    weights = [fold_in(member, osteoporosis, falls_platt, shifts) for member in raw]
    calibration = {
        "osteoporosis": asdict(osteoporosis),
        "falls_12m": asdict(falls_platt),
        "event_shift": {"hip": shifts[0], "other": shifts[1]},
        "how": "Platt on out-of-fold real rows (no bone density); shift of event logits on generated rows",
    }
    return Trained(weights, [quantize(member) for member in weights], calibration)


def _platts(cohort: Cohort, members: list[Weights]) -> tuple[Platt, Platt]:
    at, schema = layout(cohort.schema), cohort.schema
    bone = standardise(schema, cohort.bone.values, 1)
    bone[:, [schema.column[name] for name in SITES]] = np.nan
    falls = standardise(schema, cohort.function.values, 1)
    found = []
    for z, fold, label, head in (
        (bone, cohort.bone_fold, cohort.bone.osteoporosis, heads.OSTEOPOROSIS),
        (falls, cohort.function_fold, cohort.function.falls, heads.FALLS),
    ):
        logits = np.zeros(len(z))
        for number, weights in enumerate(members):
            logits[fold == number] = float_logits(weights, z[fold == number], at)[:, head]
        found.append(fit_platt(logits, label))
    return found[0], found[1]


def _shifts(cohort: Cohort, members: list[Weights]) -> tuple[float, float]:
    logits, hip, mof = [], [], []
    for fold, (weights, part) in enumerate(zip(members, cohort.unseen_parts, strict=True)):
        hider = Hider(cohort.schema, np.random.default_rng([cohort.seed, 50 + fold]))
        z = np.where(hider.keep(part.measured), part.z, np.nan)
        logits.append(float_logits(weights, z, layout(cohort.schema)))
        h = part.hazards
        hip.append(incidence(h["hip"], h["death"])[0])
        mof.append(incidence(h["hip"] + h["other"], h["death"])[0])
    return fit_event_shifts(np.concatenate(logits), np.concatenate(hip), np.concatenate(mof))


def _evaluation(cohort: Cohort, trained: Trained) -> dict[str, Any]:
    schema = cohort.schema
    oof = OutOfFold(cohort, trained.integers)
    bone, function = (
        standardise(schema, cohort.bone.values, 1),
        standardise(schema, cohort.function.values, 1),
    )
    parts = cohort.unseen_parts
    some = parts[0].z[:1500]
    logits = [float_logits(weights, some, layout(schema)).astype(np.float64) for weights in trained.weights]
    return {
        "osteoporosis_without_dxa": evaluate.osteoporosis_without_dxa(oof, bone),
        "partial_dxa": evaluate.partial_dxa(oof, bone),
        "falls": evaluate.falls(oof, function),
        "fracture_against_generator": evaluate.fracture(oof, parts),
        "int8_against_float_one_member": evaluate.int8_against_float(oof, logits, some),
    }


def write(out: Path, cohort: Cohort, trained: Trained, plan: Plan, report: dict[str, Any]) -> None:
    """All files of the bundle, the manifest last; the same training gives the same bytes."""
    schema = cohort.schema
    reference = standardise(schema, cohort.reference[0], 1)
    rng = np.random.default_rng([cohort.seed, 9])
    write_imputer(out, fit_imputer(schema, reference, cohort.bone.weight))
    onnx_file.write(out / MODEL_FILE, trained.integers, {"model": MODEL_ID, "version": VERSION})
    vectors = write_golden(out, schema, trained.integers, reference, rng)
    metadata = _metadata(cohort, trained, plan, report, vectors)
    text = yaml.safe_dump(metadata, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    (out / METADATA_FILE).write_text(text, encoding="utf-8")
    write_card(out, metadata)
    shutil.rmtree(out / "__pycache__", ignore_errors=True)
    write_manifest(out)


def _metadata(
    cohort: Cohort, trained: Trained, plan: Plan, report: dict[str, Any], vectors: int
) -> dict[str, Any]:
    return {
        "schema": "osteofusion.metadata/1",
        "id": MODEL_ID,
        "version": VERSION,
        "intended_use": "research: estimate of osteoporosis, ten-year fracture and falling in adults from 40",
        "data_tier": DATA_TIER,
        "tiers": {
            "R": "real people, real labels",
            "S": "real people, drawn modalities or generated outcomes",
        },
        "country": cohort.parameters["country"],
        "heads": {"outcomes": list(heads.OUTCOMES), "logits_per_member": heads.WIDTH, "members": MEMBERS},
        "falls_12m_means": "a falling problem reported for the past twelve months (a survey question)",
        "partial_dxa": _better_partial(report["partial_dxa"]),
        "interval": "5th to 95th percentile over members and 20 draws of missing values; no confidence interval",
        "calibration": trained.calibration,
        "training": {
            "people": {"bone_density": len(cohort.bone), "function": len(cohort.function)},
            "sources": ["NHANES 2005-2010, 2013-2014 (bone)", "NHANES 1999-2000, 2003-2004 (function)"],
            "copies": COPIES,
            "plan": {
                key: list(value) if isinstance(value, tuple) else value for key, value in asdict(plan).items()
            },
            "python": platform.python_version(),
            "packages": {name: importlib.metadata.version(name) for name in TRAINING_PACKAGES},
        },
        "golden_vectors": vectors,
        "evaluation": report,
    }


def _better_partial(report: dict[str, Any]) -> str:
    """Which of the two answers partial DXA: the one with the lower summed Brier score out of fold."""
    total = {
        way: sum(pattern[way]["brier"] for pattern in report.values()) for way in ("network", "equations")
    }
    return min(total, key=lambda way: total[way])
