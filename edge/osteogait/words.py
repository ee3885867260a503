"""The sentence behind every error and flag of the app, in English and Chinese, read once from words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

import yaml

LANGUAGES = ("en", "zh")


@runtime_checkable
class Speaks(Protocol):
    """Anything that can say itself in a language, such as a flag or an error of another package."""

    def message(self, lang: str) -> str:
        """The sentence in `lang`."""


@cache
def _table() -> dict[str, dict[str, str]]:
    text = files("osteogait").joinpath("words.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


def codes() -> tuple[str, ...]:
    """Every code that has a sentence."""
    return tuple(_table())


def sentence(code: str, lang: str, fields: Mapping[str, object]) -> str:
    """The sentence of `code` in `lang` with `fields` filled in; a field that speaks is asked in the same language."""
    said = {
        name: value.message(lang) if isinstance(value, Speaks) else value for name, value in fields.items()
    }
    return _table()[code][lang].format(**said)
