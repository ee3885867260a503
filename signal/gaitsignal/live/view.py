"""What the screen shows of the last moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LiveView:
    """The picture after the last whole block; None is what can't be known yet.

    time_s          of the samples taken in, from the first one
    steps           counted so far; a run counts from its fourth step on, then all of it
    cadence         steps/min of the last steps, None when the person does not walk
    mean_cadence    steps/min of all straight steps so far
    tilt_deg        angle of the sensor from where it was in the first second of standing still
    still, still_s  whether the person stands still now, and for how long
    sway            (k, 2) trace of the last half minute at block rate, right and forward, m/s2 about its mean
    sway_rms        (right, forward) m/s2 since the start of the trace
    lost_s          seconds of samples that never came
    """

    time_s: float
    steps: int
    cadence: float | None
    mean_cadence: float | None
    tilt_deg: float | None
    still: bool
    still_s: float
    sway: FloatArray
    sway_rms: tuple[float, float] | None
    lost_s: float
