"""YAML that would turn into something else behind the writer's back is text or refused; no file crashes the reader."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from osteogait.clinic.strict_yaml import load_yaml
from osteogait.errors import CaseError


def _load(tmp_path: Path, text: str | bytes) -> dict[str, object]:
    path = tmp_path / "a.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_yaml(path)


@pytest.mark.parametrize(
    "written", ["072", "0x48", "0b1001000", "7_2", "1:12", "12:30:45", "1950-01-01", "72e", "nan"]
)
def test_what_yaml_1_1_would_turn_into_a_number_stays_text(tmp_path: Path, written: str) -> None:
    assert _load(tmp_path, f"a: {written}") == {"a": written}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("72", 72),
        ("+72", 72),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("7e1", 70.0),
        ("1.0E-2", 0.01),
        ("0", 0),
    ],
)
def test_plain_and_json_numbers(tmp_path: Path, written: str, value: float) -> None:
    read = _load(tmp_path, f"a: {written}")["a"]
    assert read == value
    assert type(read) is type(value)


def test_not_a_number_and_infinity_are_floats_for_the_range_check_to_refuse(tmp_path: Path) -> None:
    read = _load(tmp_path, "{a: .nan, b: -.inf}")
    assert math.isnan(read["a"])  # type: ignore[arg-type]
    assert read["b"] == -math.inf


@pytest.mark.parametrize("written", ["true", "True", "yes", "on"])
def test_answers(tmp_path: Path, written: str) -> None:
    assert _load(tmp_path, f"a: {written}") == {"a": True}


def test_keys_are_text_as_written(tmp_path: Path) -> None:
    assert list(_load(tmp_path, "{1: a, 01: b, Yes: c, ~: d, 1.0: e}")) == ["1", "01", "Yes", "~", "1.0"]


def test_unused_anchors_windows_files_json_and_document_marks_are_read(tmp_path: Path) -> None:
    assert _load(tmp_path, "a: &x 1") == {"a": 1}
    assert _load(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}
    assert _load(tmp_path, '{"a": {"b": [1, null]}}') == {"a": {"b": [1, None]}}
    assert _load(tmp_path, "---\na: 1\n...\n") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: !!bool x", "yaml_tag"),
        ("a: !!int ''", "yaml_tag"),
        ("a: !!timestamp x", "yaml_tag"),
        ("a: !!python/object/apply:os.system [id]", "yaml_tag"),
        ("!!omap [a: 1]", "yaml_tag"),
        ("a: &x {b: 1}\nc: {<<: *x}", "yaml_alias"),
        ("a: {<<: {b: 1}}", "yaml_alias"),
        ("? [a]\n: 1", "yaml_key"),
        ("a: 1\n---\na: 2", "yaml_syntax"),
        ("a:\n\tb: 1", "yaml_syntax"),
        ("a: " + "9" * 5000, "yaml_syntax"),
        ("a: \x01", "yaml_syntax"),
        ("[a]", "yaml_not_mapping"),
        ("", "yaml_not_mapping"),
        ("a: [" + "1," * 30_000 + "]", "yaml_too_many"),
        ("a: " + "{a: " * 3000 + "}" * 3000, "yaml_syntax"),
    ],
)
def test_refusals(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(CaseError) as refused:
        _load(tmp_path, text)
    assert refused.value.code == code
    assert refused.value.message("zh")


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / ("a" * 300), tmp_path / "no\0.yaml"):
        with pytest.raises(CaseError) as refused:
            load_yaml(path)
        assert refused.value.code == "file_unreadable"
