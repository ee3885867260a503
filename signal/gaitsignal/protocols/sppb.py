"""Short Physical Performance Battery: three stances, a walk of 3 or 4 m, five rises; one recording a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gaitsignal.measures.hold_catalogue import UNITS
from gaitsignal.protocols import chair_stand_5x, walk
from gaitsignal.protocols.held_stance import Watch, held_stance, hold_seconds
from gaitsignal.recording import Recording
from gaitsignal.result import Flag, Measures, Value
from gaitsignal.scoring.sppb_points import UNABLE, Unable, balance_points, chair_points, walk_points
from gaitsignal.trial import PARTS

PROTOCOL = "sppb"
HOLD_LIMIT_S = 10.0
DISTANCE_M = 4.0

Trial = Measures | float | Unable


@dataclass(frozen=True, slots=True)
class SppbParts:
    """What was done: recordings, seconds by a watch, or `unable`; what is absent was not done.

    stances     by name: side_by_side, semi_tandem, tandem
    walks       up to two walks of `distance_m` (3 or 4), the faster counts
    chair       five rises
    """

    stances: Mapping[str, Trial] = field(default_factory=dict)
    walks: tuple[Trial, ...] = ()
    chair: Trial | None = None
    distance_m: float = DISTANCE_M


@dataclass(frozen=True, slots=True)
class SppbScore:
    """Points 0-4 a part and 0-12 together; None where a part was not done, and then in the total."""

    balance: int | None
    gait: int | None
    chair: int | None

    @property
    def total(self) -> int | None:
        """Sum of the parts, None unless all three were done."""
        parts = (self.balance, self.gait, self.chair)
        return None if None in parts else sum(part for part in parts if part is not None)


def run(
    recording: Recording,
    part: str | None = None,
    watch: Watch | None = None,
    distance_m: float | None = None,
) -> Measures:
    """Measures of one part; without `part` (`stance`, `walk`, `chair`) it is told by its movement and flagged.

    What is not handed in comes from the notes of the trial (`recording.trial`), the distance else is 4 m.

    Notes
    -----
    A recording with five rises is the chair part, else one with a walk is the walk, else it is a stance. The walk
    gives `sppb_gait_time` from the stopwatch's marks, or as `distance_m` over its speed, first steps included:
    flagged, for that only checks a stopwatch.
    """
    part = part or recording.trial.part
    distance_m = distance_m or recording.trial.distance_m or DISTANCE_M
    if part is not None and part not in PARTS:
        raise ValueError(f"no part {part!r}; there are {', '.join(PARTS)}")
    if part == "stance":
        return held_stance(recording, PROTOCOL, HOLD_LIMIT_S, watch)
    if part == "walk":
        return _walked(recording, distance_m)
    if part == "chair":
        return _risen(chair_stand_5x.run(recording))
    return _recognised(recording, watch, distance_m)


def _recognised(recording: Recording, watch: Watch | None, distance_m: float) -> Measures:
    found, name = _risen(chair_stand_5x.run(recording)), "chair"
    if not found.usable:
        found, name = _walked(recording, distance_m), "walk"
    if not found.usable:
        found, name = held_stance(recording, PROTOCOL, HOLD_LIMIT_S, watch), "stance"
    return replace(found, flags=(*found.flags, Flag(f"sppb_part_{name}", "info")))


def _walked(recording: Recording, distance_m: float) -> Measures:
    measures = replace(walk.run(recording), protocol=PROTOCOL)
    seconds = recording.trial.watched_s
    flags: tuple[Flag, ...] = ()
    if not measures.usable or (seconds is None and "walking_speed" not in measures.values):
        return measures
    if seconds is None:
        seconds = distance_m / measures.values["walking_speed"].value
        flags = (Flag("sppb_time_estimated", "warn", {"distance_m": f"{distance_m:g}"}),)
    numbers = {"sppb_gait_time": seconds, "sppb_gait_points": float(walk_points(seconds, distance_m))}
    return _with(measures, numbers, flags)


def _risen(measures: Measures) -> Measures:
    measures = replace(measures, protocol=PROTOCOL)
    if "total_time" not in measures.values:
        return measures
    return _with(
        measures, {"sppb_chair_points": float(chair_points(measures.values["total_time"].value))}, ()
    )


def _with(measures: Measures, numbers: Mapping[str, float], flags: tuple[Flag, ...]) -> Measures:
    values = {key: Value(number, UNITS[key]) for key, number in numbers.items()}
    return replace(measures, values={**measures.values, **values}, flags=(*measures.flags, *flags))


def compose(parts: SppbParts) -> SppbScore:
    """The score of a person by the NIA rules; ValueError when a recording handed in was refused."""
    stances = {
        name: trial if trial == UNABLE else hold_seconds(trial) for name, trial in parts.stances.items()
    }
    walks = [_seconds(trial, "sppb_gait_time", "walking_speed", parts.distance_m) for trial in parts.walks]
    done = [seconds for seconds in walks if seconds != UNABLE]
    gait = walk_points(min(done) if done else UNABLE, parts.distance_m) if walks else None
    chair = None if parts.chair is None else chair_points(_seconds(parts.chair, "total_time"))
    return SppbScore(balance_points(stances), gait, chair)


def _seconds(trial: Trial, key: str, speed: str = "", distance_m: float = 0.0) -> float | Unable:
    if not isinstance(trial, Measures):
        return trial
    if speed in trial.values:
        return distance_m / trial.values[speed].value
    if key not in trial.values:
        codes = ", ".join(flag.code for flag in trial.flags if flag.severity == "reject")
        raise ValueError(f"no {key}: {codes or trial.protocol}")
    return trial.values[key].value
