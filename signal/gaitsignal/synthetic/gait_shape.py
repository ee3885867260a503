"""The shape of one stride at the lower back: harmonics of six signals, and how large they are.

Notes
-----
Shapes are the mean over ten adults (36 walks of 0.9-1.5 m/s, aligned to gravity, strides cut at left initial
contacts): amplitude relative to a shape of unit RMS, phase in degrees at the left contact. V, AP and pitch
repeat with the step (even harmonics of the stride), ML, yaw and roll with the stride (odd ones). The phase of
AP to V at step frequency is +104 deg, as in real walks (82-122).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SENSOR_HEIGHT_SHARE = 0.53
"""Height of the sensor over body height (lower back), as used by inverted-pendulum models."""
PENDULUM_FACTOR = 1.147
"""A of step = 2 A sqrt(2 l d - d^2), Zijlstra & Hof 2003 with the 4 A = 4.587 of mobgap."""
EXCURSION_SHARE = 0.73
"""Step-frequency part of the vertical excursion the pendulum asks for (ten adults, own measurement)."""
SHUFFLE_M_S2 = 0.3
"""Step-frequency amplitude that remains in very slow walking, where the pendulum would leave none."""

Harmonics = Mapping[int, tuple[float, float]]

_V: Harmonics = {
    2: (1.170, -38.0), 4: (0.288, -3.0), 6: (0.425, -13.0), 8: (0.430, -94.0),
    10: (0.359, -148.0), 12: (0.211, -170.0), 14: (0.039, -143.0), 16: (0.080, -141.0),
}  # fmt: skip
_ML: Harmonics = {
    1: (0.640, -100.0), 3: (0.464, 18.0), 5: (0.994, -47.0), 7: (0.312, -138.0),
    9: (0.133, -171.0), 11: (0.396, 164.0), 13: (0.304, 143.0), 15: (0.112, 135.0),
}  # fmt: skip
_AP: Harmonics = {
    2: (1.033, 66.0), 4: (0.586, 45.0), 6: (0.653, 9.0), 8: (0.352, -17.0),
    10: (0.107, 28.0), 12: (0.124, 26.0), 14: (0.072, 26.0), 16: (0.066, 39.0),
}  # fmt: skip
_YAW: Harmonics = {
    1: (1.032, -130.0), 3: (0.290, -48.0), 5: (0.524, -75.0), 7: (0.470, -156.0),
    9: (0.480, 116.0), 11: (0.336, 69.0), 13: (0.094, 55.0),
}  # fmt: skip
_PITCH: Harmonics = {
    2: (1.172, -1.0), 4: (0.299, -2.0), 6: (0.650, 119.0), 8: (0.262, 79.0),
    10: (0.109, 48.0), 12: (0.095, 66.0), 14: (0.117, 66.0),
}  # fmt: skip
_ROLL: Harmonics = {
    1: (0.743, -10.0), 3: (1.104, -88.0), 5: (0.310, -138.0), 7: (0.060, -168.0),
    9: (0.217, -172.0), 11: (0.222, 146.0), 13: (0.148, 118.0), 15: (0.099, 85.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignalShape:
    """One of the six signals: its harmonics, and RMS = base + slope x vertical step amplitude (m/s2)."""

    harmonics: Harmonics
    base: float
    slope: float

    def size(self, step_amplitude: FloatArray) -> FloatArray:
        """RMS at a vertical step amplitude (n,) in m/s2; standing (0) has none."""
        walking = np.clip(step_amplitude / SHUFFLE_M_S2, 0.0, 1.0)
        return walking * (self.base + self.slope * step_amplitude)


ACCELERATION = (SignalShape(_V, 0.0, 0.86), SignalShape(_ML, 0.59, 0.20), SignalShape(_AP, 0.30, 0.50))
"""V, ML, AP in m/s2 (lines through 36 walks, forced to stay positive when slow)."""
ROTATION = (SignalShape(_YAW, 0.14, 0.084), SignalShape(_PITCH, 0.05, 0.13), SignalShape(_ROLL, 0.14, 0.071))
"""Rates about V, ML, AP in rad/s."""


def step_amplitude(step_length_m: FloatArray, step_time_s: FloatArray, height_m: float) -> FloatArray:
    """Vertical acceleration amplitude (m/s2) at step frequency for steps of this length and time.

    Notes
    -----
    The inverted pendulum solved for its excursion d, times the square of the step's angular frequency.
    """
    lever = SENSOR_HEIGHT_SHARE * height_m
    chord = np.minimum(step_length_m / (2.0 * PENDULUM_FACTOR), 0.9 * lever)
    excursion = lever - np.sqrt(lever**2 - chord**2)
    omega = 2.0 * np.pi / step_time_s
    pendulum = EXCURSION_SHARE * omega**2 * excursion / 2.0
    return np.hypot(pendulum, SHUFFLE_M_S2)


def stride_signal(
    shape: SignalShape, phase: FloatArray, rng: np.random.Generator, style: float
) -> FloatArray:
    """(n,) signal of about unit RMS at stride `phase` (n,), 0 at left contacts, with a personal touch.

    `style` is the relative spread between people of every amplitude and (in rad) phase; a tenth of the size
    goes into harmonics of the other parity, since nobody is quite symmetric.
    """
    signal = np.zeros_like(phase)
    for k, (amplitude, degrees) in shape.harmonics.items():
        gain = amplitude * max(0.2, 1.0 + style * rng.normal())
        shift = np.radians(degrees) + style * rng.normal()
        signal += gain * np.cos(2.0 * np.pi * k * phase + shift)
    for k in (k + 1 for k in shape.harmonics if k < 7):
        signal += style * 0.5 * rng.normal() * np.cos(2.0 * np.pi * k * phase + rng.uniform(0.0, 2.0 * np.pi))
    return signal
