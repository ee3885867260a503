"""A person who takes up a stance, holds it, and loses it or not, at known times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gaitsignal.recording import Recording
from gaitsignal.synthetic.mounting import Mounting, band_noise, worn
from gaitsignal.synthetic.postures import smooth_step
from gaitsignal.synthetic.stander import sway_motion

FloatArray = npt.NDArray[np.float64]

MOVE_ACC, MOVE_GYR = 1.6, 0.7
"""Size of stepping into or out of a stance, m/s2 and rad/s: a slow walker's steps have 1.2 m/s2 and more."""
MOVE_BAND_HZ = (0.8, 5.0)
RAMP_S = 0.08
QUIET_RMS = 0.07


@dataclass(frozen=True, slots=True)
class SyntheticHold:
    """A recorded stance; the hold lasted from `start_s` to `end_s`."""

    recording: Recording
    start_s: float
    end_s: float

    @property
    def hold_s(self) -> float:
        """Seconds of the hold."""
        return self.end_s - self.start_s


def holder(  # noqa: PLR0913 - one trial is described by many independent numbers
    hold_s: float = 10.0,
    sway_rms: float = 0.15,
    *,
    before_s: float = 0.0,
    step_s: float = 1.0,
    lost: bool = False,
    after_s: float = 2.0,
    height_m: float = 1.62,
    mounting: Mounting | None = None,
    fs_hz: float = 100.0,
    seed: int = 0,
) -> SyntheticHold:
    """Stand quietly `before_s`, step into the stance, hold it, and when `lost` step out and stand `after_s`.

    Without `before_s` the recording begins in the stance; unless `lost` it ends in it.
    """
    start = before_s + step_s if before_s else 0.0
    end = start + hold_s
    n = round((end + (step_s + after_s if lost else 0.0)) * fs_hz)
    t = np.arange(n) / fs_hz
    moves = [(before_s, start)] if before_s else []
    moves += [(end, end + step_s)] if lost else []
    acc, gyr = sway_motion(n, fs_hz, 1.0, seed)
    size = QUIET_RMS + (sway_rms - QUIET_RMS) * (_share(t, start, end) if before_s or lost else np.ones(n))
    acc, gyr = acc * size[:, None], gyr * size[:, None]
    rng = np.random.default_rng((seed, 7))
    for first, last in moves:
        share = _share(t, first, last)[:, None]
        acc += (
            share * MOVE_ACC * np.column_stack([band_noise(rng, n, fs_hz, *MOVE_BAND_HZ) for _ in range(3)])
        )
        gyr += (
            share * MOVE_GYR * np.column_stack([band_noise(rng, n, fs_hz, *MOVE_BAND_HZ) for _ in range(3)])
        )
    recording = worn(acc, gyr, fs_hz, height_m, mounting or Mounting(), seed)
    return SyntheticHold(recording, start, min(end, n / fs_hz))


def _share(t: FloatArray, first: float, last: float) -> FloatArray:
    """(n,) 1 between two times, 0 outside, with ramps inside."""
    rise = smooth_step(t, first, first + RAMP_S) if first > 0 else np.ones(t.size)
    share: FloatArray = rise - smooth_step(t, last - RAMP_S, last)
    return share
