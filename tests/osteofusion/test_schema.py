"""The feature list: complete, unambiguous, and refused when it is damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from osteofusion.errors import BundleError
from osteofusion.schema import Feature, default_bundle, load_schema

SCHEMA = load_schema()


def test_six_groups_in_the_order_of_the_paper() -> None:
    groups = [group.id for group in SCHEMA.groups]
    assert groups == ["bmd", "microarchitecture", "turnover", "clinical", "snp", "sensor"]
    assert all(SCHEMA.group_columns[group] for group in groups)


def test_between_forty_and_sixty_inputs() -> None:
    assert 40 <= len(SCHEMA.inputs) <= 60


def test_columns_of_the_groups_are_all_inputs_once() -> None:
    columns = [column for group in SCHEMA.group_columns.values() for column in group]
    assert sorted(columns) == list(range(len(SCHEMA.inputs)))


@pytest.mark.parametrize("feature", SCHEMA.features, ids=lambda feature: feature.id)
def test_every_feature_says_what_it_is(feature: Feature) -> None:
    assert feature.label["en"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in feature.label["zh"])
    assert feature.citation
    assert feature.source.split(":")[0] in {"gaitsignal", "upload", "entry", "form"}
    if feature.kind in {"number", "dosage"}:
        assert feature.hard is not None
        assert feature.hard[0] < feature.hard[1]
    if feature.kind == "number":
        assert feature.hard is not None and feature.soft is not None  # noqa: PT018 - narrows for the type checker
        assert feature.hard[0] <= feature.soft[0] < feature.soft[1] <= feature.hard[1]
    assert all(factor > 0 for factor in feature.units.values())
    assert feature.unit not in feature.units


@pytest.mark.parametrize(
    ("feature", "unit", "factor"),
    [
        ("ctx", "pg/mL", 0.001),
        ("vit_d25oh", "ng/mL", 2.496),
        ("pth", "pmol/L", 9.43),
        ("calcium", "mg/dL", 0.2495),
        ("phosphate", "mg/dL", 0.3229),
        ("albumin", "g/dL", 10.0),
        ("creatinine", "mg/dL", 88.4),
        ("height", "m", 100.0),
    ],
)
def test_conversion_factors(feature: str, unit: str, factor: float) -> None:
    assert SCHEMA.by_id[feature].units[unit] == factor


def test_bone_alkaline_phosphatase_mass_is_never_an_activity() -> None:
    assert "U/L" not in SCHEMA.by_id["bap"].units


def test_only_age_and_sex_are_required() -> None:
    assert {feature.id for feature in SCHEMA.inputs if feature.missing == "required"} == {"age", "sex"}


def test_lower_bone_density_is_the_only_constrained_direction() -> None:
    assert {feature.id for feature in SCHEMA.features if feature.monotone} == {"fn_t", "th_t", "ls_t"}


def test_hrpqct_indices_ask_for_the_scanner_generation() -> None:
    asking = {feature.id for feature in SCHEMA.features if feature.requires == "scanner_generation"}
    assert asking == {feature.id for feature in SCHEMA.features if feature.group == "microarchitecture"} - {
        "tbs"
    }


def test_a_damaged_list_is_refused(tmp_path: Path) -> None:
    text = (default_bundle() / "features.yaml").read_text(encoding="utf-8")
    for damage in (
        text.replace("kind: number", "kind: guess", 1),
        text.replace("id: th_t", "id: fn_t", 1),
        text[:900] + "}",
    ):
        folder = tmp_path / str(abs(hash(damage)))
        folder.mkdir()
        (folder / "features.yaml").write_text(damage, encoding="utf-8")
        with pytest.raises(BundleError) as caught:
            load_schema(folder)
        assert caught.value.code == "bundle_not_understood"
        assert "features.yaml" in caught.value.message("zh")


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError) as caught:
        load_schema(tmp_path)
    assert caught.value.code == "bundle_file_missing"
    shutil.rmtree(tmp_path)
