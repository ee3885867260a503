"""A time by the stopwatch in somebody's hand, in the place of the one that the sensor or a button gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GAIT_S, GAIT_POINTS, HOLD_S = "sppb_gait_time", "sppb_gait_points", "hold_time"


def timed(document: Mapping[str, Any], seconds: float, longest_s: float | None) -> dict[str, Any]:
    """The measures `document` with `seconds` as they were typed, and the points they give.

    The marks in the recording are whole samples: measured anew from them the time may differ by half a sample, which
    is enough to change points at a border. A stand counts for `longest_s` at most.
    """
    from gaitsignal.scoring.sppb_points import walk_points

    measures = {key: dict(held) for key, held in document["measures"].items()}
    if HOLD_S in measures:
        measures[HOLD_S]["value"] = seconds if longest_s is None else min(seconds, longest_s)
    if GAIT_S in measures:
        measures[GAIT_S]["value"] = seconds
        measures[GAIT_POINTS]["value"] = float(walk_points(seconds))
    return {**document, "measures": measures}
