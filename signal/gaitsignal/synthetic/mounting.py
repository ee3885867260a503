"""How the sensor sits on the person and what it adds: tilt, turn, noise, bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.frames import HALF_TURN_ABOUT_AP, rotation_about_vertical
from gaitsignal.recording import Recording

FloatArray = npt.NDArray[np.float64]

G0 = 9.80665
GRAVITY = np.array([G0, 0.0, 0.0])
NOISE_ACC = 0.025
"""White noise of a MEMS accelerometer at 100 Hz, m/s2 (about 250 ug/sqrt(Hz))."""
NOISE_GYR = 0.003
"""White noise of a MEMS gyroscope at 100 Hz, rad/s."""
BIAS_GYR = 0.008
"""Spread of the gyroscope bias, rad/s (0.3-0.8 deg/s on good sensors)."""


@dataclass(frozen=True, slots=True)
class Mounting:
    """Pose of the sensor on the body and its noise.

    tilt_deg      forward lean of the sensor, about ML
    side_tilt_deg lean to the right, about AP
    heading_deg   turn about the vertical, to the left
    noise         multiplies the noise and bias of an ordinary MEMS sensor
    """

    tilt_deg: float = 0.0
    side_tilt_deg: float = 0.0
    heading_deg: float = 0.0
    upside_down: bool = False
    noise: float = 1.0

    def rotation(self) -> FloatArray:
        """(3, 3) matrix that turns body axes into sensor axes."""
        pitch, roll = np.radians([self.tilt_deg, self.side_tilt_deg])
        about_ml = np.array(
            [[np.cos(pitch), 0.0, np.sin(pitch)], [0.0, 1.0, 0.0], [-np.sin(pitch), 0.0, np.cos(pitch)]]
        )
        about_ap = np.array(
            [[np.cos(roll), -np.sin(roll), 0.0], [np.sin(roll), np.cos(roll), 0.0], [0.0, 0.0, 1.0]]
        )
        turned = about_ap.T @ about_ml @ rotation_about_vertical(-np.radians(self.heading_deg))
        rotation: FloatArray = HALF_TURN_ABOUT_AP @ turned if self.upside_down else turned
        return rotation


def worn(
    acc: FloatArray, gyr: FloatArray, fs_hz: float, height_m: float, mounting: Mounting, seed: int
) -> Recording:
    """The recording of a sensor on a body that moves by `acc` (no gravity, m/s2), `gyr` (rad/s), (n, 3)."""
    rng = np.random.default_rng((seed, 1))
    rotation = mounting.rotation()
    force = (acc + GRAVITY) @ rotation.T
    rates = gyr @ rotation.T + mounting.noise * BIAS_GYR * rng.normal(size=3)
    force += mounting.noise * NOISE_ACC * rng.normal(size=acc.shape)
    rates += mounting.noise * NOISE_GYR * rng.normal(size=gyr.shape)
    return Recording(
        acc=force,
        gyr=rates,
        fs_hz=fs_hz,
        measured=np.ones(len(acc), dtype=np.bool_),
        height_m=height_m,
        sensor="synthetic",
        heading_known=mounting.heading_deg == 0.0,
    )


def band_noise(
    rng: np.random.Generator, n: int, fs_hz: float, low_hz: float, high_hz: float, slope: float = 0.0
) -> FloatArray:
    """(n,) random signal of unit RMS and zero mean in a band, amplitude falling as f ** -slope."""
    f = np.fft.rfftfreq(n, 1.0 / fs_hz)
    inside = (f >= low_hz) & (f <= high_hz)
    if not inside.any():
        raise ValueError(f"{n / fs_hz:.2f} s are too short for a band of {low_hz}-{high_hz} Hz")
    spectrum = np.zeros(f.size, dtype=np.complex128)
    weight = f[inside] ** -slope
    spectrum[inside] = weight * (rng.normal(size=weight.size) + 1j * rng.normal(size=weight.size))
    x = np.fft.irfft(spectrum, n)
    unit: FloatArray = x / np.sqrt(np.mean(x**2))
    return unit
