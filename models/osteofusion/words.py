"""The sentence behind every refusal of the model, in English and Chinese, read once from words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

LANGUAGES = ("en", "zh")


@cache
def _table() -> dict[str, dict[str, str]]:
    text = files("osteofusion").joinpath("words.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


def codes() -> tuple[str, ...]:
    """Every code that has a sentence."""
    return tuple(_table())


def sentence(code: str, lang: str, fields: Mapping[str, object]) -> str:
    """The sentence of `code` in `lang` with `fields` filled in; KeyError when the code has none."""
    return _table()[code][lang].format(**fields)
