"""What is said beside an answer exists in both languages and asks for the same fields."""

from __future__ import annotations

import re

import pytest

from osteofusion.words import ANSWERS, LANGUAGES, _table, remark, remark_codes


@pytest.mark.parametrize("code", remark_codes())
def test_both_languages_say_the_same(code: str) -> None:
    names = {lang: set(re.findall(r"\{(\w+)", _table(ANSWERS)[code][lang])) for lang in LANGUAGES}
    assert names["en"] == names["zh"]
    english, chinese = (remark(code, lang, dict.fromkeys(names[lang], "x")) for lang in LANGUAGES)
    assert "{" not in english + chinese
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
