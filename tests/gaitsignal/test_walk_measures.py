"""Numbers of straight walking from contacts and signals whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from gaitsignal.events.legs import Leg, walked_runs
from gaitsignal.measures.regularity import regularity
from gaitsignal.measures.speed import BOUNDS_M_S, Excursion, TrunkMotion, walking_speed
from gaitsignal.measures.step_timing import (
    contact_jitter_s,
    step_timing,
    variation_percent,
)

FS = 100.0


def leg(times_s: list[float], first: str = "left") -> Leg:
    other = {"left": "right", "right": "left"}[first]
    sides = tuple(first if i % 2 == 0 else other for i in range(len(times_s)))
    return Leg(np.array(times_s) * FS, sides)


def test_step_and_stride_times_by_hand() -> None:
    timing = step_timing((leg([0.0, 0.5, 1.1, 1.6, 2.2, 2.7]),), FS)
    np.testing.assert_allclose(timing.step_s, [0.5, 0.6, 0.5, 0.6, 0.5])
    np.testing.assert_allclose(timing.stride_s, 1.1)
    assert timing.steady_stride_s.size == timing.stride_s.size - 2


def test_no_stride_reaches_over_a_missed_contact_or_into_the_next_leg() -> None:
    timing = step_timing((leg([0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5]), leg([9.0, 9.5, 10.0])), FS)
    np.testing.assert_allclose(timing.step_s, 0.5)
    np.testing.assert_allclose(timing.stride_s, 1.0)
    assert timing.step_s.size == 7
    assert timing.stride_s.size == 2 + 1 + 1


def test_without_legs_there_is_nothing() -> None:
    timing = step_timing((), FS)
    assert timing.step_s.size == timing.stride_s.size == 0
    assert contact_jitter_s(np.zeros((100, 3)), (), 0.5, FS) == 0.0


def test_variation_leaves_one_round_of_outliers_out() -> None:
    stride = np.array([1.0, 1.02] * 10 + [2.0])
    assert variation_percent(stride) == pytest.approx(100 * 0.01 / 1.01)
    assert variation_percent(np.full(5, 1.1)) == 0.0


def test_regular_steps_are_regular_and_a_limp_shows() -> None:
    t = np.arange(1000) / FS
    even, limp = np.cos(2 * np.pi * t / 0.5), np.cos(2 * np.pi * t / 0.5) + 0.8 * np.cos(np.pi * t / 0.5)
    legs = (leg(list(np.arange(0.5, 9.6, 0.5))),)
    regular, uneven = (regularity(x, legs, 0.5, FS) for x in (even, limp))
    assert regular is not None
    assert uneven is not None
    assert regular.step == pytest.approx(1.0, abs=0.01)
    assert regular.stride == pytest.approx(1.0, abs=0.01)
    assert regular.symmetry == pytest.approx(1.0, abs=0.01)
    assert uneven.stride > 0.95
    assert uneven.step == pytest.approx((1 - 0.64) / (1 + 0.64), abs=0.05)
    assert uneven.symmetry < 0.4
    assert regularity(even, (leg([0.5, 1.0, 1.5]),), 0.5, FS) is None


def test_the_rise_of_a_sine_is_its_height() -> None:
    t = np.arange(3000) / FS
    step_s, rise_m = 0.55, 0.04
    w = 2 * np.pi / step_s
    acc = np.column_stack([-0.5 * rise_m * w**2 * np.cos(w * t), 0.3 * np.cos(0.5 * w * t), np.zeros(3000)])
    excursion = TrunkMotion(acc, step_s, FS).excursion([slice(500, 2500)])
    assert excursion.rise_m == pytest.approx(rise_m, rel=0.03)
    assert excursion.sway_ratio == pytest.approx(0.3 / (0.5 * rise_m * w**2), rel=0.05)


def test_feet_put_together_carry_nobody() -> None:
    t = np.arange(1200) / FS
    lift = np.where((t > 2) & (t < 10), 1.0, 0.1)  # two weak steps at each end of sixteen
    acc = np.column_stack([-2.0 * lift * np.cos(2 * np.pi * t / 0.5), 0 * t, 0 * t])
    contacts = 100.0 + 50.0 * np.arange(21)
    (up,) = TrunkMotion(acc, 0.5, FS).lifted([contacts])
    assert up.tolist() == [False] * 2 + [True] * 16 + [False] * 2
    assert [part.tolist() for part in walked_runs([contacts], [up])] == [contacts[2:-2].tolist()]
    assert TrunkMotion(acc, 0.5, FS).lifted([]) == []


def test_speed_grows_with_rise_rate_and_height_and_falls_with_sway() -> None:
    def speed(rise: float = 0.03, sway: float = 0.3, step: float = 0.55, height: float = 1.65) -> float:
        return walking_speed(Excursion(rise, sway), step, height).m_per_s

    assert 0.9 < speed() < 1.4
    assert speed(rise=0.04) > speed() > speed(rise=0.02)
    assert speed(step=0.5) > speed() > speed(step=0.7)
    assert speed(height=1.8) > speed() > speed(height=1.5)
    assert speed(sway=0.1) > speed() > speed(sway=1.0)


def test_speed_is_bounded_and_says_when_it_is_out_of_its_depth() -> None:
    assert walking_speed(Excursion(0.03, 0.3), 0.55, 1.65).trained
    fast, slow = walking_speed(Excursion(0.5, 0.0), 0.3, 2.0), walking_speed(Excursion(1e-5, 3.0), 2.0, 1.5)
    assert (fast.m_per_s, slow.m_per_s) == (BOUNDS_M_S[1], BOUNDS_M_S[0])
    assert not fast.trained
    assert not slow.trained
    assert not walking_speed(Excursion(0.03, 2.0), 0.55, 1.65).trained


def test_jitter_of_contacts_is_seen() -> None:
    rng = np.random.default_rng(0)
    times = 1.0 + 0.5 * np.arange(50)
    phase = np.interp(np.arange(2800) / FS, times, 2 * np.pi * np.arange(50.0))
    shifted = np.interp(
        np.arange(2800) / FS, times + 0.05 * rng.standard_normal(50), 2 * np.pi * np.arange(50.0)
    )
    legs = (Leg(times * FS, ("left",) * 50),)
    clean = np.column_stack([np.cos(phase), np.zeros(2800), np.cos(phase + 1.0)])
    noisy = np.column_stack([np.cos(phase), np.zeros(2800), np.cos(shifted + 1.0)])
    assert contact_jitter_s(clean, legs, 0.5, FS) < 0.003
    assert contact_jitter_s(noisy, legs, 0.5, FS) > 0.01
