"""The words: both languages complete, the fixed texts unchanged, no forbidden word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gaitsignal.pipeline import PROTOCOLS
from osteogait.report.language import LANGUAGES, load_language

FIELD = r"{(\w+)}"
FIXED = ("notice", "no_dxa", "falls_note")


def _leaves(words: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(words, dict):
        for key, inner in words.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(words, list):
        for number, inner in enumerate(words):
            if path != ".page":  # "Page 1 of 3" has an end in one language only
                yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, words


def _words(lang: str) -> dict[str, str]:
    return dict(_leaves(load_language(lang)._words))


def test_both_languages_have_the_same_keys() -> None:
    assert _words("en").keys() == _words("zh").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_protocol_has_a_name(lang: str) -> None:
    assert set(load_language(lang).table("clinic.protocols")) == set(PROTOCOLS)


def test_both_languages_fill_in_the_same_fields() -> None:
    english, chinese = _words("en"), _words("zh")
    for key, text in english.items():
        assert set(re.findall(FIELD, text)) == set(re.findall(FIELD, chinese[key])), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_text_and_none_is_empty(lang: str) -> None:
    allowed_empty = {
        ".units.{T-score}",
        ".units.{Z-score}",
        ".units.1",
        ".clinic.band_who.any",
        ".between_sentences",
    }
    for key, text in _words(lang).items():
        assert isinstance(text, str), f"{key}: YAML read it as {type(text).__name__}"
        assert text.strip() or key in allowed_empty, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_claims_too_much(lang: str) -> None:
    forbidden = re.compile(r"diagnos|诊断|accura|准确率|proven|guarantee|FRAX", re.IGNORECASE)
    said = {key: text for key, text in _words(lang).items() if key.lstrip(".") not in FIXED}
    assert [key for key, text in said.items() if forbidden.search(text)] == [".clinic.frax.name"]
    typed = {"en": "typed in by the clinician, not computed here", "zh": "由医生录入，非本软件计算"}
    assert typed[lang] in said[".clinic.frax.all"]  # the one place where that name may stand


def test_chinese_is_chinese() -> None:
    for key, text in _words("zh").items():
        if re.search("[a-z]{3}", re.sub(FIELD, "", text)):
            assert re.search("[\u4e00-\u9fff]", text), key


@pytest.mark.realdata
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_fixed_texts_are_those_of_the_evidence_base(shared: Path, lang: str) -> None:
    page = (shared / "design/evidence.md").read_text(encoding="utf-8").replace("\n> ", " ")
    page = re.sub(r"\s+", " ", page)
    for key in FIXED:
        assert load_language(lang).text(key) in page, key


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError):
        load_language("de")
