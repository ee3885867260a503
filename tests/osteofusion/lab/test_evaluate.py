"""The whole stage on made-up people and untrained members: report, pictures, card; twice the same bytes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from osteofusion import heads
from osteofusion.bundle import read_draft, write_manifest
from osteofusion.encode import layout, standardise
from osteofusion.engines.base import ONNX_FILE
from osteofusion.lab import evaluate, importance, members, metrics, mice, onnx_file, rivals
from osteofusion.lab.card_words import in_chinese
from osteofusion.lab.cohort import Cohort, read_cohort
from osteofusion.lab.fit_imputer import fit_imputer, write_imputer
from osteofusion.lab.members import float_logits
from osteofusion.lab.metadata import MODEL_ID, metadata, write_metadata
from osteofusion.lab.quantize import quantize
from osteofusion.lab.seed_paper import PAPER_SHARE, constant_brier
from osteofusion.schema import default_bundle, load_schema

PICTURES = {"calibration", "roc", "decision", "subsets", "importance", "int8", "coverage"}


def quiet(line: str) -> None:
    del line


@pytest.fixture(autouse=True, scope="module")
def fast() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "BOOTSTRAPS", 5)
        patch.setattr(importance, "PEOPLE", 4)
        patch.setattr(rivals, "TREES", 3)
        patch.setattr(mice, "DRAWS", 1)
        yield


@pytest.fixture(scope="module")
def bundle(work_made_up: Path, cohort_made_up: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft of those members, with as many files as the stage reads."""
    out, schema = tmp_path_factory.mktemp("bundle"), cohort_made_up.schema
    shutil.copy(default_bundle() / "features.yaml", out)
    integers = [quantize(member) for member in members.load(work_made_up)]
    onnx_file.write(out / ONNX_FILE, integers, {"model": MODEL_ID, "version": "0"})
    complete = standardise(schema, cohort_made_up.arrays["reference"], 1)
    write_imputer(out, fit_imputer(schema, complete, cohort_made_up.bone.weight))
    training = json.loads((work_made_up / "training.json").read_text(encoding="utf-8"))
    write_metadata(out, metadata(training, {"bone_density": 2000, "function": 2000}, 0, len(integers)))
    write_manifest(out)
    return out


