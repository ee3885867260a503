"""Scores that several tests make together: SPPB, the heel-to-toe stand of the four stages, the Romberg ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.screening.battery import battery

if TYPE_CHECKING:
    from gaitsignal.protocols.sppb import Trial as Part
    from gaitsignal.result import Measures
    from osteogait.storage.trials import Trial

NOT_ABLE = ("unsafe", "unable", "used_arms", "aid")
"""Reasons that tell of the person's ability and score 0 as on the scoring sheet of the US National Institute on Aging;
who refused, was in pain or had no time was not measured, and the score stays unknown."""
NO_RISE = ("used_arms", "unable")
WALKS = ("sppb_walk_1", "sppb_walk_2")
FOUR_M_S = "sppb_gait_time"
PART_OF = {"stance": "balance", "walk": "walk", "chair": "chair"}
STAGE_TESTS = {
    "side_by_side": "stage_side_by_side",
    "semi_tandem": "stage_semi_tandem",
    "tandem": "stage_tandem",
    "one_foot": "stage_one_foot",
}


@dataclass(frozen=True, slots=True)
class Sppb:
    """Points of the battery, 0-12 and of its parts 0-4 each, None where unknown; `missing` tests would tell them."""

    points: float | None
    parts: Mapping[str, int | None]
    missing: tuple[str, ...] = ()


def sppb_score(trials: Sequence[Trial]) -> Sppb | None:
    """The score of a visit; None when no part was done."""
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
    points = {"balance": score.balance, "walk": score.gait, "chair": score.chair}
    if score.total is not None:
        return Sppb(float(score.total), points)
    unknown = [part for part, earned in points.items() if earned is None]
    missing = [test.id for test in tests if PART_OF[test.part or ""] in unknown and test.id not in held]
    return Sppb(None, points, tuple(missing))


def walked_4m(trials: Sequence[Trial]) -> Trial | None:
    """The faster of the accepted walks of 4 m, whose time is `sppb_gait_time`; None when there is none."""
    walks = {one.test: one for one in trials if one.test in WALKS and one.state == "accepted" and one.usable}
    timed = [one for one in walks.values() if FOUR_M_S in (one.measures or {})["measures"]]
    return min(timed, key=four_m_s, default=None)


def four_m_s(trial: Trial) -> float:
    """Seconds of a walk of 4 m."""
    return float((trial.measures or {})["measures"][FOUR_M_S]["value"])


def could_not_rise(trials: Sequence[Trial]) -> Trial | None:
    """The thirty-second chair stand that ended before its first rise, for want of strength; CDC STEADI counts it 0."""
    stands = [one for one in trials if one.test == "chair_stand_30s" and one.state in ("accepted", "skipped")]
    last = stands[-1] if stands else None
    return last if last is not None and last.state == "skipped" and last.reason in NO_RISE else None


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
