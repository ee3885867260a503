"""The parts of the timed tests on signals whose answer is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from gaitsignal.events.about_turns import about_turns
from gaitsignal.events.body_velocity import body_stillness, integrated, vertical_by_gravity
from gaitsignal.events.movement_edges import onset_row, settling_rows
from gaitsignal.recording import FloatArray
from gaitsignal.synthetic.postures import Change, smooth_step, standing_share
from gaitsignal.synthetic.step_plan import Turning

FS_HZ = 100.0
G = 9.81
T = np.arange(2000) / FS_HZ


def turning(*turns: Turning) -> FloatArray:
    rate = sum((turn.rate(T) for turn in turns), np.zeros(T.size))
    return np.asarray(np.degrees(rate) + 12.0 * np.sin(2.0 * np.pi * 0.9 * T))


def test_half_turns_are_found_among_others_with_sign_and_peak() -> None:
    turns = about_turns(
        turning(Turning(5.0, 2.0, np.pi), Turning(10.0, 1.2, np.pi / 2), Turning(15.0, 2.4, -np.pi)), FS_HZ
    )
    assert [round(np.sign(turn.angle_deg)) for turn in turns] == [1, -1]
    for turn, peak in zip(turns, (180.0, 150.0), strict=True):
        assert abs(turn.angle_deg) == pytest.approx(180.0, abs=8.0)
        assert turn.peak_deg_per_s == pytest.approx(peak, rel=0.12)


@pytest.mark.parametrize("duration_s", [1.2, 2.0, 4.0])
def test_shares_of_a_turn_lie_where_they_are_done(duration_s: float) -> None:
    (turn,) = about_turns(turning(Turning(10.0, duration_s, np.pi)), FS_HZ)
    assert turn.row_at(0.5) / FS_HZ == pytest.approx(10.0, abs=0.06)
    for share, sign in ((0.15, -1.0), (0.85, 1.0)):
        true_s = 10.0 + sign * 0.23 * duration_s
        assert turn.row_at(share) / FS_HZ == pytest.approx(true_s, abs=0.2)


def test_a_straight_walk_has_no_half_turn() -> None:
    assert about_turns(turning(), FS_HZ) == []


def test_a_movement_begins_where_its_rate_leaves_rest() -> None:
    angle = np.radians(40.0) * smooth_step(T, 8.0, 9.0)
    gyr = np.column_stack([np.zeros(T.size), np.gradient(angle, 1.0 / FS_HZ), np.zeros(T.size)])
    assert onset_row(gyr, 850, FS_HZ) / FS_HZ == pytest.approx(8.1, abs=0.1)


def test_shocks_after_sitting_down_end_it() -> None:
    acc = np.tile([G, 0.0, 0.0], (T.size, 1))
    gyr = np.zeros_like(acc)
    acc[1080:1090, 0] += 3.0
    quiet = settling_rows(np.tile([G, 0.0, 0.0], (T.size, 1)), gyr, 1000, FS_HZ)
    assert quiet == 0.0
    assert 30.0 < settling_rows(acc, gyr, 1000, FS_HZ) < 80.0


def test_integration_between_rests_gives_the_height_of_a_rise_despite_drift() -> None:
    height = 0.4 * smooth_step(T, 8.0, 9.5)
    acc = np.gradient(np.gradient(height, 1.0 / FS_HZ), 1.0 / FS_HZ) + 0.02
    velocity, position = integrated(acc, FS_HZ, still_at_end=True)
    assert velocity[0] == velocity[-1] == 0.0
    assert position[970] - position[790] == pytest.approx(0.4, abs=0.01)


def test_rest_needs_a_quiet_force_and_with_a_gyroscope_no_rotation() -> None:
    rng = np.random.default_rng(1)
    acc = np.array([G, 0.0, 0.0]) + 0.01 * rng.normal(size=(T.size, 3))
    acc[900:1100, 0] += 2.0 * np.sin(2.0 * np.pi * 1.5 * T[900:1100])
    first, second = body_stillness(acc, G, FS_HZ).long
    assert first[1] == pytest.approx(900, abs=40)
    assert second[0] == pytest.approx(1100, abs=40)
    tilting = np.where(T < 9.0, 20.0, 0.5)
    assert body_stillness(acc, G, FS_HZ, tilting).long == (second,)
    assert body_stillness(acc, G + 0.5, FS_HZ).long == ()


def test_the_vertical_without_gyroscope_ignores_how_the_sensor_sits() -> None:
    lift = np.sin(2.0 * np.pi * 1.8 * T)
    axis = np.array([0.6, -0.64, 0.48])
    vertical = vertical_by_gravity((G + lift)[:, None] * axis, FS_HZ)
    inside = slice(200, -200)
    np.testing.assert_allclose(vertical[inside], (G + lift)[inside], atol=0.02)


def test_a_synthetic_sitter_stands_between_rise_and_descent() -> None:
    changes = (Change(2.0, 3.0, up=True), Change(6.0, 7.0, up=False))
    share = standing_share(T, changes)
    assert share[100] == share[-1] == 0.0
    assert share[450] == 1.0
    assert np.all((share >= 0.0) & (share <= 1.0))
