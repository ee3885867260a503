"""Which way is up, how far the trunk leans and whether the person stands still, block by block."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from gaitsignal.live.causal import BLOCK, spread
from gaitsignal.recording import FloatArray
from gaitsignal.stillness import ACC_SD, GYR_SD, MIN_S, WINDOW_S

FOLLOW_S = 2.0
"""Time constant with which the vertical follows the accelerometer: steps average out, drift does not build up."""


class Posture:
    """The vertical in sensor axes, followed by gyroscope and accelerometer; the reference is the first rest."""

    def __init__(self, fs_hz: float) -> None:
        """Nothing is known before the first block."""
        self._block_s = BLOCK / fs_hz
        self._recent: deque[FloatArray] = deque(maxlen=max(1, round(WINDOW_S / self._block_s)))
        self._resting = (np.zeros(3), np.zeros(3), 0)
        self._reference: FloatArray | None = None
        self.up = np.array([1.0, 0.0, 0.0])
        self.bias = np.zeros(3)
        self.still = False
        self._still_blocks = 0
        self.started = False

    def push(self, block: FloatArray) -> None:
        """One block (BLOCK, 6) of acc m/s2 and gyr rad/s."""
        self._recent.append(block)
        mean = np.add.reduce(block, axis=0) / BLOCK
        self._follow(mean[:3], mean[3:])
        self.still = len(self._recent) == self._recent.maxlen and self._is_quiet()
        self._still_blocks = self._still_blocks + 1 if self.still else 0
        self._rest(mean[:3], mean[3:])

    @property
    def still_s(self) -> float:
        """Seconds of standing still up to now."""
        return self._still_blocks * self._block_s

    @property
    def tilt_deg(self) -> float | None:
        """Degrees between the vertical now and at the first rest; None before the first rest."""
        if self._reference is None:
            return None
        cross = math.hypot(*_cross(self.up, self._reference))
        return math.degrees(math.atan2(cross, float(self.up @ self._reference)))

    def _follow(self, acc: FloatArray, gyr: FloatArray) -> None:
        size = math.hypot(*acc.tolist())
        if size == 0.0:
            return
        if not self.started:
            self.up, self.started = acc / size, True
            return
        turned = self.up - self._block_s * np.array(_cross(gyr - self.bias, self.up))
        share = min(1.0, self._block_s / FOLLOW_S)
        mixed = (1.0 - share) * turned / math.hypot(*turned.tolist()) + share * acc / size
        length = math.hypot(*mixed.tolist())
        self.up = mixed / length if length > 0.0 else self.up

    def _rest(self, acc: FloatArray, gyr: FloatArray) -> None:
        """Means of a block, then over this stretch of rest: the gyroscope's bias, and once the reference posture."""
        if not self.still:
            self._resting = (np.zeros(3), np.zeros(3), 0)
            return
        acc_sum, gyr_sum, blocks = self._resting
        self._resting = (acc_sum + acc, gyr_sum + gyr, blocks + 1)
        if self.still_s >= MIN_S:
            self.bias = self._resting[1] / self._resting[2]
            size = float(np.linalg.norm(self._resting[0]))
            if self._reference is None and size > 0.0:
                self._reference = self._resting[0] / size

    def _is_quiet(self) -> bool:
        """By the SD over the last half second, all axes together."""
        variance = spread(np.concatenate(self._recent)).tolist()
        return math.sqrt(sum(variance[:3])) < ACC_SD and math.sqrt(sum(variance[3:])) < GYR_SD


def _cross(a: FloatArray, b: FloatArray) -> tuple[float, float, float]:
    """The vector product; `numpy.cross` takes thirty times as long for one pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
