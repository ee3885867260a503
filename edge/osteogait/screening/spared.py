"""Harder stands that need not be tried, because an easier one of the same test was not held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from osteogait.screening.composed import NOT_ABLE

if TYPE_CHECKING:
    from osteogait.screening.battery import TestItem
    from osteogait.storage.trials import Trial


def spared(items: Sequence[TestItem], decided: Mapping[str, Trial]) -> frozenset[str]:
    """Ids of the stands left out; `decided` has by test the try that counts.

    Both the NIA's scoring sheet of the SPPB and the four stages of CDC STEADI go on to the next stand only after
    ten seconds on this one.
    """
    left_out: set[str] = set()
    for item in items:
        ladder = [one for one in items if is_stage(one) and one.protocol == item.protocol]
        easier = ladder[: ladder.index(item)] if item in ladder else []
        if any(one.id in decided and not held(one, decided[one.id]) for one in easier):
            left_out.add(item.id)
    return frozenset(left_out)


def is_stage(item: TestItem) -> bool:
    """True for a stand that is one of a row of harder and harder ones."""
    return item.protocol == "four_stage" or item.part == "stance"


def held(item: TestItem, trial: Trial) -> bool:
    """False when the stand was tried and not held to its end; who was in pain or refused has not shown it."""
    if trial.state == "skipped":
        return trial.reason not in NOT_ABLE
    return held_whole(item, trial.measures or {})


def held_whole(item: TestItem, document: Mapping[str, Any]) -> bool:
    """False for a time shorter than the test."""
    found = document.get("measures", {}).get("hold_time")
    return found is None or item.seconds is None or round(float(found["value"]), 2) >= item.seconds
