"""Scores that several tests make together: SPPB, the heel-to-toe stand of the four stages, the Romberg ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from osteogait.screening.battery import battery

if TYPE_CHECKING:
    from gaitsignal.protocols.sppb import Trial as Part
    from gaitsignal.result import Measures
    from osteogait.storage.trials import Trial

NOT_ABLE = ("unsafe", "unable", "used_arms", "aid")
"""Reasons that tell of the person's ability and score 0 as on the scoring sheet of the US National Institute on Aging;
who refused, was in pain or had no time was not measured, and the score stays unknown."""
STAGE_TESTS = {
    "side_by_side": "stage_side_by_side",
    "semi_tandem": "stage_semi_tandem",
    "tandem": "stage_tandem",
    "one_foot": "stage_one_foot",
}


def sppb_score(trials: Sequence[Trial]) -> tuple[float | None, tuple[str, ...]] | None:
    """Points 0-12 and what is missing for them (then no points); None when no part was done."""
    from gaitsignal.protocols.sppb import SppbParts, compose

    done = _counting(trials)
    tests = battery("sppb").tests
    parts = {test.id: _part(done[test.id]) for test in tests if test.id in done}
    held = {name: part for name, part in parts.items() if part is not None}
    if not held:
        return None
    score = compose(
        SppbParts(
            stances={test.variant or "": held[test.id] for test in tests if test.part == "stance" and test.id in held},
            walks=tuple(held[test.id] for test in tests if test.part == "walk" and test.id in held),
            chair=held.get("sppb_chair"),
        )
    )  # fmt: skip
    if score.total is not None:
        return float(score.total), ()
    wanted = {"stance": score.balance, "walk": score.gait, "chair": score.chair}
    missing = [test.id for test in tests if wanted[test.part or ""] is None and test.id not in held]
    return None, tuple(missing)


def tandem_s(trials: Sequence[Trial]) -> float | None:
    """Seconds of the heel-to-toe stage; 0 when the test ended at an easier one; None when it was not reached."""
    from gaitsignal.protocols.four_stage import STAGES, compose

    done = _counting(trials)
    seconds: dict[str, Measures | float] = {}
    for stage in STAGES:
        part = _part(done[STAGE_TESTS[stage]]) if STAGE_TESTS[stage] in done else None
        if part is not None:
            seconds[stage] = part if isinstance(part, float) else 0.0
    if not seconds:
        return None
    result = compose(seconds)
    if result.stopped_at in STAGES[:2]:
        return 0.0
    return result.held_s.get("tandem")


def romberg_rms(trials: Sequence[Trial]) -> float | None:
    """Sway with the eyes closed over open; None unless both stances were accepted."""
    from gaitsignal.measures.romberg import ratios

    done = _counting(trials)
    pair = [done.get(name) for name in ("quiet_stance_closed", "quiet_stance")]
    harder, easier = (
        None if one is None or one.measures is None else _measures(one.measures) for one in pair
    )
    if harder is None or easier is None:
        return None
    return ratios(harder, easier).values.get("rms")


def _counting(trials: Sequence[Trial]) -> dict[str, Trial]:
    """By test, the try that counts: accepted, or not done because the person could not."""
    return {
        one.test: one
        for one in trials
        if (one.state == "accepted" and one.usable) or (one.state == "skipped" and one.reason in NOT_ABLE)
    }


def _part(trial: Trial) -> Part | None:
    """Seconds, `unable`, or None when the recording gives no time."""
    from gaitsignal.scoring.sppb_points import UNABLE

    if trial.state == "skipped":
        return UNABLE
    held = (trial.measures or {})["measures"]
    for key in ("sppb_gait_time", "total_time", "hold_time"):
        if key in held:
            return float(held[key]["value"])
    return None


def _measures(document: Mapping[str, Any]) -> Measures:
    """The values of a kept document as the science has them."""
    from gaitsignal.result import Events, Measures, Value

    values = {key: Value(held["value"], held["unit"]) for key, held in document["measures"].items()}
    return Measures(document["protocol"], document["usable"], (), values, Events())
