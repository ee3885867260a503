"""Smooth changes of posture, and a body that pitches while it rises, sits and walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.synthetic.mounting import GRAVITY

FloatArray = npt.NDArray[np.float64]

LEAN_SHARE = 0.45
"""A trunk has leaned furthest after 45 % of a rise (Schenkman 1990, Phys Ther 70:638: momentum transfer)."""
LIFT_FROM = 0.35
"""The hips leave the seat after 35 % of a rise (same source)."""
SLOUCH_DEG = -8.0
"""A seated lower back is tilted backwards."""


@dataclass(frozen=True, slots=True)
class Change:
    """A rise (`up`) or a descent from `start_s` to `end_s`."""

    start_s: float
    end_s: float
    up: bool

    @property
    def lift_s(self) -> tuple[float, float]:
        """Between which times the hips move vertically."""
        length = self.end_s - self.start_s
        if self.up:
            return self.start_s + LIFT_FROM * length, self.end_s
        return self.start_s, self.end_s - LIFT_FROM * length


def smooth_step(t: FloatArray, start_s: float, end_s: float) -> FloatArray:
    """(n,) minimum-jerk step from 0 to 1 (Flash & Hogan 1985, J Neurosci 5:1688)."""
    x = np.clip((t - start_s) / (end_s - start_s), 0.0, 1.0)
    step: FloatArray = x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
    return step


def standing_share(t: FloatArray, changes: tuple[Change, ...], seated_first: bool = True) -> FloatArray:
    """(n,) 0 on the seat, 1 upright, by the lifts of `changes` in time order."""
    share = np.zeros(t.size) if seated_first else np.ones(t.size)
    for change in changes:
        share += (1.0 if change.up else -1.0) * smooth_step(t, *change.lift_s)
    return share


def trunk_pitch(t: FloatArray, changes: tuple[Change, ...], lean_deg: float) -> FloatArray:
    """(n,) forward lean in rad: a pulse of `lean_deg` in every change, slouched on the seat."""
    pitch: FloatArray = np.radians(SLOUCH_DEG) * (1.0 - standing_share(t, changes))
    for change in changes:
        length = change.end_s - change.start_s
        top = change.start_s + (LEAN_SHARE if change.up else 1.0 - LEAN_SHARE) * length
        pulse = smooth_step(t, change.start_s, top) - smooth_step(t, top, change.end_s)
        pitch += np.radians(lean_deg) * pulse
    return pitch


def posed(
    acc: FloatArray, gyr: FloatArray, pitch: FloatArray, height_m: FloatArray, fs_hz: float
) -> tuple[FloatArray, FloatArray]:
    """Motion acc m/s2 (no gravity) and gyr rad/s (n, 3) of an upright body, seen from one that pitches by (n,) rad
    and rises by (n,) m; gravity stays out of the result again.

    Notes
    -----
    A lean to the front reads -g sin(lean) on AP and has a negative rate about ML.
    """
    world = acc + GRAVITY
    world[:, 0] += np.gradient(np.gradient(height_m, 1.0 / fs_hz), 1.0 / fs_hz)
    rates = _pitched(gyr, pitch)
    rates[:, 1] -= np.gradient(pitch, 1.0 / fs_hz)
    return _pitched(world, pitch) - GRAVITY, rates


def _pitched(vectors: FloatArray, pitch: FloatArray) -> FloatArray:
    c, s = np.cos(pitch), np.sin(pitch)
    v, ml, ap = vectors.T
    return np.column_stack([c * v + s * ap, ml, c * ap - s * v])
