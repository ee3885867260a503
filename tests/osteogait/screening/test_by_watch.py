"""The time of a stopwatch in the place of the sensor's."""

from __future__ import annotations

from typing import Any

import pytest
from box_of_tests import Box

from osteogait.acquire.assembled import to_recording
from osteogait.screening.by_watch import timed
from osteogait.screening.live_trial import LiveTrial


def value(trial: LiveTrial, key: str) -> float:
    assert trial.outcome is not None
    assert trial.outcome.kept is not None
    return float(trial.outcome.kept["measures"][key]["value"])


def flags(trial: LiveTrial) -> set[str]:
    assert trial.outcome is not None
    assert trial.outcome.kept is not None
    return {flag["code"] for flag in trial.outcome.kept["flags"]}


def test_the_typed_time_counts_to_the_hundredth_and_is_kept(box: Box) -> None:
    trial = box.run("sppb_walk_1")
    assert "sppb_time_estimated" in flags(trial)
    for seconds, points in ((4.81, 4), (4.82, 3), (6.20, 3), (6.21, 2)):
        box.screening.time_by_watch(trial.id, seconds)
        assert (value(trial, "sppb_gait_time"), value(trial, "sppb_gait_points")) == (seconds, points)
    assert "sppb_time_estimated" not in flags(trial)
    assert to_recording(trial.path).trial.watched_s == pytest.approx(6.21, abs=0.01)
    box.screening.keep(trial.id, "accepted", by="test")
    (kept,) = box.station.trials.of_visit(box.visit)
    assert kept.measures is not None
    assert kept.measures["measures"]["sppb_gait_time"]["value"] == 6.21


def test_a_stand_is_as_long_as_the_stopwatch_says_and_never_longer_than_the_test(box: Box) -> None:
    trial = box.run("sppb_tandem")
    assert value(trial, "hold_time") == pytest.approx(10.0)
    box.screening.time_by_watch(trial.id, 7.43)
    assert value(trial, "hold_time") == 7.43
    assert trial.longest_by_watch_s is not None
    box.screening.time_by_watch(trial.id, trial.longest_by_watch_s)
    assert value(trial, "hold_time") == 10.0


@pytest.mark.parametrize("name", ["quiet_stance", "walk"])
def test_other_tests_ask_for_no_stopwatch(box: Box, name: str) -> None:
    assert box.run(name).longest_by_watch_s is None


def test_before_the_verdict_there_is_nothing_to_time(box: Box) -> None:
    trial = box.screening.begin(box.visit, "sppb_walk_1", by="test")
    assert trial.longest_by_watch_s is None
    box.screening.time_by_watch(trial.id, 5.0)
    assert trial.outcome is None


def test_the_document_that_was_is_left_as_it_was() -> None:
    before: dict[str, Any] = {
        "measures": {"sppb_gait_time": {"value": 5.0}, "sppb_gait_points": {"value": 3.0}}
    }
    after = timed(before, 4.0, None)
    assert before["measures"]["sppb_gait_time"]["value"] == 5.0
    assert after["measures"] == {"sppb_gait_time": {"value": 4.0}, "sppb_gait_points": {"value": 4.0}}
