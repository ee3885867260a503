"""Device time against host time: a straight line under the arrival delays."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

DRIFT_SPAN_S = 20.0
"""Up to here the jitter of arrivals makes a drift of crystals worse than none (decision 16): rate 1."""
JUDGED_SPAN_S = 6.0
"""Shorter, a few late packets look like any drift: nothing is said about the clock."""
EDGE_S = 0.01
"""What a busy radio may lift the lower edge within such a span; a slope beyond that is a broken clock."""
FIRMWARE_S = 0.005
"""What a sensor may take from its last sample to handing the packet over; no arrival shows it."""
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

    @property
    def uncertainty_s(self) -> float:
        """How far the sensor may stand off the host's axis: a connection interval and its firmware.

        A packet waits on average half an interval, so the interval is taken as twice the median delay.
        """
        return 2e-3 * self.latency_p50_ms + FIRMWARE_S


class Envelope:
    """The lower edge of arrivals over device time, kept up with every packet.

    Notes
    -----
    Radio only ever delays, so the truth lies under all points. Of all lines under them the one with the least
    mean delay is the edge of the lower convex hull that spans the middle of the trial. The hull is built as
    packets come (monotone chain), so a trial costs a step a packet and the line can be had at any time.
    """

    def __init__(self) -> None:
        self._device: list[float] = []
        self._host: list[float] = []
        self._first = self._last = 0.0

    def push(self, device_s: float, host_s: float) -> None:
        """One packet: the device time of its last sample and its arrival; device times must grow."""
        device, host = self._device, self._host
        if not device:
            self._first = device_s
        elif device_s <= device[-1]:
            return  # duplicates carry nothing new
        while len(device) > 1 and _turns_down(device, host, device_s, host_s):
            device.pop()
            host.pop()
        device.append(device_s)
        host.append(host_s)
        self._last = device_s

    def line(self) -> tuple[float, float]:
        """(offset_s, rate) of host over device time; ValueError before the first packet."""
        device, host = self._device, self._host
        if not device:
            raise ValueError("a clock needs a packet")
        span_s = self._last - self._first
        unit = min(h - d for d, h in zip(device, host, strict=True)), 1.0
        if span_s < JUDGED_SPAN_S or len(device) == 1:
            return unit
        right = bisect_left(device, (self._first + self._last) / 2.0)
        left = right - 1
        rate = (host[right] - host[left]) / (device[right] - device[left])
        if span_s < DRIFT_SPAN_S and abs(rate - 1.0) <= DRIFT_LIMIT + EDGE_S / span_s:
            return unit
        return host[left] - rate * device[left], rate


def _turns_down(device: list[float], host: list[float], d: float, h: float) -> bool:
    """True when the last hull point lies on or above the line from the one before it to (d, h)."""
    run, rise = device[-1] - device[-2], host[-1] - host[-2]
    return rise * (d - device[-2]) >= (h - host[-2]) * run


def sample_rate_hz(position: IntArray, device_s: FloatArray) -> tuple[float, float]:
    """Samples a second over packets, and the worst misfit of a stamp in samples; ValueError for one packet."""
    index = position - position[0]
    elapsed = device_s - device_s[0]
    if index[-1] == 0:
        raise ValueError("one packet has no rate")
    spread = index - index.mean()
    period = float(spread @ (elapsed - elapsed.mean()) / (spread @ spread))
    misfit = elapsed - elapsed.mean() - period * spread
    return 1.0 / period, float(np.abs(misfit).max() / period)
