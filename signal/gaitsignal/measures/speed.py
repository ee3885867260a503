"""Walking speed from one lower-back sensor: an inverted pendulum with two learnt corrections."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaitsignal.filters import bandpass, highpass
from gaitsignal.frames import ML, V
from gaitsignal.recording import BoolArray, FloatArray

DEFAULT_HEIGHT_M = 1.70
GAIN, SWAY_EXPONENT, RISE_EXPONENT = 1.076, -0.753, -0.263
RISE_REFERENCE_M = 0.03
BOUNDS_M_S = (0.1, 2.5)
RISE_MAX_HZ = 8.0
FILTER_LOSS = (1.0 + 0.5**4) ** 2
"""What two zero-phase high-passes of order 2 at half the step frequency take from a wave at that frequency."""
STEP_BAND, STRIDE_BAND = (0.5, 1.5), (0.3, 0.7)
LIFT = 0.3
"""Vertical movement of a step against the median step: below it feet are put together or shuffled, and the
body is hardly carried on. 27 of 61 open walks have such steps at an end of a leg."""
TRAINED_M_S = (0.27, 1.50)
TRAINED_SWAY = 1.5


@dataclass(frozen=True, slots=True)
class Excursion:
    """Movement of the trunk over straight steps: vertical `rise_m` in a step, and `sway_ratio`, the RMS of
    sideways acceleration at stride frequency over that of vertical acceleration at step frequency."""

    rise_m: float
    sway_ratio: float


@dataclass(frozen=True, slots=True)
class Speed:
    """`m_per_s` within the bounds, `trained` False outside the range of the people it was fitted on."""

    m_per_s: float
    trained: bool


class TrunkMotion:
    """Filtered trunk movement of a whole walk, from which the excursion of any of its parts is read."""

    def __init__(self, acc: FloatArray, step_s: float, fs_hz: float) -> None:
        """Filter `acc` (n, 3) in up, right, forward around the step time."""
        step_hz = 1.0 / step_s
        self._fs_hz, self._low_hz = fs_hz, STEP_BAND[0] * step_hz
        self._bounce = bandpass(acc[:, V], STEP_BAND[0] * step_hz, STEP_BAND[1] * step_hz, fs_hz, order=2)
        self._sway = bandpass(acc[:, ML], STRIDE_BAND[0] * step_hz, STRIDE_BAND[1] * step_hz, fs_hz, order=2)
        self._height = self._integrated(
            self._integrated(bandpass(acc[:, V], self._low_hz, RISE_MAX_HZ, fs_hz, order=2))
        )

    def _integrated(self, x: FloatArray) -> FloatArray:
        return highpass(np.cumsum(x) / self._fs_hz, self._low_hz, self._fs_hz, order=2)

    def lifted(self, runs: list[FloatArray]) -> list[BoolArray]:
        """For every run of contacts, (k - 1,) which steps lift the trunk as a step that carries it does."""
        rms = [
            np.array([np.sqrt(np.mean(self._bounce[int(a) : int(b) + 1] ** 2)) for a, b in pairwise(run)])
            for run in runs
        ]
        usual = float(np.median(np.concatenate(rms))) if rms else 0.0
        return [steps >= LIFT * usual for steps in rms]

    def excursion(self, parts: list[slice]) -> Excursion:
        """Excursion over the rows of `parts`; the rise is 2 sqrt(2) RMS, right for a sine."""
        height, bounce, sway = (
            float(np.sqrt(np.mean(np.concatenate([x[part] for part in parts]) ** 2)))
            for x in (self._height, self._bounce, self._sway)
        )
        return Excursion(2.0 * float(np.sqrt(2.0)) * FILTER_LOSS * height, sway / max(bounce, 1e-9))


def walking_speed(excursion: Excursion, step_s: float, height_m: float) -> Speed:
    """Speed in m/s of straight walking with mean step time `step_s`.

    Notes
    -----
    Zijlstra & Hof 2003 (Gait Posture 18:1): a step of an inverted pendulum with leg l that rises by h has
    length 2 sqrt(2 l h - h^2), so step length goes with sqrt(height * h). Two corrections: the trunk of a slow,
    wide or unsteady walker sways more than it bounces, and its rise says less about the step, factor
    (1 + sway_ratio^2)^SWAY_EXPONENT; a large rise is partly knee and ankle, factor (h / 3 cm)^RISE_EXPONENT.

    One parameter set for everybody, by least squares of the speed error with equal weight for each of 13 people,
    squares divided by the root of the speed (tests/accuracy/fit_speed.py does it anew): 34 walks of 10 adults at
    0.87-1.46 m/s, 2 walks of 5 m and the straight strides of 6 bouts of daily activities of an older adult at
    0.15-1.12 m/s, a treadmill walk at 1.03 m/s, and a walk with multiple sclerosis at 0.28 m/s.
    Leave-one-person-out mean absolute errors in m/s: walkway 0.048 (RMSE 0.069, bias +0.002), 5 m walks 0.002,
    daily activities 0.046, treadmill 0.040, multiple sclerosis 0.079. The weight by speed matters little: squares
    in m/s or relative ones give 0.047-0.049 on the walkway. Tried and not kept because they did not lower
    them: shrinking the exponents (up to 0.057, and 0.14 in the slow walker), one factor on the pendulum
    (walkway 0.070), free regressions on log amplitude and cadence (0.11), also with height (0.08-0.10), and
    adding AP, yaw, roll or broadband amplitude (0.05-0.09) or step time (0.06).
    """
    pendulum = np.sqrt(excursion.rise_m * height_m) * (excursion.rise_m / RISE_REFERENCE_M) ** RISE_EXPONENT
    step_m = np.exp(GAIN) * pendulum * (1.0 + excursion.sway_ratio**2) ** SWAY_EXPONENT
    raw = float(step_m / step_s)
    trained = TRAINED_M_S[0] <= raw <= TRAINED_M_S[1] and excursion.sway_ratio <= TRAINED_SWAY
    return Speed(float(np.clip(raw, *BOUNDS_M_S)), trained)
