"""One-leg stance, eyes open or closed, left or right: one recording a trial, the best of three counts."""

from __future__ import annotations

from collections.abc import Sequence

from gaitsignal.protocols.held_stance import Watch, held_stance, hold_seconds
from gaitsignal.recording import Recording
from gaitsignal.result import Measures

PROTOCOL = "one_leg"
LIMIT_S = 30.0
"""T/GCM 0007-2018; Springer 2007 (J Geriatr Phys Ther 30:8) goes on to 45 s."""


def run(recording: Recording, watch: Watch | None = None, limit_s: float = LIMIT_S) -> Measures:
    """Hold time up to `limit_s` and sway of one trial.

    Notes
    -----
    Ends by T/GCM 0007-2018: the stance foot moves, the raised foot touches, the trunk leans over 45 deg, the arms
    save the balance, the eyes open in a trial with eyes closed. The lower back shows a step or a catch; the other
    ends are the assessor's, as `watch.stopped_s`.
    """
    return held_stance(recording, PROTOCOL, limit_s, watch)


def best(trials: Sequence[Measures | float]) -> float:
    """The longest of up to three trials of the same leg and eyes, s; ValueError for none or more."""
    if not 1 <= len(trials) <= 3:
        raise ValueError(f"the best of one to three trials counts, not of {len(trials)}")
    return max(hold_seconds(trial) for trial in trials)
