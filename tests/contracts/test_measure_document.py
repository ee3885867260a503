"""What `measure` prints: the published schema, on synthetic people and on every open real recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gaitsignal.measures.catalogue import catalogue
from gaitsignal.synthetic import chair_stander, stander, tug_walker, walker
from osteogait.acquire import write_csv
from osteogait.assessment.measuring import measure_file


@pytest.fixture(scope="module")
def contract(repo: Path) -> Draft202012Validator:
    text = (repo / "docs" / "contracts" / "measures-1.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def test_a_walk(tmp_path: Path, contract: Draft202012Validator) -> None:
    write_csv(walker(1.0, 108.0, 1.64, steps=14, seed=3).recording, tmp_path / "walk.csv")
    document, code, reason = measure_file(tmp_path / "walk.csv", "walk", None, "en")
    contract.validate(json.loads(json.dumps(document, allow_nan=False)))
    assert (code, reason, document["usable"]) == (0, "", True)
    units = {"cadence": "steps/min", "walking_speed": "m/s", "stride_length": "m", "stride_time": "s"}
    assert {key: document["measures"][key]["unit"] for key in units} == units
    assert {contact["side"] for contact in document["events"]["initial_contacts"]} >= {"left", "right"}
    assert len(document["events"]["turns"]) == 1


def test_a_stance(tmp_path: Path, contract: Draft202012Validator) -> None:
    write_csv(stander(0.08, 30.0, seed=3).recording, tmp_path / "stance.csv")
    document, code, _ = measure_file(tmp_path / "stance.csv", "quiet_stance", 1.64, "zh")
    contract.validate(document)
    assert code == 0
    assert {"rms", "rms_ml", "path", "jerk", "ellipse_area", "mean_frequency"} <= set(document["measures"])


@pytest.mark.realdata
@pytest.mark.parametrize("protocol", ["walk", "quiet_stance"])
def test_every_real_walk_gives_events_or_says_why_not(
    shared: Path, contract: Draft202012Validator, protocol: str
) -> None:
    paths = sorted((shared / "data" / "gait").glob("*.npz"))
    assert len(paths) >= 63
    for path in paths:
        document, code, reason = measure_file(path, protocol, None, "en")
        contract.validate(document)
        units = {key: catalogue()[key].unit for key in document["measures"]}
        assert {key: entry["unit"] for key, entry in document["measures"].items()} == units
        if protocol == "walk":
            assert document["events"]["initial_contacts"] or document["flags"], path.name
            assert document["usable"], (path.name, reason)
        else:
            assert code == 4, f"{path.name}: a walk is no quiet stance"
            assert reason


def test_a_timed_up_and_go_and_chair_stands(tmp_path: Path, contract: Draft202012Validator) -> None:
    write_csv(tug_walker(seed=3).recording, tmp_path / "tug.csv")
    document, code, reason = measure_file(tmp_path / "tug.csv", "timed_up_and_go", 1.64, "zh")
    contract.validate(document)
    assert (code, reason) == (0, "")
    names = [phase["name"] for phase in document["events"]["phases"]]
    assert names == ["stand_up", "walk_1", "turn_1", "walk_2", "turn_2", "sit_down"]
    assert document["measures"]["tug_total"]["unit"] == "s"
    write_csv(chair_stander(seed=3).recording, tmp_path / "chair.csv")
    document, code, reason = measure_file(tmp_path / "chair.csv", "chair_stand_5x", 1.64, "en")
    contract.validate(document)
    assert (code, reason) == (0, "")
    assert len(document["events"]["rises"]) == document["measures"]["repetitions"]["value"] == 5
