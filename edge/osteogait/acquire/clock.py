"""Device time against host time: a straight line under the arrival delays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TICK_WRAP = 2**32
BIN_S = 2.0
"""Some packet of every two seconds comes through at once, even on a busy link."""
MIN_BINS = 3
DRIFT_LIMIT = 200e-6
"""Two crystals of the worst ordinary grade differ by less; more is a broken clock."""


@dataclass(frozen=True, slots=True)
class ClockModel:
    """host_s = offset_s + rate x device_s, and the delay of arrivals over it in ms."""

    offset_s: float
    rate: float
    latency_p50_ms: float
    latency_p99_ms: float
    latency_max_ms: float

    @property
    def credible(self) -> bool:
        """False when the two clocks run apart faster than crystals do."""
        return abs(self.rate - 1.0) <= DRIFT_LIMIT


def unwrap_ticks(ticks: IntArray) -> IntArray:
    """(n,) ticks of a u32 counter made monotonic; a step back of over half the range is a wrap."""
    steps = np.diff(ticks) % TICK_WRAP
    steps = np.where(steps >= TICK_WRAP // 2, steps - TICK_WRAP, steps)
    return np.concatenate([ticks[:1], ticks[0] + np.cumsum(steps)])


def fit_clock(device_s: FloatArray, arrival_s: FloatArray) -> ClockModel:
    """The model under (n,) device times of each packet's *last* sample and (n,) host arrival times.

    Notes
    -----
    Radio only ever delays, so the truth lies at the lower edge: per 2 s of device time the packet with the
    smallest offset, least squares through those. Fewer than three such bins cannot show drift: rate 1.
    """
    offset = arrival_s - device_s
    lowest = _lowest_per_bin(device_s, offset)
    if lowest.size < MIN_BINS:
        rate, constant = 1.0, float(offset.min())
    else:
        centre = float(device_s[lowest].mean())
        slope, level = np.polyfit(device_s[lowest] - centre, offset[lowest], 1)
        rate, constant = 1.0 + float(slope), float(level - slope * centre)
    late = 1e3 * (arrival_s - constant - rate * device_s)
    p50, p99 = np.percentile(late, [50, 99])
    return ClockModel(constant, rate, float(p50), float(p99), float(late.max()))


def _lowest_per_bin(device_s: FloatArray, offset: FloatArray) -> IntArray:
    bins = np.floor((device_s - device_s[0]) / BIN_S).astype(np.int64)
    order = np.lexsort((offset, bins))
    _, first = np.unique(bins[order], return_index=True)
    lowest: IntArray = order[first]
    return lowest


def sample_rate_hz(first_index: IntArray, ticks: IntArray, tick_hz: int) -> tuple[float, float]:
    """Samples a second of device time over packets, and the worst misfit of a stamp in samples."""
    index = first_index - first_index[0]
    elapsed = (unwrap_ticks(ticks) - ticks[0]) / tick_hz
    if index[-1] == 0:
        raise ValueError("one packet has no rate")
    mean_index, mean_time = index.mean(), elapsed.mean()
    spread = index - mean_index
    period = float(spread @ (elapsed - mean_time) / (spread @ spread))
    misfit = elapsed - mean_time - period * spread
    return 1.0 / period, float(np.abs(misfit).max() / period)
