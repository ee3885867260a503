"""Four-stage balance test: side by side, semi-tandem, tandem, one foot, ten seconds each; one recording a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gaitsignal.protocols.held_stance import Watch, held_stance, hold_seconds
from gaitsignal.recording import Recording
from gaitsignal.result import Measures
from gaitsignal.scoring.rounding import hundredths

PROTOCOL = "four_stage"
STAGES = ("side_by_side", "semi_tandem", "tandem", "one_foot")
LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class FourStages:
    """The whole test: seconds held by stage in order, and the stage that was not held for ten, where it stops.

    not_done   stages before the stop that nobody measured: with one of them the test is not complete
    ignored    stages measured although the test had stopped
    """

    held_s: Mapping[str, float]
    stopped_at: str | None
    not_done: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """All four stages held, or stopped at the first failure."""
        return not self.not_done


def run(recording: Recording, watch: Watch | None = None) -> Measures:
    """Hold time and sway of one stage; `compose` joins the stages of a person.

    Notes
    -----
    CDC STEADI, The 4-Stage Balance Test: eyes open, no aid, ten seconds a stage; the stage ends when the feet move,
    support is used, or the time is over. Record from the moment the person stands in the stage and lets go.
    """
    return held_stance(recording, PROTOCOL, LIMIT_S, watch)


def compose(stages: Mapping[str, Measures | float]) -> FourStages:
    """The whole test from its stages (measured, or seconds by a watch); the first failure ends it.

    Raises
    ------
    ValueError
        An unknown stage, or a recording of it that is not usable.
    """
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        raise ValueError(f"no stage {unknown[0]!r}; there are {', '.join(STAGES)}")
    held: dict[str, float] = {}
    not_done = []
    for number, stage in enumerate(STAGES):
        if stage not in stages:
            not_done.append(stage)
            continue
        held[stage] = hold_seconds(stages[stage])
        if hundredths(held[stage]) < hundredths(LIMIT_S):
            ignored = tuple(later for later in STAGES[number + 1 :] if later in stages)
            return FourStages(held, stage, tuple(not_done), ignored)
    return FourStages(held, None, tuple(not_done), ())
