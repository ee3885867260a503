"""The SPPB: each part from its recording, and the score of a person."""

from __future__ import annotations

import pytest

from gaitsignal.pipeline import measure
from gaitsignal.protocols import chair_stand_5x, four_stage, sppb, walk
from gaitsignal.protocols.sppb import SppbParts, compose
from gaitsignal.recording import Recording
from gaitsignal.result import Measures
from gaitsignal.synthetic import chair_stander, holder, stander, walker

STANCES = ("side_by_side", "semi_tandem", "tandem")


@pytest.mark.parametrize(
    ("recording", "part", "key"),
    [
        (holder(10.0, 0.1, seed=4).recording, "stance", "hold_time"),
        (walker(0.9, seed=4).recording, "walk", "sppb_gait_time"),
        (chair_stander(seed=4).recording, "chair", "sppb_chair_points"),
        (stander(seed=4).recording, "stance", "hold_time"),
    ],
)
def test_a_part_is_told_by_its_movement(recording: Recording, part: str, key: str) -> None:
    found = measure(recording, "sppb")
    assert found.protocol == "sppb"
    assert found.usable
    assert key in found.values
    assert f"sppb_part_{part}" in {flag.code for flag in found.flags}
    named = sppb.run(recording, part)
    assert dict(named.values) == {key: found.values[key] for key in named.values}


def test_the_time_of_a_walk_is_distance_over_speed() -> None:
    walked = sppb.run(walker(0.9, seed=4).recording, "walk", distance_m=3.0)
    speed = walked.values["walking_speed"].value
    assert walked.values["sppb_gait_time"].value == pytest.approx(3.0 / speed)
    assert "sppb_time_estimated" in {flag.code for flag in walked.flags}


def test_a_wrong_part_or_recording_is_refused() -> None:
    with pytest.raises(ValueError, match="no part 'gait'"):
        sppb.run(stander().recording, "gait")
    assert not sppb.run(stander().recording, "walk").usable
    assert not sppb.run(stander().recording, "chair").usable


def test_a_person_from_recordings() -> None:
    stances = {name: four_stage.run(holder(10.0, 0.15, seed=k).recording) for k, name in enumerate(STANCES)}
    walked = walk.run(walker(1.0, seed=5).recording)
    risen = chair_stand_5x.run(chair_stander(rise_s=0.9, sit_s=0.8, pause_s=0.2, seed=5).recording)
    score = compose(SppbParts(stances, (walked,), risen))
    assert score.balance == 4
    assert score.gait == (4 if 4.0 / walked.values["walking_speed"].value < 4.815 else 3)
    assert score.chair == 4
    assert score.total == score.balance + score.gait + score.chair


def test_the_faster_walk_counts_and_unable_is_no_walk() -> None:
    assert compose(SppbParts(walks=(6.5, 4.0))).gait == 4
    assert compose(SppbParts(walks=("unable", 6.5))).gait == 2
    assert compose(SppbParts(walks=("unable",))).gait == 0
    assert compose(SppbParts(walks=(3.7,), distance_m=3.0)).gait == 3


def test_what_was_not_done_is_not_nought() -> None:
    score = compose(SppbParts({"side_by_side": 10.0}, (4.0,), 11.0))
    assert score.balance is None
    assert (score.gait, score.chair) == (4, 4)
    assert score.total is None
    assert compose(SppbParts({"side_by_side": "unable"}, ("unable",), "unable")).total == 0


def test_a_refused_recording_is_not_scored() -> None:
    refused: Measures = walk.run(stander().recording)
    with pytest.raises(ValueError, match="no sppb_gait_time: no_walking_found"):
        compose(SppbParts(walks=(refused,)))
