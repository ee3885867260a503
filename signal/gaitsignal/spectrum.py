"""Spectra and analytic signals (scipy.signal, imported at the first use)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


def welch(x: FloatArray, fs_hz: float, segment: int, nfft: int) -> tuple[FloatArray, FloatArray]:
    """Frequencies (Hz) and one-sided power density of (n,) `x`: Hann, half-overlapping segments, line removed."""
    from scipy import signal

    frequencies, density = signal.welch(x, fs_hz, "hann", segment, detrend="linear", nfft=nfft)
    return frequencies, density


def analytic(x: FloatArray) -> ComplexArray:
    """(n, ...) analytic signal of real `x` along time: its imaginary part is a quarter period behind."""
    from scipy.signal import hilbert

    result: ComplexArray = hilbert(x, axis=0)
    return result
