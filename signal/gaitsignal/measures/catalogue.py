"""Every measure of every protocol, in the order in which results list them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gaitsignal.measures.catalogue_entry import CatalogueEntry
from gaitsignal.measures.chair_catalogue import ENTRIES as CHAIR
from gaitsignal.measures.gait_catalogue import ENTRIES as GAIT
from gaitsignal.measures.gait_quality_catalogue import ENTRIES as GAIT_QUALITY
from gaitsignal.measures.hold_catalogue import ENTRIES as HOLD
from gaitsignal.measures.sway_catalogue import ENTRIES as SWAY
from gaitsignal.measures.tug_catalogue import ENTRIES as TUG
from gaitsignal.result import Value

ENTRIES: tuple[CatalogueEntry, ...] = (*GAIT, *GAIT_QUALITY, *HOLD, *SWAY, *TUG, *CHAIR)


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Key -> entry."""
    return {entry.key: entry for entry in ENTRIES}


def in_order(values: Mapping[str, Value]) -> dict[str, Value]:
    """`values` in catalogue order; KeyError when one is not in the catalogue."""
    unknown = [key for key in values if key not in catalogue()]
    if unknown:
        raise KeyError(f"not in the catalogue: {', '.join(unknown)}")
    return {key: values[key] for key in catalogue() if key in values}
