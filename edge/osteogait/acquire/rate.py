"""The rate a sensor really delivers, counted over its first seconds: by the host's clock, and by its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from osteogait.acquire.packets import Packet

MIN_PACKETS = 4
SURE_GROWTH = 0.1
"""Delay that grows by more than this a second is no radio."""


def counted_rate_hz(packets: Sequence[Packet], nominal_hz: float, window_s: float) -> float | None:
    """Samples a second of host time, lost ones included; None before `window_s` is over.

    Notes
    -----
    Counting packets between two arrivals is wrong by the jitter of both. So how far each arrival lies behind the
    agreed rate is taken, and the least of the window's first third and of its last third are compared: a rate
    that is off shows as growing delay, a radio that stalls does not. Far from the agreed rate there is no such edge,
    and the slope through all arrivals is the better figure.
    """
    if len(packets) < MIN_PACKETS or packets[-1].arrival_s - packets[0].arrival_s < window_s:
        return None
    begin_s, end_s = packets[0].arrival_s, packets[-1].arrival_s
    third_s = (end_s - begin_s) / 3.0
    early = [one for one in packets if one.arrival_s <= begin_s + third_s]
    late = [one for one in packets if one.arrival_s >= end_s - third_s]
    first, second = (min(half, key=lambda one: _behind(one, nominal_hz)) for half in (early, late))
    growth = _behind(second, nominal_hz) - _behind(first, nominal_hz)
    elapsed_s = second.arrival_s - first.arrival_s
    if abs(growth) <= SURE_GROWTH * elapsed_s:
        return nominal_hz * (1.0 - growth / elapsed_s)
    arrivals = np.array([one.arrival_s for one in packets]) - packets[0].arrival_s
    samples = np.array([one.first + one.n for one in packets], dtype=np.float64)
    spread = arrivals - arrivals.mean()
    return float(spread @ (samples - samples.mean()) / (spread @ spread))


def own_rate_hz(packets: Sequence[Packet]) -> float | None:
    """Samples a second of the sensor's own clock; None without one.

    The median over neighbouring packets: what is lost between some of them, and a busy host, leave it as it is.
    """
    periods = [
        (later.last_s - before.last_s) / later.n
        for before, later in pairwise(packets)
        if before.clock == later.clock and later.last_s is not None and before.last_s is not None
    ]
    period_s = median(periods) if periods else 0.0
    return 1.0 / period_s if period_s > 0.0 else None


def _behind(packet: Packet, nominal_hz: float) -> float:
    return packet.arrival_s - (packet.first + packet.n) / nominal_hz
