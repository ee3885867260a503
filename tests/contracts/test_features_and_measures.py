"""The model's feature list and the catalogue of measures agree, unit by unit, though neither knows the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gaitsignal.measures.catalogue import catalogue
from gaitsignal.pipeline import PROTOCOLS
from osteofusion.schema import load_schema
from osteogait.assessment.inputs import signal_source

SCHEMA = load_schema()
MEASURED = [feature for feature in SCHEMA.features if signal_source(feature) is not None]
GROUPS = ["bmd", "microarchitecture", "turnover", "clinical", "snp", "sensor"]


def test_six_groups_and_forty_to_sixty_inputs() -> None:
    assert [group.id for group in SCHEMA.groups] == GROUPS
    assert 40 <= len(SCHEMA.inputs) <= 60
    assert {feature.group for feature in SCHEMA.inputs} == set(GROUPS)


@pytest.mark.parametrize("feature", SCHEMA.features, ids=lambda feature: feature.id)
def test_every_feature_is_fully_described(feature) -> None:
    assert feature.source
    assert feature.citation
    assert feature.label["en"]
    assert any("\u4e00" <= letter <= "\u9fff" or letter.isupper() for letter in feature.label["zh"])
    if feature.kind == "number":
        assert feature.unit
        assert feature.hard is not None
        assert feature.soft is not None
        assert feature.hard[0] <= feature.soft[0] < feature.soft[1] <= feature.hard[1]


@pytest.mark.parametrize("feature", MEASURED, ids=lambda feature: feature.id)
def test_a_measured_feature_is_a_measure_in_the_same_unit(feature) -> None:
    protocol, key = signal_source(feature)
    assert protocol is None or protocol in PROTOCOLS
    assert catalogue()[key].unit == feature.unit


def test_gait_speed_is_fed_by_walking_speed() -> None:
    assert SCHEMA.by_id["gait_speed"].source == "gaitsignal:walking_speed"
    assert len(MEASURED) >= 8


@pytest.mark.parametrize("name", ["measures-1", "assessment-1"])
def test_the_published_contracts_are_valid_schemas(repo: Path, name: str) -> None:
    schema = json.loads((repo / "docs" / "contracts" / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
