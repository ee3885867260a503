"""Romberg ratios: sway of one condition over that of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gaitsignal.result import Measures

KEYS = ("rms", "path", "jerk", "ellipse_area")
"""The headline sway measures; the others repeat too poorly for a ratio of two trials (measures/sway_reliability.py)."""
GROWS_WITH_TIME = frozenset({"path", "jerk"})
SAME_LENGTH = 0.02


@dataclass(frozen=True, slots=True)
class Ratios:
    """Ratios by sway key, and why one is withheld: `not_usable`, `not_measured` or `unequal_length`."""

    values: Mapping[str, float]
    withheld: Mapping[str, str]


def ratios(harder: Measures, easier: Measures) -> Ratios:
    """`harder` over `easier`: eyes closed over open on one surface (Romberg), or foam over firm with the same eyes.

    Notes
    -----
    Conditions of the modified clinical test of sensory interaction (Shumway-Cook & Horak 1986, Phys Ther 66:1548).
    Path and jerk grow with the trial: their ratio needs trials of equal length (2 %).
    """
    found: dict[str, float] = {}
    withheld: dict[str, str] = {}
    for key in KEYS:
        reason = _reason(key, harder, easier)
        if reason:
            withheld[key] = reason
        else:
            found[key] = harder.values[key].value / easier.values[key].value
    return Ratios(found, withheld)


def _reason(key: str, harder: Measures, easier: Measures) -> str | None:
    trials = (harder, easier)
    if not all(trial.usable for trial in trials):
        return "not_usable"
    if not all(key in trial.values and trial.values[key].value > 0.0 for trial in trials):
        return "not_measured"
    first, second = (trial.values["duration_s"].value for trial in trials)
    if key in GROWS_WITH_TIME and abs(first / second - 1.0) > SAME_LENGTH:
        return "unequal_length"
    return None
