"""The constants of measures/speed.py fitted anew on the open walks, and what they are worth on people left out.

python tests/accuracy/fit_speed.py     prints the constants, in-sample and leave-one-person-out errors

Step length = exp(GAIN) sqrt(height rise) (rise / 3 cm)^RISE_EXPONENT (1 + sway^2)^SWAY_EXPONENT. Fitted by least
squares of the speed error, with equal weight for each person, every square divided by the root of the reference speed:
between errors in m/s, which leave a slow walker no say, and relative ones, which give him all. Steps are those of the
reference windows: the product is not told where these are.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from open_walks import SAME_WALK, OpenWalk, open_walks, stored_for_station
from scipy.optimize import least_squares

from gaitsignal.bridging import bridge
from gaitsignal.events.legs import Leg, walked_runs, whole_rows
from gaitsignal.events.walking import Walk, find_walk
from gaitsignal.measures.speed import DEFAULT_HEIGHT_M, RISE_REFERENCE_M, TrunkMotion
from gaitsignal.measures.step_timing import step_timing
from gaitsignal.readers import read_recording

FloatArray = npt.NDArray[np.float64]
SPEED_POWER = 0.5
START = (0.9, 0.0, 0.0)
MIN_STEPS = 3
SLACK_S = 0.2
WALKWAY_M = 10.0
KINDS = {
    "ipol1": "walkway",
    "mobgap_ha001_test5": "5 m walks",
    "mobgap_ha001_test11": "daily activities",
    "semio_ms": "multiple sclerosis",
    "tripod": "treadmill",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Walking with a reference speed: who, in which set, what the sensor saw, and the truth in m/s."""

    person: str
    kind: str
    step_s: float
    rise_m: float
    sway_ratio: float
    height_m: float
    truth_m_s: float

    @property
    def features(self) -> FloatArray:
        """(3,) logs that the gain, sway exponent and rise exponent multiply."""
        return np.array([1.0, np.log1p(self.sway_ratio**2), np.log(self.rise_m / RISE_REFERENCE_M)])

    def speed(self, constants: FloatArray) -> float:
        """Predicted speed, m/s."""
        pendulum = np.sqrt(self.rise_m * self.height_m)
        return float(np.exp(self.features @ constants) * pendulum / self.step_s)


def stretches(walk: OpenWalk, folder: Path) -> list[Stretch]:
    """The recording as one stretch, or one a bout where every bout has a speed of its own."""
    kind = next((title for start, title in KINDS.items() if walk.name.startswith(start)), None)
    if kind is None or walk.name in SAME_WALK or too_much_lost(walk):
        return []
    recording = read_recording(stored_for_station(walk, folder))
    found = find_walk(bridge(recording), recording.fs_hz)
    if not isinstance(found, Walk):
        return []
    height, fs_hz = recording.height_m or DEFAULT_HEIGHT_M, recording.fs_hz
    straight = [leg.rows for leg in found.legs]
    many = []
    for windows, whole in spans(walk):
        rows = [_inside(run, [fs_hz * edge for edge in window]) for run in straight for window in windows]
        runs = [run for run in rows if run.size >= MIN_STEPS]
        truth = whole if whole is not None else _speed_of_strides(walk, runs, fs_hz)
        if runs and truth is not None:
            step_s = step_timing(tuple(Leg(run, (None,) * run.size) for run in runs), fs_hz).step_s.mean()
            many.append(_stretch(walk, kind, found, fs_hz, runs, float(step_s), height, truth))
    return many


def _inside(rows: FloatArray, window: Sequence[float]) -> FloatArray:
    """Contacts between the edges of a window, half a step allowed."""
    slack = 0.5 * float(np.median(np.diff(rows)))
    return rows[(rows >= window[0] - slack) & (rows <= window[1] + slack)]


def spans(walk: OpenWalk) -> list[tuple[list[list[float]], float | None]]:
    """Windows in seconds and the reference speed there; every bout of daily activities is a span of its own.

    A bout's speed counts its turns, which are not straight walking: None, its single strides must tell.
    """
    reference = walk.meta["reference"]
    if len(reference["bouts"]) > 1:
        return [([[bout["start_s"], bout["end_s"]]], None) for bout in reference["bouts"]]
    truth = true_speed(walk)
    return [(reference["eval_windows"], truth)] if truth is not None else []


