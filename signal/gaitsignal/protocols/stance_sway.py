"""What a standing test may say about sway: the directions it knows, and the measures that its flags leave."""

from __future__ import annotations

from collections.abc import Mapping, Set

from gaitsignal.frames import VerticalAlignment
from gaitsignal.measures.sway_catalogue import AXIS_KEYS, UNITS
from gaitsignal.protocols.stance_gates import TILT_LIMIT_DEG
from gaitsignal.result import Flag, Value

CLIPPED_KEYS = frozenset({"jerk", "jerk_ap", "jerk_ml", "njs", "range_ap", "range_ml"})


def alignment_flags(alignment: VerticalAlignment, heading_known: bool) -> list[Flag]:
    """Upside down, tilted beyond belief, or of unknown heading."""
    tilt = {"tilt_deg": round(alignment.tilt_deg, 1)}
    flags = [Flag("stance_turned_over", "info", tilt)] if alignment.upside_down else []
    if not heading_known:
        flags.append(Flag("heading_unknown", "warn"))
    elif alignment.tilt_deg > TILT_LIMIT_DEG:
        flags.append(Flag("stance_tilted", "warn", tilt | {"limit_deg": TILT_LIMIT_DEG}))
    return flags


def sway_values(values: Mapping[str, float], codes: Set[str]) -> dict[str, Value]:
    """`values` with their units, without those that the flags with `codes` forbid."""
    withheld = AXIS_KEYS if codes & {"heading_unknown", "stance_tilted"} else frozenset()
    withheld |= CLIPPED_KEYS if "clipped" in codes else frozenset()
    return {key: Value(number, UNITS[key]) for key, number in values.items() if key not in withheld}
