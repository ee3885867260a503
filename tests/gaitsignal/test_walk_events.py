"""Rhythm, contacts, sides, turns, rest and orientation on signals whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from gaitsignal.bridging import bridge, true_runs
from gaitsignal.events.contacts import find_trains
from gaitsignal.events.legs import straight_runs, true_steps, walked_runs, whole_rows
from gaitsignal.events.rhythm import find_rhythm
from gaitsignal.events.sides import likeness, sides_of
from gaitsignal.events.turns import TurnSpan, find_turns, yaw_rate
from gaitsignal.events.walking import Walk, find_walk
from gaitsignal.frames import AP, V, rotation_about_vertical
from gaitsignal.orientation import vertical_signals, worn_while_walking
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.stillness import find_rest
from gaitsignal.synthetic import walker

FS = 100.0


def bounce(step_s: float, seconds: float, uneven: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Vertical acceleration and yaw rate of endless even steps; `uneven` adds the stride to the vertical."""
    t = np.arange(round(seconds * FS)) / FS
    step, stride = 2 * np.pi * t / step_s, np.pi * t / step_s
    return 1.2 * np.cos(step) + 0.5 * np.cos(2 * step + 0.4) + uneven * np.cos(stride), 0.4 * np.sin(stride)


@pytest.mark.parametrize("cadence", [25, 32, 45, 60, 84, 110, 140, 170, 195])
@pytest.mark.parametrize("uneven", [0.0, 0.8])
def test_the_rhythm_is_told_from_half_and_double(cadence: int, uneven: float) -> None:
    rhythm = find_rhythm(*bounce(60.0 / cadence, 30.0, uneven), FS)
    assert rhythm is not None
    assert 60.0 / rhythm.step_s == pytest.approx(cadence, rel=0.03)
    assert not rhythm.ambiguous


def test_the_rhythm_of_twelve_steps_in_six_seconds() -> None:
    rhythm = find_rhythm(*bounce(0.55, 6.0), FS)
    assert rhythm is not None
    assert rhythm.step_s == pytest.approx(0.55, abs=0.02)


def test_noise_has_no_rhythm() -> None:
    rng = np.random.default_rng(2)
    assert find_rhythm(0.02 * rng.standard_normal(3000), 0.02 * rng.standard_normal(3000), FS) is None


@pytest.mark.parametrize(("speed", "cadence"), [(0.5, 70.0), (0.9, 96.0), (1.2, 112.0), (1.5, 126.0)])
def test_every_contact_of_both_legs_once(speed: float, cadence: float) -> None:
    truth = walker(speed, cadence, seed=7)
    walk = find_walk(bridge(truth.recording), FS)
    assert isinstance(walk, Walk)
    found = np.concatenate([train.rows for train in walk.trains]) / FS
    true = np.array([contact.time_s for contact in truth.straight_contacts])
    nearest = np.abs(found[:, None] - true).argmin(axis=0)
    assert len(set(nearest)) == true.size
    difference = found[nearest] - true
    assert np.abs(difference - np.median(difference)).max() < 0.1
    assert np.mean(np.abs(difference - np.median(difference))) < 0.025


def test_standing_before_and_after_makes_no_contacts() -> None:
    truth = walker(1.0, 104.0, still_s=8.0, seed=3)
    walk = find_walk(bridge(truth.recording), FS)
    assert isinstance(walk, Walk)
    times = np.concatenate([train.rows for train in walk.trains]) / FS
    assert times.min() > truth.initial_contacts[0].time_s - 0.3
    assert times.max() < truth.initial_contacts[-1].time_s + 0.9


def test_an_empty_wave_gives_no_train() -> None:
    flat = np.zeros((500, 3))
    assert find_trains(flat, flat, np.zeros(500), 0.5, FS) == []


def test_a_missed_contact_breaks_alternation_once() -> None:
    rows = np.array([0.0, 50, 100, 150, 250, 300, 350])
    evidence = np.zeros(351)
    for row, left in zip(rows, [1, 0, 1, 0, 0, 1, 0], strict=True):
        evidence[int(row)] = 1.0 if left else -1.0
    sides, agree = sides_of(rows, evidence, 50.0)
    assert sides == ["left", "right", "left", "right", "right", "left", "right"]
    assert agree == 1.0


def test_one_odd_vote_is_overruled_and_no_evidence_gives_no_side() -> None:
    rows = np.arange(0, 400, 50.0)
    evidence = np.zeros(400)
    evidence[::100], evidence[50::100] = 1.0, -1.0
    evidence[100] = -0.4
    sides, agree = sides_of(rows, evidence, 50.0)
    assert sides == ["left", "right"] * 4
    assert agree == pytest.approx(7 / 8)
    assert set(sides_of(rows, np.ones(400), 50.0)[0]) == {None}


def test_likeness_is_a_correlation() -> None:
    a = np.sin(np.arange(100.0))
    assert likeness(a, 3 * a, np.arange(0, 99, 7.5)) == pytest.approx(1.0)
    assert likeness(a, -a, np.arange(0, 99, 7.5)) == pytest.approx(-1.0)


def turning(angle_deg: float, seconds: float, start: int = 800) -> FloatArray:
    """Yaw rate, deg/s, of 20 s with one smooth turn and the swing of the pelvis."""
    rate = 8.0 * np.sin(2 * np.pi * 0.9 * np.arange(2000) / FS)
    n = round(seconds * FS)
    rate[start : start + n] += angle_deg / seconds * (1 - np.cos(2 * np.pi * np.arange(n) / n))
    return rate