def _speed_of_strides(walk: OpenWalk, runs: list[FloatArray], fs_hz: float) -> float | None:
    """Mean reference speed of the strides that lie in `runs`, None with fewer than two."""
    found = [
        stride["speed_mps"]
        for stride in walk.meta["reference"]["strides"]
        for run in runs
        if run[0] / fs_hz - SLACK_S <= stride["start_s"] and stride["end_s"] <= run[-1] / fs_hz + SLACK_S
    ]
    return float(np.mean(found)) if len(found) >= 2 else None


def _stretch(
    walk: OpenWalk,
    kind: str,
    found: Walk,
    fs_hz: float,
    runs: list[FloatArray],
    step_s: float,
    height: float,
    truth: float,
) -> Stretch:
    motion = TrunkMotion(found.acc, step_s, fs_hz)
    seen = motion.excursion([whole_rows(run) for run in walked_runs(runs, motion.lifted(runs))])
    return Stretch(walk.person, kind, step_s, seen.rise_m, seen.sway_ratio, height, truth)


def true_speed(walk: OpenWalk) -> float | None:
    """Reference speed of the straight walking, m/s; without one, that of the two legs of a known walkway."""
    reference = walk.meta["reference"]
    if "walking_speed_mps" in reference["summary"]:
        return float(reference["summary"]["walking_speed_mps"])
    if walk.slow and "10 m" in walk.meta["protocol"]:
        return WALKWAY_M * len(reference["eval_windows"]) / sum(b - a for a, b in reference["eval_windows"])
    return None


def too_much_lost(walk: OpenWalk) -> bool:
    """True where more than five samples were lost in the walk: such a speed is not to be used."""
    end = walk.meta["reference"].get("gait_end_s", np.inf) * walk.meta["fs_hz"]
    before, lost = 0, 0
    for row, count in walk.gaps:
        if row + before <= end:
            lost += max(0, count)
        before += count
    return lost > 5


def fit(data: Sequence[Stretch]) -> FloatArray:
    """(3,) gain, sway exponent, rise exponent."""
    counts: dict[str, int] = defaultdict(int)
    for one in data:
        counts[one.person] += 1
    weight = np.array([1.0 / (counts[one.person] * one.truth_m_s**SPEED_POWER) for one in data])

    def off(constants: FloatArray) -> FloatArray:
        return np.array([one.speed(constants) - one.truth_m_s for one in data]) * np.sqrt(weight)

    solved: FloatArray = least_squares(off, START).x
    return solved


def errors(data: Sequence[Stretch], left_out: bool) -> dict[str, FloatArray]:
    """Errors in m/s by kind of walk; with `left_out` each person by constants fitted on all the others."""
    whole = fit(data)
    found: dict[str, list[float]] = defaultdict(list)
    for person in sorted({one.person for one in data}):
        constants = fit([one for one in data if one.person != person]) if left_out else whole
        for one in data:
            if one.person == person:
                found[one.kind].append(one.speed(constants) - one.truth_m_s)
    return {kind: np.array(values) for kind, values in found.items()}


def all_stretches() -> list[Stretch]:
    """Every stretch of the open walks with a reference speed."""
    with tempfile.TemporaryDirectory() as folder:
        return [one for walk in open_walks() for one in stretches(walk, Path(folder))]


def main() -> None:
    """Print constants and errors."""
    data = all_stretches()
    gain, sway, rise = fit(data)
    people = len({one.person for one in data})
    print(f"{len(data)} stretches of {people} people: GAIN {gain:.3f} SWAY {sway:.3f} RISE {rise:.3f}")  # noqa: T201
    inside, outside = errors(data, False), errors(data, True)
    for kind, off in outside.items():
        print(  # noqa: T201
            f"{kind:20} n {off.size:3}  in-sample {np.abs(inside[kind]).mean():.3f}  left out "
            f"{np.abs(off).mean():.3f} (bias {off.mean():+.3f}, RMSE {np.sqrt(np.mean(off**2)):.3f}) m/s"
        )


if __name__ == "__main__":
    main()
