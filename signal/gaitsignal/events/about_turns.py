"""Turns of about 180 degrees, with borders where an onlooker would put them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitsignal.events.turns import PEAK_HZ, PEAK_ORDER, TurnSpan, find_turns
from gaitsignal.filters import lowpass
from gaitsignal.recording import FloatArray

HALF_TURN_DEG = (120.0, 260.0)
"""A turn round a cone or in front of a chair; in 24 timed up and go tests all measured 139-201 deg."""
STEP_S = 0.55
"""Rhythm by which the yaw rate is smoothed when steps are not known (109 steps a minute)."""
HEADING_HZ = 0.5
BEFORE_S, GUARD_S = 0.8, 0.3
"""The headings of the two legs are medians over 0.8 s that end 0.3 s away from the turn."""


@dataclass(frozen=True, slots=True)
class AboutTurn:
    """A turn of about 180 deg: its smoothed heading (n,) from 0 to 1, rows around it, angle and peak.

    first, stop    rows between which the turn surely lies
    progress       (n,) share of the turn that is done; 0 on the leg before, 1 on the leg after
    """

    first: int
    stop: int
    angle_deg: float
    peak_deg_per_s: float
    progress: FloatArray

    def row_at(self, share: float) -> int:
        """The row where `share` (0-1) of the turn is done, walked from its middle outwards."""
        middle = self.first + int(np.argmin(np.abs(self.progress[self.first : self.stop] - 0.5)))
        if share < 0.5:
            below = np.flatnonzero(self.progress[:middle] <= share)
            return int(below[-1]) + 1 if below.size else 0
        above = np.flatnonzero(self.progress[middle:] >= share)
        return middle + int(above[0]) if above.size else self.progress.size - 1


def about_turns(yaw_deg_s: FloatArray, fs_hz: float) -> list[AboutTurn]:
    """Every turn of about 180 deg in (n,) yaw rate (left > 0), in time order.

    Notes
    -----
    Found as in `find_turns` (El-Gohary 2014, Sensors 14:356). The peak is read after a zero-phase Butterworth
    of order 4 at 1.5 Hz, the angle is the raw integral.
    """
    spans = find_turns(yaw_deg_s, STEP_S, fs_hz)
    low, high = HALF_TURN_DEG
    wanted = [span for span in spans if low <= abs(span.angle_deg) <= high]
    if not wanted:
        return []
    heading = lowpass(np.cumsum(yaw_deg_s) / fs_hz, HEADING_HZ, fs_hz, order=2)
    sharp = np.abs(lowpass(yaw_deg_s, PEAK_HZ, fs_hz, order=PEAK_ORDER))
    return [_described(span, heading, sharp, fs_hz) for span in wanted]


def _described(span: TurnSpan, heading: FloatArray, sharp: FloatArray, fs_hz: float) -> AboutTurn:
    guard, width = round(GUARD_S * fs_hz), round(BEFORE_S * fs_hz)
    before = heading[max(0, span.first - guard - width) : max(1, span.first - guard)]
    after = heading[min(heading.size - 1, span.stop + guard) : span.stop + guard + width]
    start, end = float(np.median(before)), float(np.median(after))
    progress = (heading - start) / (end - start)
    peak = float(sharp[span.first : span.stop].max())
    return AboutTurn(span.first, span.stop, span.angle_deg, peak, progress)
