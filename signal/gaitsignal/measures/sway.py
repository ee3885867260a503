"""Sway of a standing person from two horizontal signals: size, path, jerk, ellipse, spectrum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gaitsignal.spectrum import welch

FloatArray = npt.NDArray[np.float64]

LOWPASS_HZ = 3.5
"""Cut-off of the zero-phase 4th-order Butterworth that precedes the measures (Mancini 2012, JNER 9:59)."""
BAND_HZ = (0.15, 3.5)
"""Spectral band for acceleration; centre-of-pressure trials use (0.15, 5.0) (Quijoux 2021)."""
SEGMENT_S = 10.0
"""Welch segment: ten seconds resolve the slowest 0.15 Hz (Quijoux 2021)."""
EDGE = 1e-6
"""A rate fitted to time stamps is off by rounding: a bin on the border of the band still belongs to it."""
MIN_SAMPLES = 16

AXES = ("ap", "ml")


def sway(
    ap: FloatArray, ml: FloatArray, fs_hz: float, band_hz: tuple[float, float] = BAND_HZ
) -> dict[str, float]:
    """All sway measures of `ap`, `ml` (n,) in m/s2, already aligned and low-passed; means are removed here.

    Raises
    ------
    ValueError
        Shapes differ, n < 16, a value is not finite, or both signals are constant.

    Notes
    -----
    T = n / fs_hz everywhere. Names follow Mancini 2012 (JNER 9:59, table 2); definitions that differ between
    sources are settled thus: 95 % *prediction* ellipse with covariance over n - 1; frequency measures from
    Welch's estimate (the paper uses multitaper); power is the sum of bins times fs/n, so zero padding does
    not matter. `jerk` grows with T: compare trials of equal length. `njs` and `mean_velocity` have no agreed
    definition. With centre of pressure in cm the units become cm, cm/s and so on, and its mean velocity is
    `path / duration_s`.
    """
    x = _centred(ap, ml)
    n = x.shape[0]
    duration = n / fs_hz
    radius = np.hypot(x[:, 0], x[:, 1])
    measures = {"n": float(n), "duration_s": duration}
    measures |= _size(x, radius)
    measures |= _path(x)
    measures |= _jerk(x, fs_hz)
    measures |= {f"range_{axis}": float(np.ptp(x[:, i])) for i, axis in enumerate(AXES)}
    spread = measures["range_ap"] ** 2 + measures["range_ml"] ** 2
    measures["njs"] = float(np.sqrt(measures["jerk"] * duration / spread))
    measures["mean_velocity"] = _mean_velocity(x, fs_hz)
    measures["mean_frequency"] = measures["path"] / (2.0 * np.pi * measures["dist"] * duration)
    measures |= _ellipse(x)
    measures["sway_area_per_s"] = _swept_area(x) / duration
    for suffix, signal in (("ap", x[:, 0]), ("ml", x[:, 1]), ("res", radius - radius.mean())):
        measures |= _spectrum(signal, fs_hz, band_hz, suffix)
    return measures


def _centred(ap: FloatArray, ml: FloatArray) -> FloatArray:
    if ap.ndim != 1 or ap.shape != ml.shape or ap.size < MIN_SAMPLES:
        raise ValueError(f"need two signals of equal length >= {MIN_SAMPLES}, got {ap.shape} and {ml.shape}")
    x = np.column_stack([ap, ml]).astype(np.float64)
    if not np.isfinite(x).all():
        raise ValueError("sway signals hold values that are not finite")
    x -= x.mean(axis=0)
    if not np.ptp(x):
        raise ValueError("sway signals are constant")
    return x


def _size(x: FloatArray, radius: FloatArray) -> dict[str, float]:
    size = {"dist": float(radius.mean()), "rms": float(np.sqrt(np.mean(radius**2)))}
    for i, axis in enumerate(AXES):
        size[f"dist_{axis}"] = float(np.abs(x[:, i]).mean())
        size[f"rms_{axis}"] = float(np.sqrt(np.mean(x[:, i] ** 2)))
    return size


def _path(x: FloatArray) -> dict[str, float]:
    steps = np.diff(x, axis=0)
    path = {"path": float(np.hypot(steps[:, 0], steps[:, 1]).sum())}
    return path | {f"path_{axis}": float(np.abs(steps[:, i]).sum()) for i, axis in enumerate(AXES)}


def _jerk(x: FloatArray, fs_hz: float) -> dict[str, float]:
    rate = np.gradient(x, 1.0 / fs_hz, axis=0)
    along_ap, along_ml = (0.5 * float(np.trapezoid(rate[:, i] ** 2, dx=1.0 / fs_hz)) for i in range(2))
    return {"jerk": along_ap + along_ml, "jerk_ap": along_ap, "jerk_ml": along_ml}


def _mean_velocity(x: FloatArray, fs_hz: float) -> float:
    velocity = np.zeros_like(x)
    velocity[1:] = np.cumsum((x[1:] + x[:-1]) / (2.0 * fs_hz), axis=0)
    t = np.arange(x.shape[0]) - (x.shape[0] - 1) / 2.0
    velocity -= velocity.mean(axis=0)
    velocity -= np.outer(t, t @ velocity / (t @ t))
    return float(np.hypot(velocity[:, 0], velocity[:, 1]).mean())


def _ellipse(x: FloatArray) -> dict[str, float]:
    n = x.shape[0]
    covariance = x.T @ x / (n - 1)
    # For two numerator degrees of freedom the F quantile is closed: m/2 (p^(-2/m) - 1), p the upper tail.
    f95 = (n - 2) / 2.0 * (0.05 ** (-2.0 / (n - 2)) - 1.0)
    scale = 2.0 * np.pi * f95 * (n - 1) * (n + 1) / (n * (n - 2))
    major = np.linalg.eigh(covariance)[1][:, -1]
    angle = float(np.degrees(np.arctan2(major[1], major[0])) % 180.0)
    area = scale * float(np.sqrt(max(np.linalg.det(covariance), 0.0)))
    return {"ellipse_area": area, "ellipse_angle_deg": angle}


def _swept_area(x: FloatArray) -> float:
    cross = x[1:, 0] * x[:-1, 1] - x[:-1, 0] * x[1:, 1]
    return 0.5 * float(np.abs(cross).sum())


def _spectrum(
    signal: FloatArray, fs_hz: float, band_hz: tuple[float, float], suffix: str
) -> dict[str, float]:
    n = signal.size
    f, density = welch(signal, fs_hz, min(round(SEGMENT_S * fs_hz), n), nfft=n)
    inside = (f >= band_hz[0] * (1.0 - EDGE)) & (f <= band_hz[1] * (1.0 + EDGE))
    f, density = f[inside], density[inside]
    mu0, mu1, mu2 = (float(np.sum(f**k * density)) for k in range(3))
    share = np.cumsum(density) / mu0
    return {
        f"power_{suffix}": mu0 * fs_hz / n,
        f"f50_{suffix}": float(f[np.argmax(share >= 0.50)]),
        f"f95_{suffix}": float(f[np.argmax(share >= 0.95)]),
        f"fpeak_{suffix}": float(f[np.argmax(density)]),
        f"cfreq_{suffix}": float(np.sqrt(mu2 / mu0)),
        f"freqd_{suffix}": float(np.sqrt(max(1.0 - mu1**2 / (mu0 * mu2), 0.0))),
    }
