"""Where the person stood still: the reference for gravity and gyroscope bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.bridging import true_runs
from gaitsignal.recording import BoolArray, FloatArray

WINDOW_S = 0.5
ACC_SD, GYR_SD = 0.3, 0.1
"""m/s2 and rad/s within half a second; at rest good recordings have a median of 0.03 m/s2."""
MIN_S = 1.0
EDGE_S = 0.25
"""Cut from both ends of a still stretch that ends in movement."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Mean specific force (3,) m/s2 and gyroscope bias (3,) rad/s over `duration_s` of standing still."""

    acc: FloatArray
    gyr: FloatArray
    first: int
    stop: int


def find_rest(acc: FloatArray, gyr: FloatArray, allowed: BoolArray, fs_hz: float) -> Rest | None:
    """The longest still stretch, None when the person never stood still for a second.

    The longest, because people sway and turn slowly before they settle, and that is no bias.
    """
    still = (_spread(acc, fs_hz) < ACC_SD) & (_spread(gyr, fs_hz) < GYR_SD) & allowed
    edge = round(EDGE_S * fs_hz)
    first, stop = max(true_runs(still), key=lambda run: run[1] - run[0], default=(0, 0))
    if stop - first < MIN_S * fs_hz:
        return None
    kept = slice(first + (edge if first else 0), stop - (edge if stop < acc.shape[0] else 0))
    return Rest(acc[kept].mean(axis=0), gyr[kept].mean(axis=0), kept.start, kept.stop)


def _spread(block: FloatArray, fs_hz: float) -> FloatArray:
    """(n,) SD over half a second, all axes together."""
    width = max(2, round(WINDOW_S * fs_hz))
    centred = block - block.mean(axis=0)
    kernel = np.full(width, 1.0 / width)
    count = np.convolve(np.ones(block.shape[0]), kernel, mode="same")
    variance = np.zeros(block.shape[0])
    for column in centred.T:
        mean = np.convolve(column, kernel, mode="same") / count
        variance += np.convolve(column**2, kernel, mode="same") / count - mean**2
    return np.sqrt(np.maximum(variance, 0.0))
