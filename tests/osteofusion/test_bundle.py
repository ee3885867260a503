"""The bundle: every file is what the manifest says, or nothing is computed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from osteofusion.bundle import MANIFEST_FILE, open_bundle, write_manifest
from osteofusion.errors import BundleError
from osteofusion.heads import OUTCOMES
from osteofusion.schema import default_bundle

FILES = ("features.yaml", "metadata.yaml", "fusion.int8.onnx", "imputer.npz", "golden.json", "MODEL_CARD.md")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_bundle(), tmp_path / "bundle"))


def test_the_shipped_bundle_is_whole() -> None:
    bundle = open_bundle(default_bundle())
    assert len(bundle.sha256) == 64
    assert set(bundle.metadata["data_tier"]) == set(OUTCOMES)
    assert set(json.loads((bundle.path / MANIFEST_FILE).read_text())["files"]) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_bit_is_refused(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(bytes(content))
    with pytest.raises(BundleError) as caught:
        open_bundle(copy)
    assert caught.value.code == "bundle_file_changed"
    assert name in caught.value.message("zh")


@pytest.mark.parametrize("name", [*FILES, MANIFEST_FILE])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError) as caught:
        open_bundle(copy)
    assert caught.value.code == "bundle_file_missing"


def test_an_extra_file_is_refused(copy: Path) -> None:
    (copy / "extra.bin").write_bytes(b"x")
    with pytest.raises(BundleError):
        open_bundle(copy)


def test_another_manifest_schema_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / MANIFEST_FILE).read_text())
    (copy / MANIFEST_FILE).write_text(json.dumps(manifest | {"schema": "osteofusion.manifest/9"}))
    with pytest.raises(BundleError) as caught:
        open_bundle(copy)
    assert caught.value.code == "bundle_not_understood"


def test_writing_the_manifest_again_changes_nothing(copy: Path) -> None:
    before = (copy / MANIFEST_FILE).read_bytes()
    write_manifest(copy)
    assert (copy / MANIFEST_FILE).read_bytes() == before


def test_the_card_says_what_is_real_in_both_languages() -> None:
    card = (default_bundle() / "MODEL_CARD.md").read_text(encoding="utf-8")
    for words in (
        "simulated outcomes",
        "high risk of bias",
        "结局为模拟",
        "不是医疗器械",
        "not a medical device",
    ):
        assert words.lower() in card.lower()
    assert "0.936" not in card
