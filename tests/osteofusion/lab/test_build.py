"""The one command: survey tables in, a bundle that loads, predicts and explains out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from osteofusion.engines.probe import read_golden
from osteofusion.heads import OUTCOMES
from osteofusion.lab import build, metrics
from osteofusion.lab.__main__ import main
from osteofusion.lab.tables import BONE_TABLES, FUNCTION_TABLES
from osteofusion.predict import Predictor
from osteofusion.schema import default_bundle

pytestmark = pytest.mark.realdata


STEPS = 200


def every_fourth_person(folder: Path, out: Path) -> Path:
    for name in (*BONE_TABLES, *FUNCTION_TABLES):
        head, *rows = (folder / name).read_text(encoding="utf-8").splitlines()
        (out / name).write_text("\n".join([head, *rows[::4]]) + "\n", encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def bundle(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out, tables = tmp_path_factory.mktemp("bundle"), tmp_path_factory.mktemp("tables")
    every_fourth_person(shared / "data" / "cohort", tables)
    shutil.copy(default_bundle() / "features.yaml", out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "COPIES", 1)
        patch.setattr(metrics, "BOOTSTRAPS", 5)
        assert (
            main(
                [
                    "train",
                    "--cohort",
                    str(shared / "data" / "cohort"),
                    "--out",
                    str(out),
                    "--steps",
                    str(STEPS),
                ]
            )
            == 0
        )
    return out


def test_the_bundle_loads_and_answers(bundle: Path) -> None:
    predictor = Predictor.load(bundle)
    person = {"age": 70.0, "sex": 0.0, "height": 158.0, "weight": 55.0}
    assert all(0 < p < 1 for p in predictor.predict(person).probabilities.values())
    assert set(predictor.explain(person)) == set(OUTCOMES)


def test_golden_vectors_of_a_new_bundle(bundle: Path) -> None:
    assert len(read_golden(bundle).x) >= 64


def test_metadata_and_card_tell_how_it_was_made(bundle: Path) -> None:
    metadata = Predictor.load(bundle).bundle.metadata
    assert metadata["training"]["plan"]["steps"] == STEPS
    assert metadata["evaluation"]["osteoporosis_without_dxa"]["50+"]["n"] > 1500
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "$" not in card
    assert f"{metadata['evaluation']['osteoporosis_without_dxa']['50+']['auc'][0]:.3f}" in card


def test_a_folder_without_tables_is_an_error(tmp_path: Path) -> None:
    shutil.copy(default_bundle() / "features.yaml", tmp_path)
    with pytest.raises(FileNotFoundError):
        main(["train", "--cohort", str(tmp_path), "--out", str(tmp_path)])
