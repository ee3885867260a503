"""A recording of one IMU on the person, on a uniform grid of the device's own clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gaitsignal.result import Flag
from gaitsignal.trial import NO_NOTES, Trial

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples of one IMU.

    acc        (n, 3) m/s2, specific force with gravity, in the nominal frame V up, ML right, AP forward
               (the sensor's own axes; alignment to gravity and walking direction is a later step)
    gyr        (n, 3) rad/s about the same axes; rotation about V > 0 is a turn to the left
    fs_hz      rate of the uniform grid
    measured   (n,) False where a sample was lost: those rows of acc and gyr hold NaN until the science fills
               short gaps (<= 5 samples) itself and marks them
    start_s    time of row 0 on the recording's own axis
    height_m   body height, None when not known
    site       where the sensor was worn, e.g. `lower_back`
    heading_known   True when the axes are declared, so ML and AP may be used without a walk
    trial      what the assessor noted: stopwatch marks, distance, body mass ...
    remarks    flags that the reader already found (gaps, assumed axes, clock)
    """

    acc: FloatArray
    gyr: FloatArray
    fs_hz: float
    measured: BoolArray
    start_s: float = 0.0
    height_m: float | None = None
    site: str = "lower_back"
    sensor: str | None = None
    heading_known: bool = True
    remarks: tuple[Flag, ...] = field(default=())
    trial: Trial = NO_NOTES

    @property
    def n(self) -> int:
        """Number of rows of the grid."""
        return int(self.acc.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds, n / fs_hz."""
        return self.n / self.fs_hz

    @property
    def time_s(self) -> FloatArray:
        """(n,) time of every row in seconds on the recording's own axis."""
        return self.start_s + np.arange(self.n) / self.fs_hz
