"""Spectra and analytic signals with numpy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


def welch(x: FloatArray, fs_hz: float, segment: int, nfft: int) -> tuple[FloatArray, FloatArray]:
    """Frequencies (Hz) and one-sided power density of (n,) `x`, Welch's mean of half-overlapping segments.

    Notes
    -----
    Periodic Hann window, straight line removed from each segment, zero-padded to `nfft`: the same numbers as
    `scipy.signal.welch(x, fs, "hann", segment, detrend="linear", nfft=nfft)`.
    """
    step = segment - segment // 2
    starts = range(0, x.size - segment + 1, step)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(segment, dtype=np.float64) / segment)
    pieces = np.array([_without_line(x[start : start + segment]) * window for start in starts])
    power = np.abs(np.fft.rfft(pieces, nfft, axis=1)) ** 2
    density = power.mean(axis=0) / (fs_hz * float(window @ window))
    density[1 : None if nfft % 2 else -1] *= 2.0
    frequencies = np.arange(nfft // 2 + 1, dtype=np.float64) * fs_hz / nfft
    return frequencies, density


def _without_line(x: FloatArray) -> FloatArray:
    t = np.arange(x.size) - (x.size - 1) / 2.0
    centred = x - x.mean()
    flat: FloatArray = centred - t * float(t @ centred / (t @ t))
    return flat


def analytic(x: FloatArray) -> ComplexArray:
    """(n, ...) analytic signal of real `x` along time: its imaginary part is a quarter period behind."""
    n = x.shape[0]
    weight = np.zeros(n)
    weight[0] = 1.0
    weight[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        weight[n // 2] = 1.0
    shaped = weight.reshape(-1, *[1] * (x.ndim - 1))
    result: ComplexArray = np.fft.ifft(np.fft.fft(x, axis=0) * shaped, axis=0)
    return result
