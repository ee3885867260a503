"""How the sensor sat on the walking person: which way is up, and which way is forward."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gaitsignal.filters import bandpass, lowpass
from gaitsignal.frames import HALF_TURN_ABOUT_V, ML, V, rotation_about_vertical, vertical_alignment
from gaitsignal.recording import BoolArray, FloatArray
from gaitsignal.spectrum import analytic

GRAVITY_HZ = 0.2
"""Slow enough to leave steps out, quick enough to follow a person who sits down or bends."""
STEP_BAND = (0.6, 1.4)
UNSURE_PHASE_DEG = 20.0
UNSURE_COHERENCE = 0.5
"""63 open walks: coherence of V and AP at step frequency 0.87-0.99."""


@dataclass(frozen=True, slots=True)
class Worn:
    """Where the sensor pointed during the walk.

    rotation         (3, 3), sensor samples @ rotation.T = up, right, forward
    tilt_deg         angle between the sensor's long axis and the vertical while walking
    upside_down      True when it read negative along its V axis
    turned_deg       how far forward had to be turned about the vertical, -180..180
    phase_deg        phase of AP against V at step frequency, 0..180
    coherence        of the two, 0..1
    settled          True when the swing of pelvis and trunk confirmed forward where the phase was unclear
    """

    rotation: FloatArray
    tilt_deg: float
    upside_down: bool
    turned_deg: float
    phase_deg: float
    coherence: float
    settled: bool = False

    @property
    def phase_is_clear(self) -> bool:
        """False when phase or coherence can't tell front from back."""
        off = min(self.phase_deg, 180.0 - self.phase_deg)
        return off >= UNSURE_PHASE_DEG and self.coherence >= UNSURE_COHERENCE

    @property
    def forward_is_sure(self) -> bool:
        """True when phase or swing tell front from back."""
        return self.phase_is_clear or self.settled

    def confirmed(self) -> Worn:
        """The same, known to be right."""
        return replace(self, settled=True)

    def reversed(self) -> Worn:
        """Turned about the vertical by 180 deg, known to be right."""
        turned = (self.turned_deg + 360.0) % 360.0 - 180.0
        phase = 180.0 - self.phase_deg
        return replace(
            self, rotation=HALF_TURN_ABOUT_V @ self.rotation, turned_deg=turned, phase_deg=phase, settled=True
        )


def vertical_signals(acc: FloatArray, gyr: FloatArray, fs_hz: float) -> tuple[FloatArray, FloatArray]:
    """(n,) acceleration along slowly followed gravity less its size, and rotation rate about it.

    Independent of how the sensor is worn, also of a change of posture: used to find the walk before the
    orientation during the walk is known.
    """
    gravity = lowpass(acc, GRAVITY_HZ, fs_hz, order=2)
    size = np.maximum(np.linalg.norm(gravity, axis=1, keepdims=True), 1e-6)
    up = gravity / size
    return np.sum(acc * up, axis=1) - size[:, 0], np.sum(gyr * up, axis=1)


def worn_while_walking(acc: FloatArray, walking: BoolArray, step_s: float, fs_hz: float) -> Worn:
    """Up is mean gravity over the walk, forward the horizontal direction that moves with the steps.

    Notes
    -----
    At step frequency the trunk swings forward and upward together, sideways only at half of it. So AP is the
    horizontal direction of the largest coherent cross-spectrum with V, and its phase against V, +45 to +168
    deg in 63 of 63 open walks, gives the sign: a negative phase means worn back to front. The analytic
    signals come from the band around the step frequency; the result turns with the sensor, so that measures
    do not depend on how it was worn.
    """
    up = vertical_alignment(acc[walking].mean(axis=0))
    band = bandpass(up.apply(acc), STEP_BAND[0] / step_s, STEP_BAND[1] / step_s, fs_hz, order=2)
    swing = analytic(band)[walking]
    cross = (np.conj(swing[:, V : V + 1]) * swing[:, ML:]).mean(axis=0)
    _, vectors = np.linalg.eigh(np.real(np.outer(cross, np.conj(cross))))
    forward = vectors[:, -1]
    along = complex(cross @ forward)
    if along.imag < 0:
        forward, along = -forward, -along
    # forward = (ML, AP) components; a turn about V by `turn` carries it onto +AP
    turn = float(np.arctan2(forward[0], forward[1]))
    power = np.mean(np.abs(swing[:, V]) ** 2) * np.mean(np.abs(swing[:, ML:] @ forward) ** 2)
    return Worn(
        rotation=rotation_about_vertical(turn) @ up.rotation,
        tilt_deg=up.tilt_deg,
        upside_down=up.upside_down,
        turned_deg=float(np.degrees(turn)),
        phase_deg=float(np.degrees(np.angle(along))),
        coherence=float(abs(along) / max(float(np.sqrt(power)), 1e-12)),
    )
