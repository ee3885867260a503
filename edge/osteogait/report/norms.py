"""Published values to print beside a measurement, each with its source (norms.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Band:
    """A published band for one sex and age; `kind` says what its ends are (see norms.yaml)."""

    kind: str
    sex: str
    first_age: int
    last_age: int
    low: float
    mid: float
    high: float
    n: int
    count: str
    source: str
    population: str


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A limit of a named rule: low when `below` it, slow when `at_least` it."""

    rule: str
    kind: str
    limit: int | float  # printed as the rule writes it
    source: str

    def met(self, value: float) -> bool:
        """Whether `value` lies on the side the rule points at."""
        return value < self.limit if self.kind == "below" else value >= self.limit


@dataclass(frozen=True, slots=True)
class Norm:
    """What is published for one feature and one person."""

    unit: str
    axis: tuple[float, float]
    decimals: int
    band: Band | None
    cutoffs: tuple[Cutoff, ...]


def features_with_norms() -> tuple[str, ...]:
    """The features that have published values, in print order."""
    return tuple(_table())


def norm_for(feature: str, *, sex: str, age: float, lang: str) -> Norm | None:
    """What is published of `feature` for a person; None when nothing applies."""
    held = _table()[feature]
    band = _band(held.get("bands"), sex, age, lang)
    cutoffs = tuple(
        Cutoff(item["rule"], item["kind"], item["limit"], item["source"])
        for item in held["cutoffs"]
        if item.get("sex", sex) == sex
    )
    if band is None and not cutoffs:
        return None
    return Norm(held["unit"], tuple(held["axis"]), held["decimals"], band, cutoffs)


def _band(bands: dict[str, Any] | None, sex: str, age: float, lang: str) -> Band | None:
    if bands is None:
        return None
    for row_sex, first, last, low, mid, high, n in bands["rows"]:
        if row_sex in (sex, "any") and first <= int(age) <= last:  # decades count completed years
            source, population = bands["source"], bands["population"][lang]
            return Band(
                bands["kind"], row_sex, first, last, low, mid, high, n, bands["count"], source, population
            )
    return None


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = files("osteogait.report").joinpath("norms.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table
