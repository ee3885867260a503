"""Which foot touched the ground: the swing of pelvis and trunk at contact, by majority under alternation."""

from __future__ import annotations

import numpy as np

from gaitsignal.filters import bandpass
from gaitsignal.recording import FloatArray

BAND = (0.6, 1.4)
YAW_AT_LEFT_RAD, ML_AT_LEFT_RAD = np.radians(-150.0), np.radians(-107.0)
"""Phase of the stride wave at a left contact, mean over 13 people (yaw rate -84 to -207 deg, ML acceleration
-38 to -169 in 71 of 72 legs); pelvis rotation and trunk sway are never both off, their sum is right in all."""
MIN_MARGIN = 0.15
"""Agreement, -1 to 1, below which a run of steps keeps no sides."""
MISSED = 1.6
"""An interval beyond this share of the usual step hides a contact: alternation starts afresh."""


def yaw_evidence(yaw: FloatArray, step_s: float, fs_hz: float) -> FloatArray:
    """(n,) positive where a contact would be a left one, from yaw rate; the same worn front or back.

    Notes
    -----
    The sign of the yaw rate at contact alone (McCamley 2012, Gait Posture 36:316) fails in people whose
    pelvis hardly turns; `ml_evidence` carries the same information from the trunk.
    """
    return _evidence(yaw, YAW_AT_LEFT_RAD, step_s, fs_hz)


def ml_evidence(ml: FloatArray, step_s: float, fs_hz: float) -> FloatArray:
    """(n,) the same from sideways acceleration; changes its sign when front and back are mistaken."""
    return _evidence(ml, ML_AT_LEFT_RAD, step_s, fs_hz)


def _evidence(signal: FloatArray, phase_rad: float, step_s: float, fs_hz: float) -> FloatArray:
    stride_hz = 0.5 / step_s
    wave = bandpass(signal, BAND[0] * stride_hz, BAND[1] * stride_hz, fs_hz, order=2)
    quadrature = -np.gradient(wave) * fs_hz / (2.0 * np.pi * stride_hz)
    turned: FloatArray = np.real((wave + 1j * quadrature) * np.exp(-1j * phase_rad))
    return turned / max(float(np.sqrt(np.mean(wave**2))), 1e-12)


def likeness(a: FloatArray, b: FloatArray, rows: FloatArray) -> float:
    """Correlation of two evidences at the contacts `rows`, -1..1."""
    at = np.clip(np.rint(rows).astype(int), 0, a.size - 1)
    norm = float(np.linalg.norm(a[at]) * np.linalg.norm(b[at]))
    return float(a[at] @ b[at]) / max(norm, 1e-12)


def sides_of(rows: FloatArray, evidence: FloatArray, step: float) -> tuple[list[str | None], float]:
    """`left`, `right` or None for every contact of a run, and the share of steps that agree (0..1).

    `rows` (k,) are fractional rows, `step` the usual step in rows. A missed contact breaks the alternation
    once; each piece between two such breaks is decided by its own majority.
    """
    sides: list[str | None] = []
    agreeing = 0
    for piece in np.split(np.arange(rows.size), np.flatnonzero(np.diff(rows) > MISSED * step) + 1):
        at = np.clip(np.rint(rows[piece]).astype(int), 0, evidence.size - 1)
        sign = np.where(np.arange(piece.size) % 2 == 0, 1.0, -1.0)
        votes = sign * evidence[at]
        margin = float(votes.sum() / max(float(np.abs(votes).sum()), 1e-12))
        first_is_left = margin > 0
        agreeing += int(np.sum((votes > 0) == first_is_left))
        for is_even in sign > 0:
            left = bool(is_even) == first_is_left
            sides.append(None if abs(margin) < MIN_MARGIN else "left" if left else "right")
    return sides, agreeing / max(1, rows.size)
