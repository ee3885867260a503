"""Filters keep time and frequency; frames put gravity on V."""

from __future__ import annotations

import numpy as np
import pytest

from gaitsignal.filters import bandpass, highpass, lowpass
from gaitsignal.frames import (
    HALF_TURN_ABOUT_AP,
    UP,
    rotation_about_vertical,
    rotation_to_vertical,
    vertical_alignment,
)

FS = 100.0
T = np.arange(2000) / FS


def tone(frequency_hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * T)


def middle(x: np.ndarray) -> np.ndarray:
    return x[500:1500]


def test_lowpass_keeps_slow_and_removes_fast_without_delay() -> None:
    mixed = tone(0.5) + tone(20.0)
    assert middle(lowpass(mixed, 3.5, FS)) == pytest.approx(middle(tone(0.5)), abs=1e-3)


def test_lowpass_reads_a_quarter_of_the_power_at_its_cutoff() -> None:
    at_cutoff = middle(lowpass(tone(3.5), 3.5, FS))
    assert at_cutoff.std() / middle(tone(3.5)).std() == pytest.approx(0.5, abs=0.01)


def test_highpass_and_bandpass_take_their_bands() -> None:
    mixed = tone(0.05) + tone(2.0) + tone(30.0)
    assert middle(highpass(tone(0.05) + tone(2.0), 0.5, FS)) == pytest.approx(middle(tone(2.0)), abs=0.02)
    assert middle(bandpass(mixed, 0.5, 8.0, FS)) == pytest.approx(middle(tone(2.0)), abs=0.02)


def test_filters_work_along_time_for_each_column() -> None:
    columns = np.column_stack([tone(0.5), tone(20.0), tone(1.0)])
    filtered = lowpass(columns, 3.5, FS)
    for i in range(3):
        assert filtered[:, i] == pytest.approx(lowpass(columns[:, i], 3.5, FS))


@pytest.mark.parametrize("tilt_deg", [0.0, 5.0, 40.0, 80.0])
@pytest.mark.parametrize("direction_deg", [0.0, 90.0, 215.0])
def test_alignment_puts_gravity_up_by_the_smallest_turn(tilt_deg: float, direction_deg: float) -> None:
    tilt, direction = np.radians([tilt_deg, direction_deg])
    gravity = 9.81 * np.array(
        [np.cos(tilt), np.sin(tilt) * np.cos(direction), np.sin(tilt) * np.sin(direction)]
    )
    alignment = vertical_alignment(gravity)
    assert alignment.rotation @ gravity == pytest.approx(9.81 * UP, abs=1e-9)
    assert alignment.rotation @ alignment.rotation.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(alignment.rotation) == pytest.approx(1.0)
    assert np.trace(alignment.rotation) == pytest.approx(1 + 2 * np.cos(tilt))
    assert alignment.tilt_deg == pytest.approx(tilt_deg, abs=1e-6)


def test_a_sensor_worn_upside_down_is_turned_about_forward() -> None:
    gravity = np.array([9.7, 0.8, 1.1])
    upright, turned = vertical_alignment(gravity), vertical_alignment(HALF_TURN_ABOUT_AP @ gravity)
    assert turned.upside_down
    assert not upright.upside_down
    assert turned.rotation @ HALF_TURN_ABOUT_AP == pytest.approx(upright.rotation)


def test_gravity_straight_down_is_no_special_case() -> None:
    assert rotation_to_vertical(np.array([-9.81, 0.0, 0.0])) == pytest.approx(HALF_TURN_ABOUT_AP)


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([np.nan, 0.0, 1.0])])
def test_no_direction_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no direction"):
        vertical_alignment(bad)


def test_a_turn_to_the_left_takes_forward_to_the_left() -> None:
    forward = np.array([0.0, 0.0, 1.0])
    assert rotation_about_vertical(np.pi / 2) @ forward == pytest.approx(np.array([0.0, -1.0, 0.0]))
