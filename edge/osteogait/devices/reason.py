"""Why bytes are refused or a sensor does not start: a code for programs, words for people in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from osteogait.words import sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """Half a sentence, for the errors that carry it; reads as English where a text is wanted."""

    code: str
    fields: Mapping[str, object]

    def message(self, lang: str) -> str:
        """The reason in words."""
        return sentence(f"sensor_reason_{self.code}", lang, self.fields)

    def __str__(self) -> str:
        """In English."""
        return self.message("en")


def percent(value: int | None) -> Reason | str:
    """A battery level as people read it, also when nobody knows it."""
    return reason("unknown") if value is None else f"{value} %"


def reason(code: str, **fields: object) -> Reason:
    """The reason of that code with what fills its words."""
    return Reason(code, fields)