@pytest.fixture(scope="module")
def report(work_made_up: Path, bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("docs") / "model-report.md"
    evaluate.evaluate_stage(work_made_up, bundle, path, quiet)
    return path


@pytest.fixture(scope="module")
def found(work_made_up: Path, report: Path) -> dict[str, Any]:
    assert report.exists()
    content: dict[str, Any] = json.loads((work_made_up / "evaluation.json").read_text(encoding="utf-8"))
    return content


def test_report_is_filled_and_its_pictures_exist(report: Path) -> None:
    text = report.read_text(encoding="utf-8")
    assert not re.search(r"\$\{?[a-z_]", text)
    named = set(re.findall(r"!\[[^\]]*\]\((img/model/[a-z0-9]+\.svg)\)", text))
    assert named == {f"img/model/{name}.svg" for name in PICTURES}
    for name in named:
        root = ElementTree.parse(report.parent / name).getroot()
        assert root.tag.endswith("svg")


def test_every_table_row_has_as_many_cells_as_its_head(report: Path, bundle: Path) -> None:
    for path in (report, bundle / "MODEL_CARD.md"):
        width = 0
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = line.count("|") if line.startswith("| ") else 0
            if line.startswith("| ") and width:
                assert cells == width, line
            width = cells


def test_a_second_run_gives_the_same_bytes(
    work_made_up: Path, bundle: Path, report: Path, found: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(bundle, tmp_path / "bundle")
    before = (work_made_up / "evaluation.json").read_bytes()
    evaluate.evaluate_stage(work_made_up, tmp_path / "bundle", tmp_path / report.name, quiet)
    assert (work_made_up / "evaluation.json").read_bytes() == before
    assert (tmp_path / report.name).read_bytes() == report.read_bytes()
    for name in PICTURES:
        picture = Path("img/model") / f"{name}.svg"
        assert (tmp_path / picture).read_bytes() == (report.parent / picture).read_bytes(), name
    for path in bundle.iterdir():
        assert (tmp_path / "bundle" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_card_belongs_to_the_manifest_and_says_what_it_must(bundle: Path) -> None:
    assert "MODEL_CARD.md" in read_draft(bundle).manifest.files
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    english, chinese = card.split("# 模型说明卡", maxsplit=1)
    assert "$" not in card
    for words in (
        "not a medical device",
        "Out of scope",
        "PROBAST+AI",
        "high",
        "report harm",
        "TRIPOD+AI",
        "sha256",
    ):
        assert words in english, words
    for words in ("不是医疗器械", "不适用", "PROBAST+AI", "偏倚风险", "报告伤害", "仅供研究"):
        assert words in chinese, words
    # one table a head in both languages, and no English head left in the Chinese half
    assert english.count("| --- |") == chinese.count("| --- |")
    words = {
        word
        for line in chinese.splitlines()
        if line.startswith("| ")
        for word in re.findall(r"[a-z_0-9]{4,}", line.replace("Brier", ""))
        if word[0].isalpha()
    }
    assert words <= {*heads.OUTCOMES}  # names of the outcomes are the same in both languages


def test_float_stands_beside_int8_in_every_table_of_the_network(found: dict[str, Any]) -> None:
    for item in found["status"]["by_group"].values():
        assert ("float" in item) == ("auc" in item)
    for row in found["subsets"]:
        for outcome, item in row.items():
            assert outcome == "known" or ("auc_float" in item) == ("auc" in item)
    for both in found["status"]["operating_points"].values():
        assert all(set(cut) == {"int8", "float"} for cut in both.values())


def test_integers_are_near_the_floats_they_came_from(found: dict[str, Any]) -> None:
    for outcome, item in found["int8"].items():
        assert item["p50_change"] <= item["p99_change"] <= item["max_change"] <= 0.1, outcome


def test_figures_are_those_of_the_member_that_did_not_see_the_person(
    work_made_up: Path, found: dict[str, Any]
) -> None:
    cohort = read_cohort(work_made_up, load_schema())
    schema = cohort.schema
    z = standardise(schema, cohort.bone.values, 1)
    z[:, list(schema.group_columns["bmd"])] = np.nan
    p = np.zeros(len(z))
    for number, member in enumerate(members.load(work_made_up)):
        rows = cohort.bone_fold == number
        p[rows] = heads.sigmoid(float_logits(member, z[rows], layout(schema))[:, heads.OSTEOPOROSIS])
    wanted = metrics.auc(p, cohort.bone.osteoporosis)
    assert found["status"]["by_group"]["everybody 50+"]["float"]["auc"][0] == pytest.approx(wanted, abs=1e-4)


def test_a_leak_leaves_no_report(
    work_made_up: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "LEAK", 0.0)
    with pytest.raises(evaluate.LeakSuspected):
        evaluate.evaluate_stage(work_made_up, bundle, tmp_path / "report.md", quiet)
    assert list(tmp_path.iterdir()) == []


def test_importance_takes_values_inside_their_ranges() -> None:
    schema = load_schema()
    for z in (np.full(len(schema.inputs), 3.9), np.full(len(schema.inputs), -3.9)):
        person = importance.person(schema, z)
        for feature in schema.inputs:
            low, high = feature.hard or (0.0, 1.0)
            assert low <= person[feature.id] <= high


def test_known_cells_are_put_into_chinese_and_others_stay() -> None:
    text = in_chinese("| known | n |\n| --- | --- |\n| bmd+clinical | 12 |\nmore words")
    assert text == "| 已知数据组 | 人数 |\n| --- | --- |\n| 骨密度+临床 | 12 |\nmore words"


def test_the_constant_forecast_of_an_enriched_sample() -> None:
    assert constant_brier(PAPER_SHARE) == pytest.approx(0.241, abs=5e-4)
    assert 1 - 0.087 / constant_brier(PAPER_SHARE) == pytest.approx(0.64, abs=5e-3)
