"""A standing person who sways by a known amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from gaitsignal.synthetic.mounting import G0, Mounting, band_noise, worn

FloatArray = npt.NDArray[np.float64]

SWAY_BAND_HZ = (0.1, 2.6)
"""Inside the pass band of the 3.5 Hz low-pass, so the filter hardly touches the true amplitude."""
SWAY_SLOPE = 0.75
"""Amplitude falls as f^-0.75: RMS frequency about 1.0 Hz as at 13 lumbar rests (own measurement)."""
ML_SHARE = 0.65
"""Sideways over forward-backward RMS, near the median of lumbar rests."""


@dataclass(frozen=True, slots=True)
class SyntheticStance:
    """A standing trial and its truth: `rms`, `rms_ap`, `rms_ml` in m/s2, `duration_s`."""

    recording: Recording
    truth: Mapping[str, float]


def stander(
    sway_rms: float = 0.07,
    duration_s: float = 30.0,
    height_m: float = 1.62,
    tremor: float = 0.0,
    mounting: Mounting | None = None,
    fs_hz: float = 100.0,
    seed: int = 0,
) -> SyntheticStance:
    """Quiet stance with horizontal sway of `sway_rms` m/s2 (in the plane) and a 5 Hz `tremor` in m/s2."""
    n = round(duration_s * fs_hz)
    acc, gyr = sway_motion(n, fs_hz, sway_rms, seed)
    acc += tremor_motion(n, fs_hz, tremor, seed)
    truth = {
        "rms": float(np.sqrt(np.mean(acc[:, 1] ** 2 + acc[:, 2] ** 2))),
        "rms_ml": float(np.sqrt(np.mean(acc[:, 1] ** 2))),
        "rms_ap": float(np.sqrt(np.mean(acc[:, 2] ** 2))),
        "duration_s": n / fs_hz,
    }
    return SyntheticStance(worn(acc, gyr, fs_hz, height_m, mounting or Mounting(), seed), truth)


def sway_motion(n: int, fs_hz: float, sway_rms: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """(n, 3) acceleration and rate of a body that leans slowly to and fro.

    Notes
    -----
    Lumbar sway is mostly gravity seen from a leaning trunk: a lean to the front reads -g sin(lean) on AP with
    a negative rate about ML; a lean to the right reads -g sin(lean) on ML with a positive rate about AP.
    """
    rng = np.random.default_rng((seed, 2))
    ap, ml = (band_noise(rng, n, fs_hz, *SWAY_BAND_HZ, slope=SWAY_SLOPE) for _ in range(2))
    ap, ml = np.array([ap, ml * ML_SHARE]) * sway_rms / np.hypot(1.0, ML_SHARE)
    acc = np.column_stack([np.zeros(n), ml, ap])
    rate = np.gradient(acc, 1.0 / fs_hz, axis=0) / G0
    return acc, np.column_stack([np.zeros(n), rate[:, 2], -rate[:, 1]])


def tremor_motion(n: int, fs_hz: float, amplitude: float, seed: int) -> FloatArray:
    """(n, 3) shaking around 5 Hz, `amplitude` in m/s2 on each axis (Parkinsonian tremor beats at 4-6 Hz)."""
    if amplitude == 0.0:
        return np.zeros((n, 3))
    rng = np.random.default_rng((seed, 3))
    shaking = [band_noise(rng, n, fs_hz, 4.5, 5.5) for _ in range(3)]
    motion: FloatArray = amplitude / np.sqrt(2.0) * np.column_stack(shaking)
    return motion
