"""Held stances: when the hold began and ended, who decides, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal.bridging import bridge
from gaitsignal.events.holds import find_hold
from gaitsignal.pipeline import measure
from gaitsignal.protocols import four_stage, one_leg
from gaitsignal.protocols.held_stance import Watch
from gaitsignal.readers import read_recording
from gaitsignal.recording import Recording
from gaitsignal.result import Measures
from gaitsignal.synthetic import chair_stander, holder, walker
from gaitsignal.synthetic.mounting import Mounting

NEAR_S = 0.15


def codes(measures: Measures) -> set[str]:
    return {flag.code for flag in measures.flags}


def hold_s(measures: Measures) -> float:
    return measures.values["hold_time"].value


@given(
    held=st.floats(1.5, 28.0),
    sway=st.floats(0.05, 0.45),
    lost=st.booleans(),
    noise=st.floats(0.5, 3.0),
    seed=st.integers(0, 500),
)
@settings(max_examples=25, deadline=None)
def test_the_hold_has_its_true_length(held: float, sway: float, lost: bool, noise: float, seed: int) -> None:
    held = max(held, 3.0) if not lost else held
    trial = holder(held, sway, lost=lost, after_s=0.6, mounting=Mounting(noise=noise), seed=seed)
    result = one_leg.run(trial.recording)
    assert hold_s(result) == pytest.approx(trial.hold_s, abs=NEAR_S)
    assert ("hold_cut_short" in codes(result)) is not lost


@pytest.mark.parametrize("seed", range(8))
def test_quiet_standing_before_the_stance_is_no_part_of_it(seed: int) -> None:
    trial = holder(9.0, 0.2, before_s=4.0, lost=True, seed=seed)
    assert hold_s(one_leg.run(trial.recording)) == pytest.approx(9.0, abs=NEAR_S)


def test_another_stretch_as_long_is_named_and_a_start_mark_settles_it() -> None:
    trial = holder(3.0, 0.2, before_s=5.0, lost=True, seed=1)
    unmarked = one_leg.run(trial.recording)
    assert hold_s(unmarked) == pytest.approx(5.0, abs=NEAR_S)
    assert "hold_ambiguous" in codes(unmarked)
    marked = one_leg.run(trial.recording, Watch(started_s=trial.start_s - 0.3))
    assert hold_s(marked) == pytest.approx(3.0, abs=NEAR_S)
    assert "hold_ambiguous" not in codes(marked)


def test_the_assessor_beats_the_sensor() -> None:
    trial = holder(12.0, 0.2)
    stopped = one_leg.run(trial.recording, Watch(stopped_s=4.25))
    assert hold_s(stopped) == pytest.approx(4.25)
    assert stopped.values["duration_s"].value == pytest.approx(4.25)
    assert "early_stop" in codes(stopped)
    assert "hold_disagrees" not in codes(stopped)


def test_a_watch_that_ran_on_is_used_and_said() -> None:
    trial = holder(6.0, 0.2, lost=True, after_s=3.0)
    stopped = one_leg.run(trial.recording, Watch(stopped_s=9.0))
    assert hold_s(stopped) == pytest.approx(9.0)
    assert {"early_stop", "hold_disagrees"} <= codes(stopped)


@pytest.mark.parametrize("watch", [Watch(3.0, 2.0), Watch(-1.0), Watch(None, 99.0), Watch(2.0, 2.0)])
def test_marks_that_cannot_be_meant(watch: Watch) -> None:
    with pytest.raises(ValueError, match="do not follow"):
        one_leg.run(holder().recording, watch)


def test_the_limit_ends_the_test() -> None:
    long = holder(14.0, 0.15).recording
    staged = four_stage.run(long)
    assert hold_s(staged) == 10.0
    assert staged.values["duration_s"].value == 10.0
    assert "hold_to_limit" in codes(staged)
    assert hold_s(one_leg.run(long, limit_s=12.0)) == 12.0


def test_a_short_hold_has_a_time_and_no_sway() -> None:
    result = one_leg.run(holder(2.0, 0.2, lost=True).recording)
    assert set(result.values) == {"hold_time"}
    assert "hold_sway_withheld" in codes(result)


def test_sway_of_the_held_part_is_that_of_the_stance() -> None:
    alone = measure(holder(20.0, 0.15, seed=3).recording, "quiet_stance")
    held = one_leg.run(holder(20.0, 0.15, lost=True, seed=3).recording)
    assert held.values["rms"].value == pytest.approx(alone.values["rms"].value, rel=0.25)
    assert held.values["rms"].value < 0.3


@pytest.mark.parametrize("other", [walker().recording, chair_stander(seed=2).recording])
@pytest.mark.parametrize("protocol", ["four_stage", "one_leg"])
def test_a_walk_or_chair_test_is_no_stance(other: Recording, protocol: str) -> None:
    refused = measure(other, protocol)
    assert not refused.usable
    assert not refused.values
    assert "walking_in_hold" in codes(refused)


def test_a_long_gap_in_the_hold_rejects_and_one_after_it_does_not() -> None:
    trial = holder(6.0, 0.2, lost=True, after_s=6.0)
    assert "gap_long" in codes(one_leg.run(_without(trial.recording, 300, 340)))
    after = one_leg.run(_without(trial.recording, 1000, 1040))
    assert after.usable
    assert hold_s(after) == pytest.approx(6.0, abs=NEAR_S)


def _without(recording: Recording, first: int, stop: int) -> Recording:
    measured = recording.measured.copy()
    measured[first:stop] = False
    acc, gyr = (np.where(measured[:, None], x, np.nan) for x in (recording.acc, recording.gyr))
    return replace(recording, acc=acc, gyr=gyr, measured=measured)


def test_a_knock_on_the_sensor_does_not_end_the_hold() -> None:
    recording = holder(10.0, 0.1).recording
    acc = recording.acc.copy()
    acc[500:503] += [6.0, -4.0, 3.0]
    assert hold_s(four_stage.run(replace(recording, acc=acc))) == 10.0


def test_four_stages_stop_at_the_first_failure() -> None:
    whole = four_stage.compose({"side_by_side": 10.0, "semi_tandem": 10.0, "tandem": 10.0, "one_foot": 10.0})
    assert whole.complete
    assert whole.stopped_at is None
    stopped = four_stage.compose({"side_by_side": 10.0, "semi_tandem": 9.99, "tandem": 4.0})
    assert stopped.stopped_at == "semi_tandem"
    assert stopped.complete
    assert stopped.ignored == ("tandem",)
    assert list(stopped.held_s) == ["side_by_side", "semi_tandem"]


def test_four_stages_round_like_a_stopwatch_and_name_what_is_missing() -> None:
    rounded = four_stage.compose({"side_by_side": 9.995, "tandem": 3.0})
    assert rounded.stopped_at == "tandem"
    assert rounded.not_done == ("semi_tandem",)
    assert not rounded.complete
    with pytest.raises(ValueError, match="no stage 'left'"):
        four_stage.compose({"left": 3.0})


def test_stages_are_taken_from_recordings_and_a_refused_one_is_not_scored() -> None:
    held = {
        "side_by_side": four_stage.run(holder().recording),
        "semi_tandem": four_stage.run(holder(5.0).recording),
    }
    assert four_stage.compose(held).stopped_at == "semi_tandem"
    with pytest.raises(ValueError, match="walking_in_hold"):
        four_stage.compose({"side_by_side": four_stage.run(walker().recording)})


def test_the_best_of_three_counts() -> None:
    assert one_leg.best([4.0, one_leg.run(holder(7.0, 0.2, lost=True).recording), 6.0]) == pytest.approx(
        7.0, abs=NEAR_S
    )
    with pytest.raises(ValueError, match="one to three"):
        one_leg.best([])
    with pytest.raises(ValueError, match="no hold time in s"):
        one_leg.best([float("nan")])


@pytest.mark.realdata
def test_real_standing_ends_with_the_first_step(shared: Path) -> None:
    """People who stand and then walk: the stance ends within 0.6 s before their first heel strike."""
    late = []
    for path in sorted((shared / "data" / "gait").glob("ipol1_s*_t[12].npz")):
        recording = read_recording(path)
        hold = find_hold(bridge(recording), recording.fs_hz, started=0.0)
        reference = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["reference"]
        assert hold is not None
        late.append(hold.stop / recording.fs_hz - min(contact["t"] for contact in reference["ics"]))
    assert len(late) >= 15
    assert np.mean(np.abs(np.array(late) + 0.3) < 0.4) >= 0.9
