"""The selftest passes on a healthy installation and fails, with words, on each thing it is there to find."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from osteofusion import schema
from osteogait import selftest
from osteogait.errors import ModelError


def test_a_healthy_installation_passes() -> None:
    verdict = selftest.run_selftest()
    assert verdict["ok"], json.dumps(verdict, indent=1)  # after a wanted change: selftest.write_reference()
    assert verdict["main_flow"]["compared"] > 40
    assert verdict["model"]["engines"]


def test_another_answer_of_the_main_flow_is_found() -> None:
    document = selftest.screening()
    walk = next(recording for recording in document["recordings"] if recording["protocol"] == "walk")
    walk["measures"]["cadence"]["value"] *= 1.00001
    document["fracture_10y"]["hip"]["probability"] += 0.01
    verdict = selftest._compare_flow(document)
    assert not verdict["ok"]
    assert [line.split(":")[0] for line in verdict["differing"]] == ["probabilities.hip_10y", "walk.cadence"]


def test_the_probabilities_of_another_model_are_not_held_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    document = selftest.screening()
    document["fracture_10y"]["hip"]["probability"] += 0.01
    monkeypatch.setattr(selftest, "_shipped_model", lambda: False)
    verdict = selftest._compare_flow(document)
    assert verdict["ok"]
    assert verdict["compared"] > 40  # the measures still are


def test_a_missing_measure_is_found() -> None:
    document = selftest.screening()
    del document["recordings"][0]["measures"]["cadence"]
    assert any("walk.cadence" in line for line in selftest._compare_flow(document)["differing"])


@pytest.mark.parametrize(
    "name", ["fusion.int8.onnx", "features.yaml", "golden.json", "imputer.npz", "metadata.yaml"]
)
def test_one_flipped_bit_in_the_bundle_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(schema.default_bundle(), copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    monkeypatch.setattr(schema, "default_bundle", lambda: copy)
    verdict = selftest.verify_model()
    assert not verdict["ok"]
    assert name in verdict["bundle"]


def test_no_engine_that_may_answer_is_a_finding_not_a_crash() -> None:
    document = selftest.screening()
    document["osteoporosis"]["probability"] = None
    verdict = selftest._compare_flow(document)
    assert not verdict["ok"]
    assert any(line.startswith("probabilities.osteoporosis") for line in verdict["differing"])


def test_a_screening_that_cannot_be_done_is_a_finding_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused() -> dict[str, Any]:
        raise ModelError("bundle_damaged", detail="a file is gone")

    monkeypatch.setattr(selftest, "screening", refused)
    verdict = selftest.run_selftest()
    assert not verdict["ok"]
    assert "a file is gone" in verdict["main_flow"]["differing"][0]
    assert not verdict["report"]["ok"]


def test_a_disk_that_keeps_nothing_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert selftest._check_storage() == {"ok": True, "problems": []}
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(selftest.tempfile, "tempdir", str(tmp_path / "file"))
    verdict = selftest._check_storage()
    assert not verdict["ok"]
    assert verdict["problems"]
