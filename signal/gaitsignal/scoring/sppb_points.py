"""Points of the Short Physical Performance Battery from seconds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from gaitsignal.scoring.rounding import hundredths
from gaitsignal.scoring.rule_set import rule_set

Unable = Literal["unable"]
UNABLE: Unable = "unable"
STANCES = ("side_by_side", "semi_tandem", "tandem")


def balance_points(held_s: Mapping[str, float | Unable]) -> int | None:
    """0-4 from the stances by name; None when one that the rule needs was not done.

    A stance held for less than ten seconds, or that the person was unable to take up, ends the part.
    """
    points = 0
    for stance in STANCES:
        if stance not in held_s:
            return None
        time = held_s[stance]
        earned = 0 if time == UNABLE else _from(rule_set("sppb").rules["balance_s"][stance], hundredths(time))
        points += earned
        if earned < (2 if stance == "tandem" else 1):
            break
    return points


def walk_points(seconds: float | Unable, distance_m: float = 4.0) -> int:
    """0-4 for the faster of two walks of 3 or 4 m; ValueError for another distance."""
    tables = rule_set("sppb").rules["walk_s"]
    if distance_m not in tables:
        raise ValueError(f"SPPB has tables for 3 and 4 m, not for {distance_m} m")
    return 0 if seconds == UNABLE else _upto(tables[distance_m], hundredths(seconds))


def chair_points(seconds: float | Unable) -> int:
    """0-4 for five rises without arms, to the fifth full stand."""
    return 0 if seconds == UNABLE else _upto(rule_set("sppb").rules["chair_s"], hundredths(seconds))


def _from(table: list[dict[str, Any]], time: Decimal) -> int:
    return next((int(row["points"]) for row in table if time >= hundredths(row["from"])), 0)


def _upto(table: list[dict[str, Any]], time: Decimal) -> int:
    return next(int(row["points"]) for row in table if "upto" not in row or time <= hundredths(row["upto"]))
