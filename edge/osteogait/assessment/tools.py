"""Published bedside tools printed beside the model's number; where an answer is missing, all points it may give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteogait.clinic.values import Entry

KG_PER_LB = 0.45359237
WOMEN_FROM = 45
"""Years; both scores were made for women of this age and above."""
ORAI_REFER, SCORE_REFER = 9, 6
RIBS, SCORE_FRACTURES_MOST = 4, 12


@dataclass(frozen=True, slots=True)
class Osta:
    """OSTA score and class."""

    score: int
    risk_class: str


def osta(age: float, weight_kg: float) -> Osta:
    """Osteoporosis Self-assessment Tool for Asians: 0.2 (kg - years), truncated toward zero.

    Class: > -1 low, -1 to -4 medium, < -4 high (Koh 2001, Osteoporos Int 12:699).
    """
    score = math.trunc((weight_kg - age) / 5)
    if score > -1:
        return Osta(score, "low")
    return Osta(score, "medium" if score >= -4 else "high")


@dataclass(frozen=True, slots=True)
class Points:
    """The least and the most points that the answers allow; a bone density is advised from `limit` on."""

    low: int
    high: int
    limit: int

    @property
    def refer(self) -> bool | None:
        """Whether the limit is reached; None where that hangs on what is not known."""
        if self.low >= self.limit:
            return True
        return False if self.high < self.limit else None


def orai(age: float, weight_kg: float, entries: Mapping[str, Entry]) -> Points:
    """Osteoporosis Risk Assessment Instrument, for women (Cadarette 2000, CMAJ 162:1289).

    Age 45-54 0, 55-64 5, 65-74 9, 75 and over 15; under 60 kg 9, under 70 kg 3; no oestrogen now 2.

    Notes
    -----
    Known here is whether hormones were ever taken: who never took any takes none now, of all others it is open.
    """
    by_age = 15 if age >= 75 else 9 if age >= 65 else 5 if age >= 55 else 0
    by_weight = 9 if weight_kg < 60 else 3 if weight_kg < 70 else 0
    never = _answer(entries, "hormone_therapy") is False
    low = by_age + by_weight
    return Points(low + 2 * never, low + 2, ORAI_REFER)


def score(age: float, weight_kg: float, entries: Mapping[str, Entry]) -> Points:
    """Simple Calculated Osteoporosis Risk Estimation, for women (Lydick 1998, Am J Manag Care 4:37).

    Not black 5; rheumatoid arthritis 4; fracture of wrist, hip, rib after 45 without force 4 each; 3 for each full
    ten years of age; never oestrogen 1; less 1 for each full ten pounds of weight.
    """
    fixed = 3 * math.floor(age / 10) - math.floor(weight_kg / KG_PER_LB / 10)
    low, high = _fractures(entries)
    for answer, wanted, points in (
        (_black(entries), False, 5),
        (_answer(entries, "rheumatoid_arthritis"), True, 4),
        (_answer(entries, "hormone_therapy"), False, 1),
    ):
        low += points * (answer is wanted)
        high += points * (answer in (wanted, None))
    return Points(fixed + low, fixed + high, SCORE_REFER)


def _black(entries: Mapping[str, Entry]) -> bool | None:
    """As asked, else as the ancestry says that was chosen; `other` says nothing."""
    asked, ancestry = _answer(entries, "black_ancestry"), entries.get("ancestry")
    if asked is not None or ancestry is None or ancestry.value == "other":
        return asked
    return ancestry.value == "black"


def _fractures(entries: Mapping[str, Entry]) -> tuple[int, int]:
    """Points of fractures; ribs are not asked for here, so a list of sites leaves them open."""
    if _answer(entries, "prior_fracture") is False:
        return 0, 0
    sites = entries.get("fragility_fracture_sites")
    if sites is None or not isinstance(sites.value, tuple):
        return 0, SCORE_FRACTURES_MOST
    known = 4 * len({"hip", "forearm"} & set(sites.value))
    return known, known + RIBS


def _answer(entries: Mapping[str, Entry], name: str) -> bool | None:
    entry = entries.get(name)
    return None if entry is None else bool(entry.value)
