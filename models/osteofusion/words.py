"""What the model says to people, in English and Chinese: refusals (words.yaml), remarks on answers (answers.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from osteofusion.yaml_text import read_yaml

LANGUAGES = ("en", "zh")
ANSWERS = "answers.yaml"


@cache
def _table(name: str = "words.yaml") -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = read_yaml(text)
    return table


def codes() -> tuple[str, ...]:
    """Every code that has a sentence."""
    return tuple(_table())


def sentence(code: str, lang: str, fields: Mapping[str, object]) -> str:
    """The sentence of `code` in `lang` with `fields` filled in; KeyError when the code has none."""
    return _table()[code][lang].format(**fields)


def remark(code: str, lang: str, fields: Mapping[str, object]) -> str:
    """What is said beside an answer: the remark of `code` in `lang` with `fields` filled in; KeyError for no code."""
    return _table(ANSWERS)[code][lang].format(**fields)


def remark_codes() -> tuple[str, ...]:
    """Every code that has a remark."""
    return tuple(_table(ANSWERS))
