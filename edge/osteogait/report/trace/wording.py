"""The words of the plot in one language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from osteogait.report.language import Language, load_language


class Wording:
    """Words of the plot by dotted keys, and the words that the report and the terminal use for the same things."""

    def __init__(self, lang: str, name_of_measure: Callable[[str, str], str]) -> None:
        """`name_of_measure` gives the words for a measure's key in a language."""
        self.lang = lang
        self.report: Language = load_language(lang)
        self._own = Language(lang, _table()[lang])
        self._name_of_measure = name_of_measure

    def text(self, key: str, **fields: object) -> str:
        """The words at `key` with `fields` filled in."""
        return self._own.text(key, **fields)

    def either(self, key: str, name: str) -> str:
        """The word for `name` under `key`, or `name` itself."""
        return self._own.either(key, name)

    def measure(self, key: str) -> str:
        """The words for the measure `key`."""
        return self._name_of_measure(key, self.lang)


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = files("osteogait.report.trace").joinpath("words.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table
