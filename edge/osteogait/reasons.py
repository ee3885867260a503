"""What the operating system, SQLite and the inference engines give as a reason, in the language of the sentence."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

REASONS = frozenset({"reason", "reasons", "detail", "problem"})
"""Fields of a sentence that may hold such a reason, or several as `engine: reason; engine: reason`."""
SYSTEM = re.compile(r"(?P<number>\[Errno \d+\] )?(?P<words>[^:]+)(: '.*')?")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
OF_ENGINE = re.compile(r"[a-z][a-z-]*")


def reason_words(text: str, lang: str) -> str:
    """`text` without error number and without the path, which the sentence names; as it is where it is not known."""
    return "; ".join(_one(part, lang) for part in text.split("; "))


def _one(text: str, lang: str) -> str:
    engine, colon, reason = text.partition(": ")
    if colon and OF_ENGINE.fullmatch(engine):
        return f"{engine}: {_one(reason, lang)}"
    found = SYSTEM.fullmatch(text)
    if lang == "en":
        return found["words"] if found and found["number"] else text
    words = found["words"] if found else text
    known = _table().get(NUMBER.sub("{}", words))
    return text if known is None else known.format(*NUMBER.findall(words))


@cache
def _table() -> dict[str, str]:
    from gaitsignal.words import reasons_of_files

    text = files("osteogait").joinpath("reasons.yaml").read_text(encoding="utf-8")
    return {**reasons_of_files(), **yaml.safe_load(text)}
