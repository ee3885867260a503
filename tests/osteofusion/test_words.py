"""Every refusal has a sentence in both languages, and no sentence is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import osteofusion
from osteofusion.words import LANGUAGES, _table, codes, sentence

PACKAGE = Path(osteofusion.__file__).parent
RAISED = re.compile(r"(?:Bundle|Signature|Trust|Install|Engine|Values)Error\(\s*\"(\w+)\"")


def raised() -> set[str]:
    return {
        code for path in PACKAGE.rglob("*.py") for code in RAISED.findall(path.read_text(encoding="utf-8"))
    }


def test_codes_and_sentences_match() -> None:
    assert raised() == set(codes())


@pytest.mark.parametrize("code", codes())
def test_both_languages_say_the_same(code: str) -> None:
    names = {lang: set(re.findall(r"\{(\w+)", _table()[code][lang])) for lang in LANGUAGES}
    assert names["en"] == names["zh"]
    english, chinese = (sentence(code, lang, dict.fromkeys(names[lang], "x")) for lang in LANGUAGES)
    assert "{" not in english + chinese
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
