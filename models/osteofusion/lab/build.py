"""Stages train and quantize: cohort -> five calibrated float members -> integers, engine files, bundle."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from osteofusion.bundle import write_manifest
from osteofusion.encode import standardise
from osteofusion.engines.base import ONNX_FILE, TFLITE_FILE, open_engine
from osteofusion.lab import members as member_files
from osteofusion.lab import onnx_file, partial, tflite_file
from osteofusion.lab.calibrate import calibrate_members
from osteofusion.lab.cohort import Cohort, read_cohort
from osteofusion.lab.corners import with_corners
from osteofusion.lab.country import scales
from osteofusion.lab.ensemble import train_members
from osteofusion.lab.fit_imputer import fit_imputer, write_imputer
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.golden import write_golden
from osteofusion.lab.metadata import MODEL_ID, VERSION, metadata, write_metadata
from osteofusion.lab.network import Weights
from osteofusion.lab.out_of_fold import open_out_of_fold
from osteofusion.lab.quantize import quantize
from osteofusion.lab.train import Part, Plan
from osteofusion.lab.uncertainty import tables
from osteofusion.schema import default_bundle, load_schema

TRAINING_FILE, FEATURES_FILE = "training.json", "features.yaml"
TRAINING_PACKAGES = ("jax", "jaxlib", "optax", "numpy", "onnx", "scikit-learn")

Say = Callable[[str], None]


def train_stage(work: Path, plan: Plan, say: Say) -> None:
    """Train and calibrate the members on the cohort in `work`; writes members.npz and training.json there."""
    cohort = read_cohort(work, load_schema())
    say(f"{len(cohort.bone)} people with bone density, {len(cohort.function)} with a function test")
    members, calibration = float_members(cohort, plan, say)
    member_files.save(work, members)
    facts = {
        "schema": "osteofusion.training/1",
        "seed": cohort.seed,
        "plan": asdict(plan),
        "copies": cohort.facts["copies"],
        "calibration": calibration,
        "partial_dxa": partial.compare(cohort, members),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in TRAINING_PACKAGES},
    }
    (work / TRAINING_FILE).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    say(f"members and their calibration written to {work}")


def float_members(cohort: Cohort, plan: Plan, say: Say) -> tuple[list[Weights], dict[str, Any]]:
    """Five calibrated members, member k trained without fold k, and their common calibration."""
    parts = (_parts(cohort, fold) for fold in range(MEMBERS))
    return calibrate_members(cohort, train_members(cohort.schema, parts, plan, say))


def _parts(cohort: Cohort, fold: int) -> tuple[Part, Part]:
    bone, falls = cohort.training_parts(fold)
    rows = cohort.bone.take(cohort.arrays[f"bone{fold}/index"])
    rng = np.random.default_rng([cohort.seed, 400 + fold])
    return with_corners(cohort.schema, bone, rows, cohort.hazards[1][fold], rng), falls


def quantize_stage(work: Path, bundle: Path, say: Say) -> None:
    """Turn the members in `work` into integers and write every file of the bundle, the manifest last."""
    bundle.mkdir(parents=True, exist_ok=True)
    if not (bundle / FEATURES_FILE).exists():
        shutil.copyfile(default_bundle() / FEATURES_FILE, bundle / FEATURES_FILE)
    schema = load_schema(bundle)
    cohort = read_cohort(work, schema)
    members = member_files.load(work)
    integers = [quantize(member) for member in members]
    reference = standardise(schema, cohort.reference[0], 1)
    write_imputer(bundle, fit_imputer(schema, reference, cohort.bone.weight))
    facts = {"model": MODEL_ID, "version": VERSION}
    onnx_file.write(bundle / ONNX_FILE, integers, facts)
    tflite_file.write(bundle / TFLITE_FILE, integers, facts)
    vectors = write_golden(bundle, schema, integers, reference, np.random.default_rng([cohort.seed, 9]))
    say(f"{vectors} golden vectors")
    training = json.loads((work / TRAINING_FILE).read_text(encoding="utf-8"))
    people = {"bone_density": len(cohort.bone), "function": len(cohort.function)}
    errors = tables(open_out_of_fold(cohort, open_engine("onnxruntime", bundle), members))
    countries = {"countries": scales(cohort)}
    write_metadata(bundle, metadata(training, people, vectors, len(integers)) | countries | errors)
    write_manifest(bundle)
    say(f"bundle written to {bundle}, not signed")
