"""A made-up cohort whose truth is known: status hangs on age, sex and weight, falling on age and gait."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion.encode import standardise, unstandardise
from osteofusion.heads import sigmoid
from osteofusion.lab import members, network
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.tables import Rows
from osteofusion.schema import Schema, load_schema

Values = NDArray[np.float64]


def made_up_rows(schema: Schema, count: int, rng: np.random.Generator) -> Rows:
    z = rng.standard_normal((count, len(schema.inputs))).clip(-3, 3)
    values = unstandardise(schema, z)
    for feature in schema.inputs:
        column = schema.column[feature.id]
        if feature.kind != "number":
            values[:, column] = (z[:, column] > 0.5) * 1.0
    values[:, schema.column["sex"]] = rng.integers(2, size=count)
    values[:, schema.column["age"]] = rng.integers(50, 90, size=count)
    values[:, schema.column["weight"]] = rng.normal(75, 13, count).clip(40, 130)
    age, male, weight = (values[:, schema.column[name]] for name in ("age", "sex", "weight"))
    thin = 0.07 * (age - 70) - 0.06 * (weight - 75) - 1.5 * male
    t = -1.2 - 0.6 * thin + rng.normal(0, 0.9, count)
    for site in ("fn_t", "th_t", "ls_t"):
        values[:, schema.column[site]] = t + rng.normal(0, 0.2, count)
    lowest = values[:, [schema.column[site] for site in ("fn_t", "th_t", "ls_t")]].min(axis=1)
    slow = 1.0 - values[:, schema.column["gait_speed"]]
    falls = rng.random(count) < sigmoid(-2.0 + 0.03 * (age - 70) + 3.0 * slow)
    return Rows(
        seqn=np.arange(count),
        values=values,
        osteoporosis=(lowest <= -2.5) * 1.0,
        falls=falls * 1.0,
        weight=np.ones(count),
        asian=np.zeros(count, bool),
        top_coded=np.zeros(count, bool),
        cycle=rng.choice([2005, 2007, 2009, 2013], count),
        ancestry=rng.integers(6, size=count),
    )


def made_up_cohort(count: int) -> Cohort:
    schema, rng = load_schema(), np.random.default_rng(8)
    bone, function = made_up_rows(schema, count, rng), made_up_rows(schema, count, rng)
    function = Rows(**(function.arrays() | {"cycle": rng.choice([1999, 2003], count)}))
    fold = np.arange(count) % MEMBERS
    arrays: dict[str, NDArray[np.generic]] = {"reference": bone.values}
    z = standardise(schema, bone.values, 1)
    gaps = bone.values.copy()  # what the made-up survey did not measure
    gaps[np.ix_(rng.random(count) < 0.1, schema.group_columns["turnover"])] = np.nan
    bone = bone.with_values(gaps)
    for number in range(MEMBERS):
        index = np.flatnonzero(fold == number)
        arrays |= {f"unseen{number}/index": index, f"unseen{number}/z": z[index]}
        arrays |= {f"unseen{number}/measured": np.ones((len(index), z.shape[1]), bool)}
        arrays |= {f"unseen{number}/label_weight": np.ones(len(index))}
        risk = np.exp(-0.4 * z[index][:, [schema.column["fn_t"]]] + 0.5 * z[index][:, [schema.column["age"]]])
        for cause, level in (("hip", 0.003), ("other", 0.01), ("death", 0.02)):
            arrays[f"unseen{number}/{cause}"] = level * risk * np.ones(10)
    return Cohort(schema, bone, function, fold, fold, 7, {}, arrays, {"hazards": []})


@pytest.fixture(scope="session")
def real_cohort(shared: Path) -> Cohort:
    """The cohort of the open survey tables, with the rows of its first two members: drawn once for all tests."""
    return Cohort.read(shared / "data" / "cohort", load_schema(), seed=7, members=2)


@pytest.fixture(scope="session")
def cohort_made_up() -> Cohort:
    """Two thousand of them."""
    return made_up_cohort(2000)


@pytest.fixture(scope="session")
def work_made_up(cohort_made_up: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their work folder, with members that nobody has trained."""
    work = tmp_path_factory.mktemp("made_up")
    arrays = dict(cohort_made_up.arrays)
    for table, rows, fold in (
        ("bone", cohort_made_up.bone, cohort_made_up.bone_fold),
        ("function", cohort_made_up.function, cohort_made_up.function_fold),
    ):
        arrays |= {f"{table}/{name}": column for name, column in rows.arrays().items()}
        arrays[f"{table}/fold"] = fold
    np.savez(work / "cohort.npz", **arrays)  # type: ignore[arg-type]
    (work / "cohort.json").write_text(json.dumps({"seed": 7, "hazards": []}), encoding="utf-8")
    rng = np.random.default_rng(3)
    members.save(work, [network.initial(cohort_made_up.schema, rng) for _ in range(MEMBERS)])
    training = {
        "seed": 7,
        "plan": {"steps": 0},
        "copies": 1,
        "calibration": {},
        "partial_dxa": {"answers": "equations"},
        "python": "3.11",
        "packages": {"numpy": np.__version__},
    }
    (work / "training.json").write_text(json.dumps(training), encoding="utf-8")
    return work
