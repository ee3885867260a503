"""One test from Start to its measures: every test, every way out, and what stays on the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from box_of_tests import Box, wait

from gaitsignal.pipeline import measure
from osteogait.acquire.assembled import to_recording
from osteogait.errors import NotPermitted, UsageError
from osteogait.screening.battery import all_tests
from osteogait.screening.outcome import kept_measures
from osteogait.screening.phase import Phase


@pytest.mark.parametrize("name", [item.id for item in all_tests()])
def test_every_test_ends_by_itself_with_usable_measures(box: Box, name: str) -> None:
    trial = box.run(name)
    assert trial.error is None
    outcome = trial.outcome
    assert outcome is not None
    assert outcome.usable, outcome.advice("en")
    assert outcome.verdict == (
        "limited" if trial.item.part == "walk" else "good"
    )  # nobody pressed at the line
    assert outcome.kept is not None
    assert outcome.kept == kept_measures(measure(to_recording(trial.path), trial.item.protocol))
    assert "simulated_sensor" in {flag["code"] for flag in outcome.kept["flags"]}


def test_a_stance_is_measured_between_its_marks_alone(box: Box) -> None:
    trial = box.run("quiet_stance")
    assert trial.outcome is not None
    assert trial.outcome.kept is not None
    assert trial.outcome.kept["measures"]["duration_s"]["value"] == pytest.approx(30.0, abs=0.02)
    recording = to_recording(trial.path)
    assert recording.duration_s > 33.0
    assert recording.trial.started_s == pytest.approx(3.0, abs=0.01)


def test_the_speed_of_play_changes_no_figure(box: Box, configured: Callable[..., None]) -> None:
    first = box.run("one_leg_left")
    box.screening.leave(box.visit, by="tester")
    configured(speed=20.0)
    second = box.run("one_leg_left")
    assert first.outcome is not None
    assert second.outcome is not None
    assert first.outcome.kept is not None
    assert second.outcome.kept is not None
    assert first.outcome.kept["measures"] == second.outcome.kept["measures"]


def test_stop_marks_the_time_at_the_line(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=4.0)
    trial = box.run("sppb_walk_1", Phase.RECORDING)
    wait(lambda: trial.seconds > 4.0)
    before_s = trial.seconds
    box.screening.stop(trial.id)
    after_s = trial.seconds
    wait(lambda: trial.phase is Phase.REVIEW)
    assert trial.outcome is not None
    assert trial.outcome.kept is not None
    notes = to_recording(trial.path).trial
    assert notes.watched_s is not None
    assert before_s - 0.1 <= notes.watched_s <= after_s + 0.1
    assert trial.outcome.kept["measures"]["sppb_gait_time"]["value"] == pytest.approx(notes.watched_s)
    assert "sppb_time_estimated" not in {flag["code"] for flag in trial.outcome.kept["flags"]}


def test_stop_ends_a_stance_early(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=3.0)
    trial = box.run("sppb_tandem", Phase.RECORDING)
    wait(lambda: trial.seconds > 3.5)
    box.screening.stop(trial.id)
    wait(lambda: trial.phase is Phase.REVIEW)
    assert trial.outcome is not None
    assert trial.outcome.kept is not None
    held_s = trial.outcome.kept["measures"]["hold_time"]["value"]
    assert 3.5 < held_s < 9.0
    assert "early_stop" in {flag["code"] for flag in trial.outcome.kept["flags"]}


def test_broken_off_leaves_nothing(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=0.4)
    trial = box.run("walk", Phase.COUNTDOWN)
    assert trial.path.exists()
    box.screening.cancel(trial.id)
    assert trial.phase is Phase.READY
    assert not list(trial.path.parent.glob("*"))
    configured(speed=100.0)
    assert box.run("walk").outcome is not None


def test_stop_in_the_countdown_is_as_if_not_begun(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=0.4)
    trial = box.run("walk", Phase.COUNTDOWN)
    box.screening.stop(trial.id)
    assert trial.phase is Phase.READY
    assert not list(trial.path.parent.glob("*"))


def test_one_test_at_a_time(box: Box, configured: Callable[..., None]) -> None:
    configured(speed=0.4)
    trial = box.run("walk", Phase.COUNTDOWN)
    other = box.station.store.add_visit(box.person, battery="quick")
    for ask in (
        lambda: box.screening.begin(other, "walk", by="tester"),
        lambda: box.screening.begin(box.visit, "quiet_stance", by="tester"),
        box.screening.check,
    ):
        with pytest.raises(NotPermitted):
            ask()
    assert box.screening.begin(box.visit, "walk", by="tester") is trial


def test_a_failed_sensor_says_so_and_may_be_tried_again(box: Box, configured: Callable[..., None]) -> None:
    configured("battery=3")
    trial = box.run("walk")
    assert trial.phase is Phase.FAILED
    assert trial.error is not None
    assert trial.error.code == "session_battery_empty"
    assert not list(trial.path.parent.glob("*"))
    configured()
    box.screening.start(trial.id)
    wait(lambda: trial.phase is Phase.REVIEW)


def test_a_broken_box_is_told_not_hidden(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("osteogait.screening.live_trial.measured", broken)
    trial = box.run("walk")
    assert trial.phase is Phase.FAILED
    assert trial.error is not None
    assert trial.error.code == "screening_broke"


def test_lost_packets_are_seen_and_repeat_is_advised(box: Box, configured: Callable[..., None]) -> None:
    configured("loss=0.4")
    trial = box.run("quiet_stance")
    outcome = trial.outcome
    assert outcome is not None
    assert outcome.verdict == "repeat"
    assert all(outcome.advice(lang) for lang in ("en", "zh"))
    with pytest.raises(UsageError):
        box.screening.keep(trial.id, "accepted", by="tester")
    box.screening.keep(trial.id, "rejected", by="tester")


def test_a_walk_with_a_hole_in_it_gives_a_speed_that_nobody_may_accept(
    box: Box, configured: Callable[..., None]
) -> None:
    configured("drop=7/6")
    trial = box.run("walk")
    outcome = trial.outcome
    assert outcome is not None
    assert outcome.kept is not None
    assert "walking_speed" in outcome.kept["measures"]
    assert (outcome.usable, outcome.verdict) == (False, "repeat")
    with pytest.raises(UsageError):
        box.screening.keep(trial.id, "accepted", by="tester")
    assert box.station.trials.of_visit(box.visit) == ()


def test_the_wrong_movement_is_not_taken_for_the_test(box: Box, configured: Callable[..., None]) -> None:
    configured("quiet_stance")
    trial = box.run("timed_up_and_go")
    assert trial.outcome is not None
    assert not trial.outcome.usable


def test_many_threads_may_ask_at_once(box: Box) -> None:
    begun: list[object] = []
    threads = [
        threading.Thread(target=lambda: begun.append(box.screening.begin(box.visit, "walk", by="tester")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, begun))) == 1
