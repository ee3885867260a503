"""The course of a test on the clock of its samples: countdown, start, and every way to end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitsignal.live import LiveView
from osteogait.screening.battery import TestItem
from osteogait.screening.battery import test as named
from osteogait.screening.course import PAUSED_S, Course, Cue

FS_HZ = 100.0
STANDING = LiveView(0.0, 0, None, None, None, True, 5.0, np.empty((0, 2)), None, 0.0)
MOVING = replace(STANDING, still=False, still_s=0.0)


def played(
    item: TestItem, seconds: float, view: LiveView | None = STANDING, packet: int = 5
) -> tuple[Course, list[Cue]]:
    course, cues = Course(item, FS_HZ), []
    for position in range(packet, round(seconds * FS_HZ) + 1, packet):
        cues += course.take(position, view)
    return course, cues


def test_three_two_one_then_the_start_three_seconds_in() -> None:
    course, cues = played(named("quiet_stance"), 3.0)
    assert cues == [Cue.THREE, Cue.TWO, Cue.ONE, Cue.GO]
    assert (course.started, course.since_s, course.left_s) == (300, 0.0, 30.0)


@pytest.mark.parametrize("packet", [1, 5, 19, 64])
def test_a_held_test_ends_to_the_sample_whatever_the_packets(packet: int) -> None:
    course, cues = played(named("quiet_stance"), 36.0, packet=packet)
    assert (course.started, course.ended, course.stopped) == (300, 3300, None)
    assert cues.count(Cue.END) == 1
    assert course.over


def test_a_counted_test_runs_from_the_first_movement() -> None:
    course = Course(named("chair_stand_30s"), FS_HZ)
    for position in range(5, 4000, 5):
        course.take(position, STANDING if position < 450 else MOVING)
    assert course.moved == 450
    assert course.ended == 450 + 3000


def test_the_stopwatch_of_a_person_is_a_mark() -> None:
    course, _ = played(named("sppb_walk_1"), 7.0, MOVING)
    assert course.stop() == [Cue.END]
    assert (course.stopped, course.ended) == (700, 700)
    assert course.stop() == []
    course.take(800, MOVING)
    assert course.over


def test_before_the_start_there_is_nothing_to_stop() -> None:
    course, _ = played(named("walk"), 2.0)
    assert course.stop() == []
    assert course.seen(True) == []
    assert course.started is None


def test_a_walk_ends_when_the_person_stands_long_enough() -> None:
    course = Course(named("walk"), FS_HZ)
    walked = replace(STANDING, steps=20, still_s=PAUSED_S - 0.1)
    for position in range(5, 1000, 5):
        course.take(position, MOVING)
    course.take(1000, walked)
    assert course.running
    assert course.take(1010, replace(walked, still_s=PAUSED_S)) == [Cue.END]


def test_who_stood_all_the_time_has_not_walked() -> None:
    course, cues = played(named("walk"), 60.0, replace(STANDING, steps=20, still_s=50.0))
    assert course.running
    assert Cue.END not in cues


def test_a_forgotten_test_ends_by_itself() -> None:
    course, _ = played(named("walk"), 130.0, MOVING)
    assert course.ended == 300 + 120 * 100


def test_a_lost_stance_is_shown_once_and_ends_nothing() -> None:
    course, cues = Course(named("sppb_tandem"), FS_HZ), []
    for position in range(5, 1200, 5):
        cues += course.take(position, MOVING if 600 <= position < 900 else STANDING)
    assert cues.count(Cue.MOVED) == 1
    assert course.running


def test_a_sensor_without_a_picture_still_has_its_length() -> None:
    course, cues = played(named("stage_tandem"), 15.0, None)
    assert course.ended == 1300
    assert Cue.MOVED not in cues
