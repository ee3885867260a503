"""Answers come from the bytes that were verified, and the hash is the standard one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from osteofusion.bundle import open_bundle
from osteofusion.digest import sha256
from osteofusion.engines.base import ENGINES, MODEL_FILES, open_engine
from osteofusion.engines.golden import read_golden
from osteofusion.engines.probe import verify
from osteofusion.errors import BundleError, EngineError
from osteofusion.impute import IMPUTER_FILE, GaussianImputer
from osteofusion.parts import part
from osteofusion.predict import Predictor
from osteofusion.schema import load_schema

if TYPE_CHECKING:
    from conftest import Signer

PERSON = {"age": 71.0, "sex": 0.0, "weight": 58.0}


@pytest.mark.parametrize("size", [0, 1, 64, 1_000_003])
def test_the_hash_is_sha256(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert sha256(content) == hashlib.sha256(content).digest()


def test_a_part_of_a_folder_and_of_an_opened_bundle(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"as written")
    assert part(tmp_path, "a.md") == part({"a.md": b"as written"}, "a.md") == b"as written"
    for parts in (tmp_path, {"a.md": b""}):
        with pytest.raises(BundleError) as caught:
            part(parts, "b.md")
        assert caught.value.code == "bundle_file_missing"


@pytest.mark.parametrize("name", ENGINES)
def test_what_changes_after_the_check_changes_nothing(name: str, copy: Path, signer: Signer) -> None:
    bundle = open_bundle(copy, trust=signer.trust())
    for file in copy.iterdir():
        file.write_bytes(b"something else")
    try:
        engine = open_engine(name, bundle.content)
    except EngineError:
        pytest.skip(f"{name} is not installed")
    assert verify(engine, read_golden(bundle.content)).passed
    late = Predictor(bundle, load_schema(bundle.content), engine)
    assert late.predict(PERSON).intervals == Predictor.load(engine=name).predict(PERSON).intervals


def test_a_missing_or_damaged_part_is_named(copy: Path, signer: Signer) -> None:
    content = dict(open_bundle(copy, trust=signer.trust()).content)
    for file in (IMPUTER_FILE, MODEL_FILES["onnxruntime"]):
        without = {name: held for name, held in content.items() if name != file}
        with pytest.raises(BundleError, match=file):
            GaussianImputer.load(without) if file == IMPUTER_FILE else open_engine("onnxruntime", without)
    with pytest.raises(BundleError, match=IMPUTER_FILE):
        GaussianImputer.load({IMPUTER_FILE: content[IMPUTER_FILE][:2000]})
