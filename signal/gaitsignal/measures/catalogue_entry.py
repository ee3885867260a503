"""One line of the catalogue: what a measure is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A measure: its key, unit, plausible range [low, high] in that unit, meaning and source."""

    key: str
    unit: str
    low: float
    high: float
    meaning: str
    source: str
