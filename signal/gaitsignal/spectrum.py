"""Spectra and analytic signals, numpy alone (see filters.py for the reason)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


def welch(x: FloatArray, fs_hz: float, segment: int, nfft: int) -> tuple[FloatArray, FloatArray]:
    """Frequencies (Hz) and one-sided power density of (n,) `x`: Hann, half-overlapping segments, line removed.

    Notes
    -----
    Welch 1967 (IEEE Trans Audio Electroacoust 15:70); equals `scipy.signal.welch(x, fs_hz, "hann", segment,
    detrend="linear", nfft=nfft)`. 2 <= segment <= n, segment <= nfft.
    """
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(segment) / segment)
    hop = segment - segment // 2
    pieces = np.lib.stride_tricks.sliding_window_view(np.asarray(x, dtype=np.float64), segment)[::hop]
    spectrum = np.fft.rfft(_without_line(pieces) * hann, nfft, axis=1)
    density: FloatArray = np.mean(np.abs(spectrum) ** 2, axis=0) / (fs_hz * np.sum(hann**2))
    density[1 : None if nfft % 2 else -1] *= 2.0
    return np.asarray(np.fft.rfftfreq(nfft, 1.0 / fs_hz), dtype=np.float64), density


def _without_line(pieces: FloatArray) -> FloatArray:
    """Rows (m, k) less their least-squares lines."""
    t = np.arange(pieces.shape[1]) - 0.5 * (pieces.shape[1] - 1)
    centred = pieces - pieces.mean(axis=1, keepdims=True)
    rest: FloatArray = centred - np.outer(centred @ t / (t @ t), t)
    return rest


def analytic(x: FloatArray) -> ComplexArray:
    """(n, ...) analytic signal of real `x` along time: its imaginary part is a quarter period behind."""
    n = x.shape[0]
    weight = np.zeros(n)
    weight[0] = 1.0
    weight[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        weight[n // 2] = 1.0
    spectrum = np.fft.fft(x, axis=0) * weight.reshape(-1, *[1] * (x.ndim - 1))
    return np.asarray(np.fft.ifft(spectrum, axis=0), dtype=np.complex128)
