"""The samples of the test under way, in memory: for the plot, and for a look at what has been done so far."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from osteogait.acquire.assembled import body_frame

if TYPE_CHECKING:
    from gaitsignal.recording import Recording
    from osteogait.acquire.noted import Noted
    from osteogait.acquire.worn import Worn
    from osteogait.devices.driver import Samples

CHANNELS = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
"""Of one sensor, in its own axes: m/s2 and rad/s."""
LONGEST_S = 300.0
"""Of the buffer: twice the longest test."""
STAMP = struct.Struct("<d")


class Felt:
    """Rows of one sensor at positions of the trial; what was lost is NaN."""

    def __init__(self, fs_hz: float) -> None:
        self.fs_hz = fs_hz
        self.position = 0
        self._sent = 0
        self._rows = np.full((round(10.0 * fs_hz), len(CHANNELS)), np.nan)

    def take(self, first: int, samples: Samples) -> None:
        """Samples that begin at position `first`; earlier ones that never came stay NaN."""
        stop = first + samples.n
        if stop > LONGEST_S * self.fs_hz or first < 0:
            return
        if stop > len(self._rows):
            more = np.full((max(stop, 2 * len(self._rows)) - len(self._rows), len(CHANNELS)), np.nan)
            self._rows = np.concatenate([self._rows, more])
        if samples.acc is not None:
            self._rows[first:stop, :3] = samples.acc
        if samples.gyr is not None:
            self._rows[first:stop, 3:] = samples.gyr
        self.position = max(self.position, stop)

    def frame(self) -> bytes | None:
        """What came since the last frame: float64 time of its first row in s, then float32 rows; None for nothing."""
        if self.position == self._sent:
            return None
        rows = self._rows[self._sent : self.position]
        stamp = STAMP.pack(self._sent / self.fs_hz)
        self._sent = self.position
        return stamp + rows.astype("<f4").tobytes()

    def recording(self, worn: Worn, noted: Noted) -> Recording | None:
        """All so far as a recording in the body frame; None before a second has come."""
        from gaitsignal.recording import Recording

        if self.position < self.fs_hz:
            return None
        rows: npt.NDArray[np.float64] = self._rows[: self.position].copy()
        measured: npt.NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(rows), axis=1)
        rows[~measured] = np.nan
        if not measured.any():
            return None
        felt = Recording(rows[:, :3], rows[:, 3:], self.fs_hz, measured)
        return replace(body_frame(felt, worn), trial=noted.on_clock(self.fs_hz))
