"""The lower envelope finds the clock under radio delays; a rate comes from ticks, never from arrivals."""

from __future__ import annotations

import numpy as np
import pytest

from osteogait.acquire.clock import ClockModel, Envelope, sample_rate_hz

RNG = np.random.default_rng(5)


def delayed(device_s: np.ndarray, drift_ppm: float, offset_s: float = 100.0) -> np.ndarray:
    """Arrivals on a 50 ms connection interval with stalls, at least 2 ms late."""
    ideal = offset_s + device_s * (1.0 + 1e-6 * drift_ppm)
    late = 0.002 + RNG.uniform(0, 0.05, device_s.size) + 0.6 * (RNG.random(device_s.size) < 0.01)
    return np.maximum.accumulate(ideal + late)


def fit_clock(device_s: np.ndarray, arrival_s: np.ndarray) -> ClockModel:
    """The clock after every packet of a trial, as the books work it out."""
    envelope = Envelope()
    for device, arrival in zip(device_s.tolist(), arrival_s.tolist(), strict=True):
        envelope.push(device, arrival)
    constant, rate = envelope.line()
    late = 1e3 * (arrival_s - constant - rate * device_s)
    return ClockModel(constant, rate, *np.percentile(late, [50, 99, 100]).tolist())


@pytest.mark.parametrize("drift_ppm", [-50.0, 0.0, 50.0])
def test_drift_and_offset_are_found_under_jitter(drift_ppm: float) -> None:
    device_s = np.arange(0.0, 120.0, 0.05)
    clock = fit_clock(device_s, delayed(device_s, drift_ppm))
    assert (clock.rate - 1.0) * 1e6 == pytest.approx(drift_ppm, abs=15)
    assert clock.offset_s == pytest.approx(100.002, abs=0.003)
    assert clock.credible
    assert 15 < clock.latency_p50_ms < 40
    assert clock.latency_max_ms > 300


def test_a_short_stream_shows_no_drift() -> None:
    device_s = np.arange(0.0, 4.0, 0.05)
    clock = fit_clock(device_s, delayed(device_s, 50.0))
    assert clock.rate == 1.0
    assert clock.offset_s == pytest.approx(100.002, abs=0.003)


def test_a_clock_two_per_cent_off_is_not_credible() -> None:
    device_s = np.arange(0.0, 60.0, 0.05)
    assert not fit_clock(device_s, delayed(device_s, 20_000.0)).credible


@pytest.mark.parametrize("span_s", [1.0, 6.0, 10.0, 19.0])
def test_a_busy_radio_makes_no_clock_doubtful_in_a_short_trial(span_s: float) -> None:
    for _ in range(50):
        device_s = np.arange(0.0, span_s, 0.05)
        clock = fit_clock(device_s, delayed(device_s, 50.0))
        assert clock.credible
        assert clock.rate == 1.0


def test_a_grossly_wrong_clock_shows_in_a_short_trial_too() -> None:
    device_s = np.arange(0.0, 10.0, 0.05)
    assert not fit_clock(device_s, delayed(device_s, 20_000.0)).credible


def test_the_rate_is_the_slope_of_ticks_over_lost_packets() -> None:
    first = np.array([0, 5, 10, 40, 45, 100])
    ticks = first * 9_765 + 12345
    rate, misfit = sample_rate_hz(first, ticks / 1e6)
    assert rate == pytest.approx(1e6 / 9765)
    assert misfit < 1e-6


def test_a_jump_of_the_device_clock_shows_as_misfit() -> None:
    first = np.arange(0, 500, 5)
    ticks = first * 10_000 + np.where(first > 250, 100_000, 0)
    assert sample_rate_hz(first, ticks / 1e6)[1] > 2


def test_one_packet_has_no_rate() -> None:
    with pytest.raises(ValueError, match="one packet"):
        sample_rate_hz(np.array([0]), np.array([7e-6]))
