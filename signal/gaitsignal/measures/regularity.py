"""Regularity of steps and strides from the autocorrelation of vertical trunk acceleration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.events.legs import Leg
from gaitsignal.recording import FloatArray

STEP_SEARCH, STRIDE_SEARCH = (0.35, 0.65), (0.85, 1.15)
"""Where the two peaks are sought, as shares of the stride time (semiogram: Voisard 2025, IPOL,
doi:10.5201/ipol.2025.535)."""
MIN_STRIDES = 3


@dataclass(frozen=True, slots=True)
class Regularity:
    """Autocorrelation near one step and near one stride (-1..1, 1 perfectly regular), and step over stride."""

    step: float
    stride: float

    @property
    def symmetry(self) -> float:
        """Step over stride regularity: 1 when left and right steps are alike."""
        return self.step / self.stride


def regularity(vertical: FloatArray, legs: tuple[Leg, ...], step_s: float, fs_hz: float) -> Regularity | None:
    """Mean over legs of three strides or more, weighted by their length; None when there is no such leg.

    Notes
    -----
    Moe-Nilssen & Helbostad 2004, J Biomech 37:121: unbiased autocorrelation of V acceleration less its mean,
    divided by its value at lag 0, one leg at a time.
    """
    found, weights = [], []
    stride = 2.0 * step_s * fs_hz
    for leg in legs:
        piece = vertical[leg.slice()]
        if leg.rows.size < 2 * MIN_STRIDES + 1 or piece.size < STRIDE_SEARCH[1] * stride * 1.5:
            continue
        r = _autocorrelation(piece)
        found.append([_peak(r, search, stride) for search in (STEP_SEARCH, STRIDE_SEARCH)])
        weights.append(piece.size)
    if not found:
        return None
    step, whole = np.average(np.array(found), axis=0, weights=weights)
    return Regularity(float(step), float(whole)) if whole > 0.05 else None


def _autocorrelation(x: FloatArray) -> FloatArray:
    centred = x - x.mean()
    spectrum = np.fft.rfft(centred, n=2 * x.size)
    r = np.fft.irfft(np.abs(spectrum) ** 2)[: x.size] / (x.size - np.arange(x.size))
    normal: FloatArray = r / max(float(r[0]), 1e-12)
    return normal


def _peak(r: FloatArray, search: tuple[float, float], stride: float) -> float:
    return float(r[round(search[0] * stride) : round(search[1] * stride) + 1].max())
