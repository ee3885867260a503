"""The live state: chunks of samples in, the picture of the moment out."""

from __future__ import annotations

import numpy as np

from gaitsignal.live.causal import BLOCK
from gaitsignal.live.posture import Posture
from gaitsignal.live.steps import StepCounter
from gaitsignal.live.sway import SwayTrace
from gaitsignal.live.view import LiveView
from gaitsignal.recording import BoolArray, FloatArray

RATES_HZ = (50.0, 200.0)


class LiveTracker:
    """Follows one sensor on the lower back.

    Samples are worked on in blocks of ten, so that the picture does not depend on the size of the chunks; up to nine
    wait for their block. A lost sample is a row of NaN: it takes the place of time and the last value stands for it.
    """

    def __init__(self, fs_hz: float) -> None:
        """`fs_hz` 50 to 200; ValueError outside."""
        if not RATES_HZ[0] * 0.99 <= fs_hz <= RATES_HZ[1] * 1.01:
            raise ValueError(
                f"{fs_hz} Hz: the live picture needs {RATES_HZ[0]:g} to {RATES_HZ[1]:g} samples a second"
            )
        self._fs_hz = fs_hz
        self._posture = Posture(fs_hz)
        self._steps = StepCounter(fs_hz)
        self._sway = SwayTrace(fs_hz)
        self._waiting = np.empty((0, 6))
        self._last: FloatArray | None = None
        self._taken = self._lost = 0

    def feed(self, acc: FloatArray, gyr: FloatArray) -> LiveView:
        """The picture after (k, 3) more samples, acc m/s2 and gyr rad/s in the sensor's axes; k may be 0.

        ValueError when the shapes are not (k, 3) of the same k.
        """
        acc, gyr = np.asarray(acc, dtype=np.float64), np.asarray(gyr, dtype=np.float64)
        if acc.shape != gyr.shape or acc.ndim != 2 or acc.shape[1] != 3:
            raise ValueError(f"acc {acc.shape} and gyr {gyr.shape} must both be (k, 3)")
        self._waiting = np.concatenate([self._waiting, np.concatenate([acc, gyr], axis=1)])
        whole = len(self._waiting) // BLOCK * BLOCK
        for block in self._waiting[:whole].reshape(-1, BLOCK, 6):
            self._push(block)
        self._waiting = self._waiting[whole:]
        return self._view()

    def restart_sway(self) -> None:
        """Begins the trace anew: a standing test starts here."""
        self._sway = SwayTrace(self._fs_hz)

    def _push(self, block: FloatArray) -> None:
        self._taken += BLOCK
        filled = self._filled(block)
        if filled is None:
            return
        acc, gyr = filled[:, :3], filled[:, 3:]
        self._posture.push(filled)
        up = self._posture.up
        self._steps.push(acc @ up, (gyr - self._posture.bias) @ up, filled)
        self._sway.push(acc)

    def _filled(self, block: FloatArray) -> FloatArray | None:
        """The block with the last value in place of lost ones; None before anything was measured."""
        good: BoolArray = np.logical_and.reduce(np.isfinite(block), axis=1)
        self._lost += int(np.sum(~good))
        if good.all():
            self._last = block[-1]
            return block
        if self._last is None:
            if not good.any():
                return None
            self._last = block[good][0]
        filled = block.copy()
        for row in range(BLOCK):
            if not good[row]:
                filled[row] = self._last
            self._last = filled[row]
        return filled

    def _view(self) -> LiveView:
        posture, steps, sway = self._posture, self._steps, self._sway
        return LiveView(
            time_s=(self._taken + len(self._waiting)) / self._fs_hz,
            steps=steps.steps,
            cadence=steps.cadence,
            mean_cadence=steps.mean_cadence,
            tilt_deg=posture.tilt_deg,
            still=posture.still,
            still_s=posture.still_s,
            sway=sway.trace,
            sway_rms=sway.rms,
            lost_s=self._lost / self._fs_hz,
        )
