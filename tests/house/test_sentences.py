"""Every code that can be said has a sentence in English and Chinese with the same fields, and no sentence is dead."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
import yaml

PACKAGES = {
    "osteogait": "edge/osteogait",
    "gaitsignal": "signal/gaitsignal",
    "osteofusion": "models/osteofusion",
}
FIELD = re.compile(r"^[a-z_][a-z0-9_]*$")
FIELDS = re.compile(r"\{\w+\}")


def _table(repo: Path, package: str) -> dict[str, dict[str, str]]:
    text = (repo / PACKAGES[package] / "words.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _texts_in_code(folder: Path) -> set[str]:
    """Every string constant, and every beginning of an f-string such as f"status_{...}" as a prefix."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                found.add(f"{node.values[0].value}*")
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_say_the_same_fields(repo: Path, package: str) -> None:
    table = _table(repo, package)
    assert table
    for code, sentences in table.items():
        assert set(sentences) == {"en", "zh"}, code
        assert _fields(sentences["en"]) == _fields(sentences["zh"]), code
        assert all(FIELD.match(name) for name in _fields(sentences["en"])), code
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentences["zh"]), code


@pytest.mark.parametrize("package", PACKAGES)
def test_no_key_stands_twice(repo: Path, package: str) -> None:
    text = (repo / PACKAGES[package] / "words.yaml").read_text(encoding="utf-8")
    keys = re.findall(r"^([a-z0-9_]+):", text, flags=re.MULTILINE)
    assert len(keys) == len(set(keys)), {key for key in keys if keys.count(key) > 1}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_sentence_stands_under_two_codes(repo: Path, package: str) -> None:
    for lang in ("en", "zh"):
        said = [FIELDS.sub("{}", sentences[lang]) for sentences in _table(repo, package).values()]
        assert len(said) == len(set(said)), {text for text in said if said.count(text) > 1}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_sentence_is_said_somewhere(repo: Path, package: str) -> None:
    # the sensor path of the app flags recordings with sentences of the science
    folders = [repo / PACKAGES[package], *([repo / PACKAGES["osteogait"]] if package == "gaitsignal" else [])]
    said = set().union(*(_texts_in_code(folder) for folder in folders))
    prefixes = tuple(text.removesuffix("*") for text in said if text.endswith("_*"))
    assert not [code for code in _table(repo, package) if code not in said and not code.startswith(prefixes)]


CALLS = {
    "osteogait": re.compile(
        r'(?:refusal|ConfigError|CaseError|UsageError|OsteogaitError|ModelError|StoreError|DeviceNotFound|QualityGateFailed|(?<!Model)Remark)\(\s*"([a-z0-9_]+)"'
    ),
    "gaitsignal": re.compile(r'(?:RecordingError|Flag)\(\s*"([a-z0-9_]+)"'),
    "osteofusion": re.compile(
        r'(?:BundleError|SignatureError|TrustError|InstallError|EngineError|ValuesError)\(\s*"([a-z0-9_]+)"'
    ),
}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_code_that_is_raised_has_its_sentence(repo: Path, package: str) -> None:
    sources = [path.read_text(encoding="utf-8") for path in (repo / PACKAGES[package]).rglob("*.py")]
    raised = {code for source in sources for code in CALLS[package].findall(source)}
    assert raised
    assert raised <= set(_table(repo, package))
