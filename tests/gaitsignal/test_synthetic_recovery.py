"""The walk protocol finds in a synthetic person what was put there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal.pipeline import measure
from gaitsignal.result import Contact, Measures
from gaitsignal.synthetic import SyntheticWalk, walker
from gaitsignal.synthetic.mounting import Mounting

MATCH_S = 0.1


def matched(walk: SyntheticWalk, measures: Measures) -> list[tuple[Contact, Contact]]:
    """True straight contacts with the found one next to them, if it is near enough."""
    found = measures.events.initial_contacts
    pairs = [(true, min(found, key=lambda c: abs(c.time_s - true.time_s))) for true in walk.straight_contacts]
    return [(true, near) for true, near in pairs if abs(near.time_s - true.time_s) < MATCH_S]


def check_events(walk: SyntheticWalk, measures: Measures) -> None:
    pairs = matched(walk, measures)
    assert len(pairs) >= 0.96 * len(walk.straight_contacts)
    assert np.mean([true.side == near.side for true, near in pairs]) >= 0.95
    assert len(measures.events.initial_contacts) <= len(walk.initial_contacts) + 2


@given(
    speed=st.floats(0.5, 1.5),
    asymmetry=st.floats(0.0, 8.0),
    height=st.floats(1.45, 1.85),
    seed=st.integers(0, 200),
)
@settings(max_examples=15, deadline=None)
def test_steps_sides_cadence_and_speed_of_any_walker(
    speed: float, asymmetry: float, height: float, seed: int
) -> None:
    walk = walker(speed, 68.0 + 36.0 * speed, height, asymmetry_percent=asymmetry, seed=seed)
    measures = measure(walk.recording, "walk")
    assert measures.usable
    check_events(walk, measures)
    assert measures.values["cadence"].value == pytest.approx(walk.truth["cadence"], rel=0.02)
    assert measures.values["walking_speed"].value == pytest.approx(walk.truth["walking_speed"], abs=0.2)


def test_speed_is_right_on_average_and_grows_with_the_truth() -> None:
    means = []
    for speed in (0.5, 0.8, 1.1, 1.4):
        errors = []
        for seed in range(6):
            walk = walker(speed, 66.0 + 40.0 * speed, 1.6, seed=seed)
            found = measure(walk.recording, "walk").values["walking_speed"].value
            errors.append(found - walk.truth["walking_speed"])
        assert abs(np.mean(errors)) < 0.1, speed
        means.append(np.mean(errors) + walk.truth["walking_speed"])
    assert means == sorted(means)


@pytest.mark.parametrize(("speed", "cadence"), [(0.3, 55.0), (0.4, 66.0)])
def test_a_very_slow_walker_is_followed_or_refused_aloud(speed: float, cadence: float) -> None:
    for seed in range(3):
        walk = walker(speed, cadence, 1.55, step_time_cv=4.0, seed=seed)
        measures = measure(walk.recording, "walk")
        if measures.usable and "cadence" in measures.values:
            assert measures.values["cadence"].value == pytest.approx(walk.truth["cadence"], rel=0.05)
        else:
            assert measures.flags


@pytest.mark.parametrize("seed", range(3))
def test_the_turn_is_found_with_its_side_and_angle(seed: int) -> None:
    walk = walker(1.0, 104.0, seed=seed)
    measures = measure(walk.recording, "walk")
    (true,), (found,) = walk.turns, measures.events.turns
    assert found.angle_deg == pytest.approx(true.angle_deg, abs=12.0)
    assert (found.start_s + found.end_s) / 2 == pytest.approx((true.start_s + true.end_s) / 2, abs=0.2)


@pytest.mark.parametrize(
    "mounting",
    [
        Mounting(tilt_deg=40.0),
        Mounting(tilt_deg=15.0, upside_down=True),
        Mounting(heading_deg=90.0, side_tilt_deg=10.0),
        Mounting(heading_deg=180.0),
    ],
)
def test_the_pose_of_the_sensor_does_not_matter(mounting: Mounting) -> None:
    plain, worn = (
        measure(walker(1.0, 104.0, mounting=m, seed=3).recording, "walk") for m in (Mounting(), mounting)
    )
    check_events(walker(1.0, 104.0, mounting=mounting, seed=3), worn)
    for key in ("cadence", "walking_speed", "stride_length"):
        assert worn.values[key].value == pytest.approx(plain.values[key].value, rel=0.02), key


def test_a_short_walk_of_one_leg_is_enough() -> None:
    for seed in range(3):
        walk = walker(0.9, 100.0, steps=7, turn=False, seed=seed)
        measures = measure(walk.recording, "walk")
        assert measures.usable
        check_events(walk, measures)


def test_tremor_does_not_become_steps() -> None:
    walk = walker(0.9, 100.0, tremor=0.5, seed=1)
    measures = measure(walk.recording, "walk")
    check_events(walk, measures)
    assert measures.values["cadence"].value == pytest.approx(walk.truth["cadence"], rel=0.02)
