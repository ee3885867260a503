"""The sway of a standing person as it happens: a trace from above and its size."""

from __future__ import annotations

import numpy as np

from gaitsignal.frames import AP, ML, vertical_alignment
from gaitsignal.live.causal import BLOCK, CausalFilters, butterworth
from gaitsignal.measures.sway import LOWPASS_HZ
from gaitsignal.recording import FloatArray

ALIGN_S = 1.0
TRACE_S = 30.0


class SwayTrace:
    """Level acceleration, right and forward, in the frame of the first second.

    Notes
    -----
    The low-pass of the offline sway runs forwards and backwards; the same filter twice forwards has the same gain at
    every frequency, so sizes agree, 0.2 s late.
    """

    def __init__(self, fs_hz: float) -> None:
        """An empty trace that begins with the next block."""
        self._wait = max(1, round(ALIGN_S * fs_hz / BLOCK))
        self._first: list[FloatArray] = []
        self._rotation: FloatArray | None = None
        self._filters = CausalFilters([butterworth(LOWPASS_HZ, fs_hz, 4) * 2], 2)
        self._longest = round(TRACE_S * fs_hz / BLOCK)
        self._trace, self._end = np.zeros((2 * self._longest, 2)), 0
        self._origin = np.zeros(2)
        self._sum, self._squares, self._n = np.zeros(2), np.zeros(2), 0

    def push(self, acc: FloatArray) -> None:
        """One block of acc m/s2 (BLOCK, 3); the first second is kept until its mean is known."""
        if self._rotation is not None:
            self._add(acc)
            return
        self._first.append(acc)
        mean = np.mean(self._first, axis=(0, 1))
        if len(self._first) < self._wait or not np.linalg.norm(mean) > 0.0:
            return
        self._rotation = vertical_alignment(mean).rotation
        self._origin = (self._rotation @ mean)[[ML, AP]]
        for block in self._first:
            self._add(block)
        self._first = []

    def _add(self, acc: FloatArray) -> None:
        if self._rotation is None:
            return
        level = (acc @ self._rotation.T)[:, [ML, AP]] - self._origin
        smooth = self._filters.push(level)[0]
        if self._end == len(self._trace):  # the last half minute moves to the front
            self._trace[: self._longest], self._end = self._trace[self._longest :], self._longest
        self._trace[self._end] = smooth[-1]
        self._end += 1
        self._sum += smooth.sum(axis=0)
        self._squares += (smooth**2).sum(axis=0)
        self._n += BLOCK

    @property
    def trace(self) -> FloatArray:
        """(k, 2) the last half minute about the mean so far."""
        if not self._n:
            return np.zeros((0, 2))
        return self._trace[max(0, self._end - self._longest) : self._end] - self._sum / self._n

    @property
    def rms(self) -> tuple[float, float] | None:
        """(right, forward) m/s2 about the mean; None in the first second."""
        if not self._n:
            return None
        mean = self._sum / self._n
        right, forward = np.sqrt(np.maximum(self._squares / self._n - mean**2, 0.0))
        return float(right), float(forward)
