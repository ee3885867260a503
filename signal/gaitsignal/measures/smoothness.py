"""Smoothness of walking: spectral arc length and log dimensionless jerk."""

from __future__ import annotations

import numpy as np

from gaitsignal.recording import FloatArray

PAD_LEVEL, TOP_HZ, THRESHOLD = 4, 10.0, 0.05


def spectral_arc_length(profile: FloatArray, fs_hz: float) -> float:
    """SPARC of a speed profile (n,), negative, nearer to 0 when smoother; ValueError when it is zero throughout.

    Notes
    -----
    Balasubramanian 2015, J NeuroEng Rehabil 12:112: arc length of the magnitude spectrum over its peak, zero-padded by
    2^4, from 0 to the last frequency up to 10 Hz that reaches 0.05, frequency scaled to that range.
    """
    n = 2 ** (int(np.ceil(np.log2(profile.size))) + PAD_LEVEL)
    magnitude = np.abs(np.fft.rfft(profile, n))
    if not magnitude.max() > 0.0:
        raise ValueError("a profile of zeros has no smoothness")
    magnitude /= magnitude.max()
    frequency = np.fft.rfftfreq(n, 1.0 / fs_hz)
    high = np.flatnonzero((magnitude >= THRESHOLD) & (frequency <= TOP_HZ))
    chosen = slice(high[0], high[-1] + 1)
    f, m = frequency[chosen], magnitude[chosen]
    return -float(np.sum(np.hypot(np.diff(f) / (f[-1] - f[0]), np.diff(m))))


def log_dimensionless_jerk(acceleration: FloatArray) -> float:
    """LDLJ of the size of an acceleration (n,), negative, nearer to 0 when smoother; ValueError when constant.

    Notes
    -----
    Melendez-Calderon 2021, Front Bioeng Biotechnol 8:558771, for acceleration: -ln(T / peak^2 * integral of jerk^2),
    which in samples is -ln(n / peak^2 * sum diff^2). It falls with the length of the walk: compare equal ones.
    """
    jerk = float(np.sum(np.diff(acceleration) ** 2))
    if not jerk > 0.0:
        raise ValueError("a constant acceleration has no jerk")
    return -float(np.log(acceleration.size * jerk / np.max(np.abs(acceleration)) ** 2))
