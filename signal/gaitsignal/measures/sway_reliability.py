"""How well sway measures repeat within a session, and which may therefore be judged."""

from __future__ import annotations

from dataclasses import dataclass

from gaitsignal.measures.sway_catalogue import NOT_FOR_FLAGGING

CONDITIONS = ("open_firm", "closed_firm", "open_foam", "closed_foam")
GOOD_ICC = 0.75
"""Good reliability begins at 0.75 (Koo & Li 2016, J Chiropr Med 15:155)."""
SOURCE = "own measurement: acceleration of the body from a force plate, data of Santos & Duarte 2016, PeerJ 4:e2648"
POPULATION = "16 adults, 3 trials of 30 s in one session; a stand-in for a lower-back sensor"
SESSION_N = 16


@dataclass(frozen=True, slots=True)
class Reliability:
    """Intraclass correlation of log values, and the ratio of two trials beyond which a change is real (95 %)."""

    log_icc: float
    real_ratio: float


_TABLE = {
    "rms": ((0.90, 1.59), (0.85, 1.89), (0.90, 1.39), (0.90, 1.47)),
    "path": ((0.91, 1.56), (0.89, 1.78), (0.94, 1.36), (0.93, 1.42)),
    "jerk": ((0.91, 2.5), (0.88, 3.4), (0.94, 1.9), (0.93, 2.1)),
    "ellipse_area": ((0.86, 2.7), (0.85, 3.6), (0.89, 2.0), (0.90, 2.2)),
}
RELIABILITY = {
    key: {condition: Reliability(*pair) for condition, pair in zip(CONDITIONS, row, strict=True)}
    for key, row in _TABLE.items()
}
LOW_ICC = {
    "mean_velocity": (0.55, 0.88),
    "mean_frequency": (0.65, 0.79),
    "f50": (0.45, 0.62),
    "f95": (0.40, 0.70),
    "cfreq": (0.54, 0.77),
    "freqd": (0.23, 0.71),
    "njs": (0.35, 0.74),
}
"""Lowest and highest log-ICC over the four conditions, axes taken together."""


def may_be_flagged(key: str, condition: str) -> bool:
    """True when repeated trials of `condition` agree well enough to judge a person by `key`.

    ValueError when there is no such condition.
    """
    if condition not in CONDITIONS:
        raise ValueError(f"no condition {condition!r}; there are {', '.join(CONDITIONS)}")
    row = RELIABILITY.get(key)
    return row is not None and key not in NOT_FOR_FLAGGING and row[condition].log_icc >= GOOD_ICC
