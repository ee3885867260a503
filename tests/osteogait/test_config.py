"""The configuration: defaults, one YAML file, and a refusal with its line for everything that is not in the tree."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from osteofusion.engines import base
from osteogait import config
from osteogait.clinic.strict_yaml import load_yaml
from osteogait.config import SECTIONS, Config, configuration, read_config
from osteogait.errors import CaseError, ConfigError

FULL = """\
# a comment
model:
  engines: [litert, onnxruntime]
  trusted_keys: /srv/keys
  bundles: /srv/models
  country: CN
bluetooth:
  adapter: "00:1a:7d:da:71:13"
limits:
  yaml_bytes: 5000
  recordings_per_case: 3
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OSTEOGAIT_CONFIG", raising=False)
    monkeypatch.setattr(config, "SITE_FILE", tmp_path / "none.yaml")
    monkeypatch.setenv("OSTEOGAIT_DATA", str(tmp_path))
    assert configuration() == Config()
    assert configuration().model.bundles_folder == tmp_path / "models"
    assert configuration().model.engines == base.ENGINES


def test_the_site_file_and_the_named_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OSTEOGAIT_CONFIG", raising=False)
    monkeypatch.setattr(config, "SITE_FILE", written(tmp_path, "limits: {yaml_nodes: 7}"))
    assert configuration().limits.yaml_nodes == 7
    named = tmp_path / "named.yaml"
    named.write_text("limits: {yaml_nodes: 8}")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(named))
    assert configuration().limits.yaml_nodes == 8


def test_every_key_of_the_file_arrives(tmp_path: Path) -> None:
    found = read_config(written(tmp_path, FULL))
    assert found.model.engines == ("litert", "onnxruntime")
    assert found.model.trusted_keys == Path("/srv/keys")
    assert found.model.bundles_folder == Path("/srv/models")
    assert found.model.country == "CN"
    assert found.bluetooth.adapter == "00:1A:7D:DA:71:13"
    assert found.limits.yaml_bytes == 5000
    assert found.limits.table_bytes == Config().limits.table_bytes
    with pytest.raises(FrozenInstanceError):
        found.model.country = "US"  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\ufeffmodel: {country: US}\n"])
def test_an_empty_or_marked_file_is_fine(tmp_path: Path, text: str) -> None:
    assert read_config(written(tmp_path, text)) == Config()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("modell: {}", "config_unknown_key", 1),
        ("model:\n  engines: [litert]\n  engine: litert\n", "config_unknown_key", 3),
        ("limits: {yaml_nodes: 1}\nlimits: {yaml_nodes: 2}\n", "config_twice", 2),
        ("model:\n  country: US\n  country: US\n", "config_twice", 3),
        ("- model", "config_wants_block", 1),
        ("model: 5", "config_wants_block", 1),
        ("model:\n", "config_wants_block", 1),
        ("model: {engines: [abacus]}", "config_wants_engines", 1),
        ("model: {engines: []}", "config_wants_engines", 1),
        ("model: {engines: litert}", "config_wants_engines", 1),
        ("model: {engines: [litert, litert]}", "config_wants_engines", 1),
        ("model: {trusted_keys: keys}", "config_wants_folder", 1),
        ("model: {bundles: }", "config_wants_folder", 1),
        ("model: {country: us}", "config_wants_choice", 1),
        ("station:\n  port: 65536\n", "config_wants_port", 2),
        ("station:\n  port: 0\n", "config_wants_count", 2),
        ("limits:\n  yaml_bytes: 0\n", "config_wants_count", 2),
        ("limits:\n  yaml_bytes: 1e6\n", "config_wants_count", 2),
        ("limits:\n  yaml_bytes: -5\n", "config_wants_count", 2),
        ("limits:\n  yaml_bytes: [5]\n", "config_wants_count", 2),
        ("limits:\n  table_bytes: ²\n", "config_wants_count", 2),
        ("model: {\n", "yaml_syntax", 2),
        ("a: 1\n---\nb: 2\n", "yaml_syntax", 2),
    ],
)
def test_everything_else_is_refused_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert (caught.value.code, caught.value.fields["line"]) == (code, line)
    for language in ("en", "zh"):
        assert str(path) in caught.value.message(language)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for content, code in ((b"\xff\xfe", "config_unreadable"), (b"#" * 200_000, "config_too_large")):
        path = tmp_path / code
        path.write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            read_config(path)
        assert caught.value.code == code
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "absent")
    assert caught.value.code == "config_unreadable"


def test_a_limit_of_the_file_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(written(tmp_path, "limits: {yaml_nodes: 5}")))
    case = tmp_path / "case.yaml"
    case.write_text("person: {age: 70, sex: female}\n")
    with pytest.raises(CaseError) as caught:
        load_yaml(case)
    assert caught.value.code == "yaml_too_many"


def test_every_key_has_unit_and_reason_and_stands_in_the_documents(repo: Path) -> None:
    document = (repo / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert config.ENGINES == base.ENGINES
    assert set(SECTIONS) == {item.name for item in fields(Config)}
    for section, kind in SECTIONS.items():
        for item in fields(kind):
            assert item.metadata["unit"]
            assert item.metadata["reason"]
            assert f"| `{section}.{item.name}` | {item.metadata['unit']} |" in document
