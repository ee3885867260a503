"""The vertical in sensor axes, against poses that are known."""

from __future__ import annotations

import numpy as np
import pytest

from gaitsignal.attitude import track_attitude
from gaitsignal.recording import FloatArray

FS_HZ = 100.0
G = 9.81


def pitching(angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """acc and gyr (n, 3) of a sensor that leans forward by `angle` (n,) rad without other motion."""
    zero = np.zeros_like(angle)
    acc = G * np.column_stack([np.cos(angle), zero, -np.sin(angle)])
    return acc, np.column_stack([zero, -np.gradient(angle, 1.0 / FS_HZ), zero])


def test_a_lean_is_followed_and_returns() -> None:
    t = np.arange(3000) / FS_HZ
    angle = np.radians(40.0) * np.exp(-((t - 15.0) ** 2) / 0.5)
    attitude = track_attitude(*pitching(angle), FS_HZ)
    found = attitude.angle_from(np.array([1.0, 0.0, 0.0]))
    assert np.abs(found - np.degrees(angle)).max() < 0.5
    assert np.abs(attitude.yaw_deg_s).max() < 0.1
    assert np.abs(attitude.vertical_acc).max() < 0.05


def test_shaking_is_not_taken_for_tilt() -> None:
    t = np.arange(3000) / FS_HZ
    acc, gyr = pitching(np.zeros_like(t))
    acc[:, 2] += 3.0 * np.sin(2.0 * np.pi * 2.0 * t)
    attitude = track_attitude(acc, gyr, FS_HZ)
    assert attitude.angle_from(np.array([1.0, 0.0, 0.0])).max() < 1.0


@pytest.mark.parametrize("up", [(1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.5, 0.5, -0.70710678)])
def test_a_turn_is_all_yaw_in_any_pose(up: tuple[float, float, float]) -> None:
    t = np.arange(1500) / FS_HZ
    rate = np.where((t >= 5.0) & (t < 7.0), np.radians(90.0), 0.0)
    attitude = track_attitude(np.tile(G * np.array(up), (t.size, 1)), rate[:, None] * np.array(up), FS_HZ)
    assert attitude.yaw_deg_s.sum() / FS_HZ == pytest.approx(180.0, abs=0.5)
    assert attitude.tilt_deg_s.max() < 0.5


def test_rising_is_seen_as_vertical_acceleration() -> None:
    t = np.arange(2000) / FS_HZ
    acc, gyr = pitching(np.zeros_like(t))
    push = np.exp(-((t - 10.0) ** 2) / 0.02)
    acc[:, 0] += push
    attitude = track_attitude(acc, gyr, FS_HZ)
    assert np.abs(attitude.vertical_acc - push).max() < 0.05
