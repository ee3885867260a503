"""The counted rate: three per cent off is found in three seconds, a jittery or stalling radio is no reason."""

from __future__ import annotations

import numpy as np
import pytest

from osteogait.acquire.packets import Packet
from osteogait.acquire.rate import counted_rate_hz, own_rate_hz

NOMINAL_HZ = 100.0


def arrivals(true_hz: float, *, seed: int, interval_s: float = 0.05, stall_s: float = 0.0) -> list[Packet]:
    """Packets of five over a little more than 3 s, each waiting for a connection event, some of them behind a stall."""
    random = np.random.default_rng(seed)
    ready = np.arange(1, int((3.1 + stall_s + 10 / true_hz) * true_hz / 5) + 1) * 5 / true_hz
    late = ready + random.uniform(0.0, interval_s, ready.size)
    begin = random.uniform(0.0, 2.0)
    late[(late >= begin) & (late < begin + stall_s)] = begin + stall_s
    late = np.maximum.accumulate(late)
    return [Packet(5 * i, 5, None, float(at), 0) for i, at in enumerate(late)]


@pytest.mark.parametrize("stall_s", [0.0, 0.4])
def test_a_good_sensor_is_never_refused(stall_s: float) -> None:
    counted = [
        counted_rate_hz(arrivals(NOMINAL_HZ, seed=seed, stall_s=stall_s), NOMINAL_HZ, 3.0)
        for seed in range(200)
    ]
    assert all(rate is not None and abs(rate / NOMINAL_HZ - 1.0) <= 0.03 for rate in counted)


@pytest.mark.parametrize("true_hz", [10.0, 50.0, 94.0, 106.0, 200.0])
def test_another_rate_is_found(true_hz: float) -> None:
    for seed in range(50):
        counted = counted_rate_hz(arrivals(true_hz, seed=seed), NOMINAL_HZ, 3.0)
        assert counted is not None
        assert abs(counted / NOMINAL_HZ - 1.0) > 0.03
        assert counted == pytest.approx(true_hz, rel=0.06)


def test_nothing_is_said_too_early() -> None:
    assert counted_rate_hz(arrivals(100.0, seed=1)[:30], NOMINAL_HZ, 3.0) is None
    assert counted_rate_hz([], NOMINAL_HZ, 3.0) is None


def stamped(true_hz: float, *, lost: frozenset[int] = frozenset()) -> list[Packet]:
    """Packets of five with a clock of their own that reach a host which is a second late in the middle."""
    late_s = [1.0 if 20 <= number < 40 else 0.0 for number in range(80)]
    return [
        Packet(5 * i, 5, 5 * (i + 1) / true_hz, 5 * (i + 1) / true_hz + late_s[i], 0)
        for i in range(80)
        if i not in lost
    ]


@pytest.mark.parametrize("lost", [frozenset(), frozenset(range(10, 25)), frozenset(range(0, 80, 4))])
def test_the_sensors_own_clock_tells_its_rate_whatever_the_host_does(lost: frozenset[int]) -> None:
    assert own_rate_hz(stamped(100.0, lost=lost)) == pytest.approx(100.0)
    assert own_rate_hz(stamped(50.0, lost=lost)) == pytest.approx(50.0)


def test_without_a_clock_of_its_own_nothing_is_said_about_it() -> None:
    assert own_rate_hz(arrivals(100.0, seed=1)) is None
    assert own_rate_hz(stamped(100.0)[:1]) is None
    twice = [Packet(0, 5, 1.0, 1.0, 0), Packet(5, 5, 1.0, 1.05, 0)]
    assert own_rate_hz(twice) is None
