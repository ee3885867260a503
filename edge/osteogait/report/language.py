"""The words of the report: one file a language, the same keys in each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("en", "zh")


class Language:
    """The words of `code` (`en` or `zh`), looked up by dotted keys."""

    def __init__(self, code: str, words: dict[str, Any]) -> None:
        """Use `load_language`."""
        self.code = code
        self._words = words

    def text(self, key: str, **fields: object) -> str:
        """The words at `key` with `fields` filled in; KeyError when there are none."""
        found = self.table(key)
        if not isinstance(found, str):
            raise KeyError(key)
        return found.format(**fields) if fields else found

    def table(self, key: str) -> Any:
        """Whatever stands at `key`: words, a list or a mapping."""
        found: Any = self._words
        for part in key.split("."):
            found = found[part]
        return found

    def either(self, key: str, name: str) -> str:
        """The word for `name` under `key`, or `name` itself where the report has no word for it."""
        words = self.table(key)
        return str(words.get(name, name))

    def listed(self, items: list[str]) -> str:
        """A list of things in one line."""
        return self.text("enumeration").join(items)

    def both(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other."""
        return self.text("between_sentences").join(sentences)

    def series(self, labels: list[str]) -> str:
        """Labels that may hold commas themselves, in one line."""
        return self.text("semicolon").join(labels)


@cache
def load_language(code: str) -> Language:
    """The words of `code`; KeyError when the report does not speak it."""
    if code not in LANGUAGES:
        raise KeyError(code)
    text = files("osteogait.report").joinpath("words", f"{code}.yaml").read_text(encoding="utf-8")
    return Language(code, yaml.safe_load(text))
