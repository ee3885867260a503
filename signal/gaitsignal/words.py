"""The sentence behind every flag and refusal, in English and Chinese, read once from words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gaitsignal.yaml_text import parse

LANGUAGES = ("en", "zh")


@cache
def _table() -> dict[str, dict[str, str]]:
    text = files("gaitsignal").joinpath("words.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = parse(text)
    return table


@cache
def reasons_of_files() -> dict[str, str]:
    """What the operating system and SQLite say of a file, in Chinese by what they say."""
    text = files("gaitsignal").joinpath("reasons.yaml").read_text(encoding="utf-8")
    table: dict[str, str] = parse(text)
    return table


def codes() -> tuple[str, ...]:
    """Every code that has a sentence."""
    return tuple(_table())


def sentence(code: str, lang: str, fields: Mapping[str, object]) -> str:
    """The sentence of `code` in `lang` with `fields` filled in; KeyError when the code has none.

    A `reason` that speaks by itself (`message(lang)`) is asked in that language; what the operating system gives is
    said in Chinese too where it is known.
    """
    if "reason" in fields:
        fields = {**fields, "reason": _spoken(fields["reason"], lang)}
    return _table()[code][lang].format(**fields)


def _spoken(reason: object, lang: str) -> object:
    speak = getattr(reason, "message", None)
    if callable(speak):
        return speak(lang)
    return reasons_of_files().get(str(reason), reason) if lang == "zh" else reason
