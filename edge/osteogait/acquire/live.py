"""The live channel: what the session hears goes at once into the causal measures for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from osteogait.devices.driver import FloatArray, Samples

if TYPE_CHECKING:
    from gaitsignal.live import LiveTracker, LiveView

RATES_HZ = (50.0, 200.0)
LONGEST_GAP_S = 60.0
"""A longer hole than a session survives is none of this trial."""
CHUNK = 10
"""The measures work on blocks of so many samples: a new picture more often would be the old one once more."""


class LiveChannel:
    """Follows one sensor: `take` is what `Session` wants as `on_samples`; `view` is the picture now.

    `view` stays None for sensors without rotation in the same packets, and outside 50 to 200 samples a second.
    """

    def __init__(self, fs_hz: float) -> None:
        self.view: LiveView | None = None
        self._fs_hz, self._next, self._held = fs_hz, 0, 0
        self._acc, self._gyr = list[FloatArray](), list[FloatArray]()
        self._tracker = _tracker(fs_hz)

    def take(self, first: int, samples: Samples) -> None:
        """Samples that begin at position `first`; lost ones before them are passed on as lost."""
        if self._tracker is None or samples.acc is None or samples.gyr is None:
            return
        lost = min(first - self._next, round(LONGEST_GAP_S * self._fs_hz))
        if lost > 0:
            hole = np.full((lost, 3), np.nan)
            self._hold(hole, hole)
        self._hold(samples.acc, samples.gyr)
        self._next = first + samples.n
        if self._held >= CHUNK:
            self.view = self._tracker.feed(np.concatenate(self._acc), np.concatenate(self._gyr))
            self._acc, self._gyr, self._held = [], [], 0

    def _hold(self, acc: FloatArray, gyr: FloatArray) -> None:
        self._acc.append(acc)
        self._gyr.append(gyr)
        self._held += len(acc)

    def restart_sway(self) -> None:
        """A standing test begins here."""
        if self._tracker is not None:
            self._tracker.restart_sway()


def _tracker(fs_hz: float) -> LiveTracker | None:
    from gaitsignal.live import LiveTracker

    return LiveTracker(fs_hz) if RATES_HZ[0] <= fs_hz <= RATES_HZ[1] else None
