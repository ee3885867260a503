"""The sentence behind every error and flag of the app, in English and Chinese, read once from words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

import yaml

from osteogait.reasons import REASONS, reason_words

LANGUAGES = ("en", "zh")
SPOKEN_DIGITS = 6  # significant; nobody enters more
UNIT_WORDS = {  # UCUM codes that are not what people write
    "a": {"en": "years", "zh": "岁"},
    "{T-score}": {"en": "(T-score)", "zh": "(T 值)"},
    "{Z-score}": {"en": "(Z-score)", "zh": "(Z 值)"},
}


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
    """The sentence of `code` in `lang` with `fields` filled in.

    A field that speaks is asked in the same language; numbers are said without needless digits, `unit` as people
    write it, and not at all where there is none; a reason of the operating system in words of the language.
    """
    said = {name: _spoken(value, lang) for name, value in fields.items()}
    said |= {name: reason_words(str(said[name]), lang) for name in REASONS & said.keys()}
    template = _table()[code][lang]
    unit = fields.get("unit")
    if isinstance(unit, str):
        said["unit"] = UNIT_WORDS.get(unit, {}).get(lang, unit)
        if unit == "1":
            template = template.replace(" {unit}", "")
    return template.format(**said)


def _spoken(value: object, lang: str) -> object:
    if isinstance(value, Speaks):
        return value.message(lang)
    return f"{value:.{SPOKEN_DIGITS}g}" if isinstance(value, float) else value
