"""The stages: survey tables in, cohort, members and a bundle that loads, predicts and explains out; twice the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from osteofusion.encode import layout, network_input, standardise
from osteofusion.engines.golden import read_golden
from osteofusion.heads import probabilities
from osteofusion.lab import members
from osteofusion.lab.__main__ import main
from osteofusion.lab.build import quantize_stage
from osteofusion.lab.cohort import Cohort, read_cohort
from osteofusion.lab.corners import SHARE, with_corners
from osteofusion.lab.hider import Hider
from osteofusion.lab.network import on_grid
from osteofusion.lab.oracle import oracle_a
from osteofusion.lab.quantize import quantize
from osteofusion.lab.tables import BONE_TABLES, FUNCTION_TABLES
from osteofusion.schema import load_schema
from osteofusion.yaml_text import read_yaml

pytestmark = pytest.mark.realdata

STEPS = 60


def every_fourth_person(folder: Path, out: Path) -> Path:
    for name in (*BONE_TABLES, *FUNCTION_TABLES):
        head, *rows = (folder / name).read_text(encoding="utf-8").splitlines()
        (out / name).write_text("\n".join([head, *rows[::4]]) + "\n", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def work(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = every_fourth_person(shared / "data" / "cohort", tmp_path_factory.mktemp("tables"))
    folder = tmp_path_factory.mktemp("work")
    main(["cohort", "--data", str(tables), "--work", str(folder)])
    assert main(["train", "--work", str(folder), "--steps", str(STEPS)]) == 0
    return folder


@pytest.fixture(scope="module")
def bundle(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle")
    quantize_stage(work, out, lambda line: None)
    return out


@pytest.fixture(scope="module")
def cohort(work: Path) -> Cohort:
    return read_cohort(work, load_schema())


def test_training_tells_how_it_was_done(work: Path) -> None:
    facts = json.loads((work / "training.json").read_text(encoding="utf-8"))
    assert facts["plan"]["steps"] == STEPS
    assert facts["calibration"]["osteoporosis"]["slope"] > 0
    assert len(members.load(work)) == 5


def test_a_second_training_gives_the_same_bytes(work: Path, tmp_path: Path) -> None:
    for name in ("cohort.npz", "cohort.json"):
        shutil.copy(work / name, tmp_path)
    assert main(["train", "--work", str(tmp_path), "--steps", str(STEPS)]) == 0
    for name in ("members.npz", "training.json"):
        assert (tmp_path / name).read_bytes() == (work / name).read_bytes()


def test_a_second_bundle_has_the_same_bytes(work: Path, bundle: Path, tmp_path: Path) -> None:
    quantize_stage(work, tmp_path, lambda line: None)
    names = {item.name for item in bundle.iterdir()}
    assert names == {item.name for item in tmp_path.iterdir()}
    for name in names:
        assert (tmp_path / name).read_bytes() == (bundle / name).read_bytes(), name


def test_metadata_names_the_model_and_its_training(work: Path, bundle: Path) -> None:
    metadata = read_yaml((bundle / "metadata.yaml").read_text(encoding="utf-8"))
    training = json.loads((work / "training.json").read_text(encoding="utf-8"))
    assert metadata["calibration"] == training["calibration"]
    assert metadata["training"]["plan"]["steps"] == STEPS
    assert metadata["golden_vectors"] == len(read_golden(bundle).x) >= 64


def test_integers_answer_like_the_floats(work: Path, cohort: Cohort) -> None:
    schema, at = cohort.schema, layout(cohort.schema)
    z = standardise(schema, cohort.bone.values, 1)[:1500]
    for member in members.load(work):
        exact = probabilities(members.float_logits(member, z, at))
        integer = probabilities(
            oracle_a(quantize(member), on_grid(network_input(z, at)))[0].astype(np.float64)
        )
        assert np.quantile(np.abs(exact - integer), 0.99) <= 0.02


def test_a_stage_without_the_one_before_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        main(["train", "--work", str(tmp_path)])


def test_corner_rows_are_worse_off_and_teach_no_status(cohort: Cohort) -> None:
    part, _ = cohort.training_parts(0)
    rows = cohort.bone.take(cohort.arrays["bone0/index"])
    more = with_corners(cohort.schema, part, rows, cohort.hazards[1][0], np.random.default_rng(1))
    assert more.corners == len(more) - len(part) == int(SHARE * len(part))
    picked = np.sort(np.random.default_rng(1).choice(len(part), more.corners, replace=False))
    assert not more.label_weight[len(part) :].any()
    assert (more.z[len(part) :, list(cohort.schema.group_columns["bmd"])] <= part.z[picked][:, :3]).all()
    for cause in ("hip", "other"):
        assert (more.hazards[cause][len(part) :] >= 0.99 * part.hazards[cause][picked]).all()


def test_corner_rows_always_show_history_and_femoral_neck() -> None:
    schema = load_schema()
    hider = Hider(schema, np.random.default_rng(1))
    shown = np.arange(400) % 2 == 0
    _, seen = hider.inputs(
        np.zeros((400, len(schema.inputs))), np.zeros((400, len(schema.inputs)), bool), shown
    )
    always = [*hider.person, *hider.history, schema.column["fn_t"]]
    assert seen[shown][:, always].all()
    assert not seen[~shown][:, always].all()
