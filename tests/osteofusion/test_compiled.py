"""compiled.json says what the files say, and counts for nothing where it does not fit them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from osteofusion.bundle import open_bundle, read_draft, write_manifest
from osteofusion.compiled import COMPILED_FILE, YAML_FILES, compile_files, content_of
from osteofusion.engines.golden import GOLDEN_FILE, read_golden
from osteofusion.schema import default_bundle, load_schema

if TYPE_CHECKING:
    from conftest import Signer

SHIPPED = default_bundle()


def held() -> dict[str, bytes]:
    """The shipped bundle's files."""
    return {path.name: path.read_bytes() for path in SHIPPED.iterdir()}


def table(content: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content)
    return read


@pytest.mark.parametrize("name", YAML_FILES)
def test_the_shipped_entry_is_the_yaml_file(name: str) -> None:
    entry = table(held()[COMPILED_FILE])[name]["content"]
    assert repr(entry) == repr(yaml.safe_load((SHIPPED / name).read_text(encoding="utf-8")))


def test_the_shipped_golden_vectors_are_those_of_their_file_to_the_last_bit() -> None:
    files = held()
    packed = read_golden(files)
    plain = read_golden({GOLDEN_FILE: files[GOLDEN_FILE]})
    assert packed.x.dtype == plain.x.dtype == np.float32
    pairs = [(packed.x, plain.x), (packed.probabilities, plain.probabilities)]
    for one, other in pairs + [(packed.logits[rule], plain.logits[rule]) for rule in ("A", "B")]:
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()


def test_writing_the_manifest_again_changes_nothing(copy: Path) -> None:
    before = (copy / COMPILED_FILE).read_bytes()
    write_manifest(copy)
    assert before == (copy / COMPILED_FILE).read_bytes() == (SHIPPED / COMPILED_FILE).read_bytes()


def test_no_yaml_is_read_to_open_a_bundle(
    copy: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osteofusion.compiled.read_yaml", lambda _: pytest.fail("YAML was read"))
    monkeypatch.setattr("osteofusion.schema._known", {})
    opened = open_bundle(copy, trust=signer.trust())
    assert opened.metadata["id"] == "osteofusion"
    assert load_schema(opened.content).column["fn_t"] == 0


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"schema": "other/1"}', b"\xff", b'{"schema": []}', b"[" * 9999]
)
def test_without_a_good_one_the_files_are_read(content: bytes) -> None:
    files = held() | {COMPILED_FILE: content}
    assert content_of(files, "metadata.yaml")["id"] == "osteofusion"
    assert len(read_golden(files).x) == 80


def test_an_entry_of_another_file_counts_for_nothing(copy: Path) -> None:
    text = (copy / "metadata.yaml").read_text(encoding="utf-8").replace("version: 0.2.0", "version: 0.2.9")
    files = held() | {"metadata.yaml": text.encode()}
    assert table(files[COMPILED_FILE])["metadata.yaml"]["content"]["version"] == "0.2.0"
    assert content_of(files, "metadata.yaml")["version"] == "0.2.9"
    (copy / "metadata.yaml").write_text(text, encoding="utf-8")
    write_manifest(copy)
    assert read_draft(copy).metadata["version"] == "0.2.9"
    assert table((copy / COMPILED_FILE).read_bytes())["metadata.yaml"]["content"]["version"] == "0.2.9"


@pytest.mark.parametrize("text", ["a: 2026-01-01", "{1: one}", "a: .nan", "a: [", "a: !!set {b}", "\x00"])
def test_what_json_cannot_say_is_left_to_the_file(text: str) -> None:
    assert set(table(compile_files({"features.yaml": text.encode()}, {}))) == {"schema"}
