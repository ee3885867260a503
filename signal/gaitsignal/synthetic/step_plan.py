"""When each foot of a synthetic walker lands, how long each step is, and how the body turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.result import Turn

FloatArray = npt.NDArray[np.float64]

START_TIMES = (1.2, 1.15, 1.05)
"""The first steps last longer than steady ones (10 m walks from standing, own measurement)."""
START_LENGTHS = (0.55, 0.8, 0.95)
END_LENGTHS = (0.9, 0.7)
TURN_LENGTH = 0.4
"""Steps of a U-turn go round rather than forward."""
EDGE_RAD_S = np.radians(5.0)
"""A turn begins and ends at 5 deg/s (El-Gohary 2014, Sensors 14:356)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that ends with the contact of `side` at `time_s`, after `duration_s` and `length_m`."""

    time_s: float
    side: str
    duration_s: float
    length_m: float
    in_turn: bool


@dataclass(frozen=True, slots=True)
class Turning:
    """A turn of `angle_rad` (left > 0) around `centre_s`; its rate is one raised cosine."""

    centre_s: float
    duration_s: float
    angle_rad: float

    def rate(self, t: FloatArray) -> FloatArray:
        """(n,) yaw rate in rad/s; it integrates to the angle."""
        x = (t - self.centre_s) / self.duration_s
        shape = np.where(np.abs(x) < 0.5, 1.0 + np.cos(2.0 * np.pi * x), 0.0)
        rate: FloatArray = self.angle_rad / self.duration_s * shape
        return rate

    def described(self) -> Turn:
        """The turn between its 5 deg/s edges."""
        peak = 2.0 * abs(self.angle_rad) / self.duration_s
        half = self.duration_s * float(np.arccos(2.0 * EDGE_RAD_S / peak - 1.0)) / (2.0 * np.pi)
        angle, peak_deg = float(np.degrees(self.angle_rad)), float(np.degrees(peak))
        return Turn(self.centre_s - half, self.centre_s + half, angle, peak_deg)


def plan_steps(
    step_time_s: float,
    speed_m_s: float,
    steps: int,
    turn_s: float | None,
    irregular: tuple[float, float],
    still_s: float,
    rng: np.random.Generator,
) -> tuple[Step, ...]:
    """All steps of one or two legs of `steps` contacts; `irregular` = (asymmetry, step-time CV) as shares."""
    time_s, side = still_s, str(rng.choice(["left", "right"]))
    slow_side = str(rng.choice(["left", "right"]))
    plan = []
    for kind, length_share, time_share in _kinds(steps, turn_s, step_time_s):
        asymmetry = irregular[0] / 2.0 * (1.0 if side == slow_side else -1.0)
        chance = float(np.clip(rng.normal(), -2.5, 2.5)) * irregular[1]
        duration = step_time_s * time_share * (1.0 + asymmetry + chance)
        time_s += duration
        plan.append(Step(time_s, side, duration, speed_m_s * step_time_s * length_share, kind == "turn"))
        side = "right" if side == "left" else "left"
    return tuple(plan)


def plan_turn(plan: tuple[Step, ...], rng: np.random.Generator) -> tuple[Turning, ...]:
    """The U-turn that the steps marked `in_turn` make, to a random side; none when there are none."""
    inside = [step for step in plan if step.in_turn]
    if not inside:
        return ()
    start, end = inside[0].time_s - inside[0].duration_s, inside[-1].time_s
    angle = np.pi * float(rng.choice([-1.0, 1.0]))
    return (Turning((start + end) / 2.0, end - start, angle),)


def _kinds(steps: int, turn_s: float | None, step_time_s: float) -> Iterator[tuple[str, float, float]]:
    """Kind, length share and time share of every step in order."""
    if steps < 4:
        raise ValueError(f"a leg needs at least 4 steps, got {steps}")
    legs = 1 if turn_s is None else 2
    for leg in range(legs):
        for i in range(steps):
            length = START_LENGTHS[i] if i < len(START_LENGTHS) else 1.0
            left = steps - i
            length = min(length, END_LENGTHS[-left] if left <= len(END_LENGTHS) else 1.0)
            slow = START_TIMES[i] if leg == 0 and i < len(START_TIMES) else 1.0
            yield "straight", length, slow
        if leg == 0 and turn_s is not None:
            n_turn = max(2, round(turn_s / step_time_s))
            yield from [("turn", TURN_LENGTH, turn_s / (n_turn * step_time_s))] * n_turn