@pytest.mark.parametrize("angle", [-180.0, -90.0, 60.0, 180.0, 360.0])
@pytest.mark.parametrize("seconds", [1.5, 3.0])
def test_a_turn_is_found_with_angle_side_and_place(angle: float, seconds: float) -> None:
    (turn,) = find_turns(turning(angle, seconds), 0.55, FS)
    assert turn.angle_deg == pytest.approx(angle, abs=12.0)
    assert 0.5 * (turn.first + turn.stop) / FS == pytest.approx(8.0 + seconds / 2, abs=0.15)
    assert turn.stop - turn.first < 1.1 * seconds * FS
    assert turn.peak_deg_per_s == pytest.approx(2 * abs(angle) / seconds, rel=0.2, abs=9.0)


def test_swinging_and_small_bends_are_no_turns() -> None:
    assert find_turns(turning(0.0, 1.0), 0.55, FS) == []
    assert find_turns(turning(35.0, 2.0), 0.55, FS) == []


def test_yaw_is_projected_and_freed_of_bias() -> None:
    gyr = np.array([[0.1, 0.2, 0.3]]) + np.array([[0.01, 0.0, 0.0]])
    up = np.array([9.0, 3.0, 2.0])
    expected = np.degrees(np.array([0.1, 0.2, 0.3]) @ up / np.linalg.norm(up))
    assert yaw_rate(gyr, np.array([0.01, 0.0, 0.0]), up)[0] == pytest.approx(expected)


def test_legs_end_at_turns_and_leave_their_inside_out() -> None:
    walk = find_walk(bridge(walker(1.1, 108.0, seed=4).recording), FS)
    assert isinstance(walk, Walk)
    (turn,) = walk.turns
    first, second = walk.legs
    assert first.rows[-1] <= turn.first
    assert second.rows[0] >= turn.stop
    assert straight_runs([], [turn]) == []


def test_setting_off_and_missed_contacts_are_no_steps() -> None:
    run = np.array([0.0, 90, 150, 210, 270, 390, 450, 510, 600])
    (good,) = true_steps([run])
    assert good.tolist() == [False, True, True, True, False, True, True, False]
    assert [whole_rows(part) for part in walked_runs([run])] == [slice(90, 511)]
    assert walked_runs([np.array([3.0])]) == []
    assert straight_runs([], [TurnSpan(0, 10, 90.0, 90.0)]) == []


def test_rest_is_the_longest_still_stretch() -> None:
    recording = walker(1.1, 108.0, still_s=4.0, seed=4).recording
    rest = find_rest(recording.acc, recording.gyr, np.ones(recording.n, dtype=bool), FS)
    assert rest is not None
    assert rest.stop <= 420 or rest.first >= 1300
    assert rest.stop - rest.first >= 250
    assert np.linalg.norm(rest.acc) == pytest.approx(9.81, rel=0.02)
    moving = slice(500, 800)
    assert find_rest(recording.acc[moving], recording.gyr[moving], np.ones(300, dtype=bool), FS) is None


@pytest.mark.parametrize("turn_deg", [0.0, 35.0, 120.0, 180.0, -100.0])
def test_forward_is_the_direction_that_moves_with_the_steps(turn_deg: float) -> None:
    t = np.arange(2000) / FS
    acc = np.column_stack(
        [9.81 + np.cos(2 * np.pi * t / 0.5), 0.8 * np.sin(np.pi * t / 0.5), np.cos(2 * np.pi * t / 0.5 + 1.8)]
    )
    rotation = rotation_about_vertical(np.radians(turn_deg))
    worn = worn_while_walking(acc @ rotation.T, np.ones(2000, dtype=bool), 0.5, FS)
    back = worn.rotation @ rotation
    np.testing.assert_allclose(back, np.eye(3), atol=0.05)
    assert worn.phase_is_clear
    assert worn.coherence == pytest.approx(1.0, abs=0.02)
    np.testing.assert_allclose(worn.reversed().rotation[AP], -worn.rotation[AP])
    np.testing.assert_allclose(worn.reversed().rotation[V], worn.rotation[V])
    assert worn.reversed().forward_is_sure


def test_vertical_signals_do_not_depend_on_the_pose() -> None:
    recording = walker(1.0, 104.0, seed=5).recording
    rng = np.random.default_rng(1)
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    q *= np.sign(np.linalg.det(q))
    plain = vertical_signals(recording.acc, recording.gyr, FS)
    turned = vertical_signals(recording.acc @ q.T, recording.gyr @ q.T, FS)
    for a, b in zip(plain, turned, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


def test_bridging_fills_short_gaps_only() -> None:
    acc = np.column_stack([np.arange(100.0)] * 3)
    measured = np.ones(100, dtype=bool)
    measured[[0, 10, 11, 12, 13, 14, 40, 41, 42, 43, 44, 45]] = False
    acc[~measured] = np.nan
    bridged = bridge(Recording(acc, acc.copy(), FS, measured))
    assert bridged.filled_count == 5
    assert bridged.gaps() == [(0, 1), (40, 46)]
    np.testing.assert_allclose(bridged.acc[10:15, 0], np.arange(10, 15))
    assert np.isfinite(bridged.acc).all()
    assert true_runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
