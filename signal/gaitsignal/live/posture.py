"""Which way is up, how far the trunk leans and whether the person stands still, block by block."""

from __future__ import annotations

from collections import deque

import numpy as np

from gaitsignal.live.causal import BLOCK
from gaitsignal.recording import FloatArray
from gaitsignal.stillness import ACC_SD, GYR_SD, MIN_S, WINDOW_S

FOLLOW_S = 2.0
"""Time constant with which the vertical follows the accelerometer: steps average out, drift does not build up."""


class Posture:
    """The vertical in sensor axes, followed by gyroscope and accelerometer; the reference is the first rest."""

    def __init__(self, fs_hz: float) -> None:
        """Nothing is known before the first block."""
        self._block_s = BLOCK / fs_hz
        self._recent: deque[tuple[FloatArray, FloatArray]] = deque(
            maxlen=max(1, round(WINDOW_S / self._block_s))
        )
        self._resting = (np.zeros(3), np.zeros(3), 0)
        self._reference: FloatArray | None = None
        self.up = np.array([1.0, 0.0, 0.0])
        self.bias = np.zeros(3)
        self.still = False
        self._still_blocks = 0
        self.started = False

    def push(self, acc: FloatArray, gyr: FloatArray) -> None:
        """One block of acc m/s2 and gyr rad/s, (BLOCK, 3) each."""
        self._recent.append((acc, gyr))
        self._follow(acc.mean(axis=0), gyr.mean(axis=0))
        full = len(self._recent) == self._recent.maxlen
        self.still = full and self._spread(0) < ACC_SD and self._spread(1) < GYR_SD
        self._still_blocks = self._still_blocks + 1 if self.still else 0
        self._rest(acc, gyr)

    @property
    def still_s(self) -> float:
        """Seconds of standing still up to now."""
        return self._still_blocks * self._block_s

    @property
    def tilt_deg(self) -> float | None:
        """Degrees between the vertical now and at the first rest; None before the first rest."""
        if self._reference is None:
            return None
        cross = float(np.linalg.norm(np.cross(self.up, self._reference)))
        return float(np.degrees(np.arctan2(cross, float(self.up @ self._reference))))

    def _follow(self, acc: FloatArray, gyr: FloatArray) -> None:
        size = float(np.linalg.norm(acc))
        if size == 0.0:
            return
        if not self.started:
            self.up, self.started = acc / size, True
            return
        turned = self.up - self._block_s * np.cross(gyr - self.bias, self.up)
        share = min(1.0, self._block_s / FOLLOW_S)
        mixed = (1.0 - share) * turned / np.linalg.norm(turned) + share * acc / size
        length = float(np.linalg.norm(mixed))
        self.up = mixed / length if length > 0.0 else self.up

    def _rest(self, acc: FloatArray, gyr: FloatArray) -> None:
        """Means over this stretch of standing still: the gyroscope's bias, and once the reference posture."""
        if not self.still:
            self._resting = (np.zeros(3), np.zeros(3), 0)
            return
        acc_sum, gyr_sum, blocks = self._resting
        self._resting = (acc_sum + acc.mean(axis=0), gyr_sum + gyr.mean(axis=0), blocks + 1)
        if self.still_s >= MIN_S:
            self.bias = self._resting[1] / self._resting[2]
            size = float(np.linalg.norm(self._resting[0]))
            if self._reference is None and size > 0.0:
                self._reference = self._resting[0] / size

    def _spread(self, which: int) -> float:
        """SD over the last half second, all axes together."""
        recent = np.concatenate([pair[which] for pair in self._recent])
        return float(np.sqrt(recent.var(axis=0).sum()))
