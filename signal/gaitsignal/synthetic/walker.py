"""A walking person whose every step is known: stand, walk, U-turn, walk back, stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from gaitsignal.result import Bout, Contact, Turn
from gaitsignal.synthetic.gait_shape import ACCELERATION, ROTATION, step_amplitude, stride_signal
from gaitsignal.synthetic.mounting import Mounting, band_noise, worn
from gaitsignal.synthetic.stander import sway_motion, tremor_motion
from gaitsignal.synthetic.step_plan import Step, Turning, plan_steps, plan_turn

FloatArray = npt.NDArray[np.float64]

STYLE = 0.12
"""Relative spread between people of the stride's harmonics."""
UNREST = 0.18
"""Band noise from step to step over the size of the signal."""
AFTERMATH_STEPS = 0.8
"""Steps that the trunk needs to come to rest after the last contact."""


@dataclass(frozen=True, slots=True)
class SyntheticWalk:
    """A recorded walk and its truth.

    initial_contacts   every contact with its side, those inside the turn too
    straight_contacts  the same without the turn
    truth              `cadence` steps/min, `step_time`, `stride_time` s, `stride_time_cv` %,
                       `stride_length` m, `walking_speed` m/s (all over the straight legs, first and last
                       steps included), `steady_speed` m/s, `n_steps`
    """

    recording: Recording
    initial_contacts: tuple[Contact, ...]
    straight_contacts: tuple[Contact, ...]
    turns: tuple[Turn, ...]
    bouts: tuple[Bout, ...]
    truth: Mapping[str, float]


def walker(  # noqa: PLR0913 - one person is described by many independent numbers
    speed_m_s: float = 1.1,
    cadence_per_min: float = 108.0,
    height_m: float = 1.65,
    *,
    steps: int = 16,
    turn: bool = True,
    turn_s: float = 2.2,
    asymmetry_percent: float = 1.0,
    step_time_cv: float = 2.0,
    tremor: float = 0.0,
    still_s: float = 3.5,
    mounting: Mounting | None = None,
    fs_hz: float = 100.0,
    seed: int = 0,
) -> SyntheticWalk:
    """Stand, walk `steps` steps at steady `speed_m_s`, with `turn` also back after a U-turn, stand again.

    `asymmetry_percent` is 100 |left - right| / mean step time, `step_time_cv` in % of the step time,
    `tremor` in m/s2. Same arguments, same recording, to the last bit.
    """
    rng = np.random.default_rng((seed, 0))
    plan = plan_steps(
        60.0 / cadence_per_min, speed_m_s, steps, turn_s if turn else None,
        (asymmetry_percent / 100.0, step_time_cv / 100.0), still_s, rng,
    )  # fmt: skip
    turning = plan_turn(plan, rng)
    n = round((plan[-1].time_s + still_s + 60.0 / cadence_per_min) * fs_hz)
    acc, gyr = _motion(plan, n, fs_hz, height_m, rng)
    still, lean_rate = sway_motion(n, fs_hz, 0.06, seed)
    acc += still + tremor_motion(n, fs_hz, tremor, seed)
    gyr += lean_rate
    gyr[:, 0] += sum((t.rate(np.arange(n) / fs_hz) for t in turning), np.zeros(n))
    recording = worn(acc, gyr, fs_hz, height_m, mounting or Mounting(), seed)
    return _described(recording, plan, turning, speed_m_s)


def _motion(
    plan: tuple[Step, ...], n: int, fs_hz: float, height_m: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Body acceleration (n, 3) m/s2 and rates (n, 3) rad/s of the strides alone."""
    t = np.arange(n) / fs_hz
    phase, amplitude = _phase(plan, t), _amplitude(plan, t, fs_hz, height_m)
    columns = []
    for shape in (*ACCELERATION, *ROTATION):
        unrest = UNREST * band_noise(rng, n, fs_hz, 0.6, 6.0)
        columns.append(shape.size(amplitude) * (stride_signal(shape, phase, rng, STYLE) + unrest))
    motion = np.column_stack(columns)
    return motion[:, :3], motion[:, 3:]


def _phase(plan: tuple[Step, ...], t: FloatArray) -> FloatArray:
    """Stride phase: whole numbers at left contacts, halves between them at right ones."""
    contacts = np.array([step.time_s for step in plan])
    halves = np.arange(len(plan)) / 2.0 + (0.0 if plan[0].side == "left" else 0.5)
    before, after = contacts[0] - 20 * plan[0].duration_s, contacts[-1] + 20 * plan[-1].duration_s
    times = np.concatenate([[before], contacts, [after]])
    phase: FloatArray = np.interp(t, times, np.concatenate([[halves[0] - 10], halves, [halves[-1] + 10]]))
    return phase


def _amplitude(plan: tuple[Step, ...], t: FloatArray, fs_hz: float, height_m: float) -> FloatArray:
    """(n,) vertical step amplitude in m/s2: zero when standing, each step's own in its middle."""
    lengths, durations = (np.array(x) for x in zip(*((s.length_m, s.duration_s) for s in plan), strict=True))
    contacts = np.array([step.time_s for step in plan])
    size = step_amplitude(lengths, durations, height_m)
    last = contacts[-1] + AFTERMATH_STEPS * durations[-1]
    times = np.concatenate([[contacts[0] - durations[0]], contacts - durations / 2, [last]])
    envelope = np.interp(t, times, np.concatenate([[0.0], size, [0.0]]), left=0.0, right=0.0)
    width = max(3, round(0.15 * fs_hz))
    return np.convolve(envelope, np.full(width, 1.0 / width), mode="same")


def _described(
    recording: Recording, plan: tuple[Step, ...], turning: tuple[Turning, ...], steady_speed_m_s: float
) -> SyntheticWalk:
    contacts = tuple(Contact(step.time_s, step.side) for step in plan)
    straight = tuple(c for c, step in zip(contacts, plan, strict=True) if not step.in_turn)
    turns = tuple(t.described() for t in turning)
    bout = Bout(plan[0].time_s - plan[0].duration_s, plan[-1].time_s)
    truth = {"steady_speed": steady_speed_m_s, "n_steps": float(len(straight)), **_truth(plan)}
    return SyntheticWalk(recording, contacts, straight, turns, (bout,), truth)


def _truth(plan: tuple[Step, ...]) -> dict[str, float]:
    """Means over the straight legs; a step belongs to a leg when both its contacts do."""
    inner = [b for a, b in pairwise(plan) if not (a.in_turn or b.in_turn)]
    durations = np.array([step.duration_s for step in inner])
    lengths = np.array([step.length_m for step in inner])
    strides = [
        c.time_s - a.time_s for a, b, c in zip(plan, plan[1:], plan[2:], strict=False)
        if not (a.in_turn or b.in_turn or c.in_turn)
    ]  # fmt: skip
    return {
        "cadence": 60.0 / float(durations.mean()),
        "step_time": float(durations.mean()),
        "stride_time": float(np.mean(strides)),
        "stride_time_cv": 100.0 * float(np.std(strides, ddof=1) / np.mean(strides)),
        "stride_length": 2.0 * float(lengths.mean()),
        "walking_speed": float(lengths.sum() / durations.sum()),
    }
