"""What the assessor notes beside a recording: read strictly, used by the test that needs it, never guessed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gaitsignal.errors import RecordingError
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.result import Flag
from gaitsignal.synthetic import chair_stander, stander, walker
from gaitsignal.trial import Trial
from osteogait.acquire import write_csv


def noted(folder: Path, trial: object) -> Path:
    """A stance of 12 s whose side file carries `trial`."""
    path = folder / "stance.csv"
    write_csv(stander(0.05, 12.0, seed=4).recording, path)
    about = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    path.with_suffix(".json").write_text(json.dumps(about | {"trial": trial}), encoding="utf-8")
    return path


def test_notes_are_read(tmp_path: Path) -> None:
    trial = {"started_s": 1.5, "stopped_s": 8, "part": "stance", "mass_kg": 61.5, "seat_height_m": 0.45}
    assert read_recording(noted(tmp_path, trial)).trial == Trial(1.5, 8.0, None, "stance", 61.5, 0.45)
    assert read_recording(noted(tmp_path, None)).trial == Trial()


def test_notes_survive_an_export(tmp_path: Path) -> None:
    trial = Trial(1.0, 9.0, 4.0, "walk")
    write_csv(replace(stander(0.05, 12.0, seed=4).recording, trial=trial), tmp_path / "a.csv")
    assert read_recording(tmp_path / "a.csv").trial == trial


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        ({"start": 1}, "trial.start"),
        ({"started_s": True}, "trial.started_s"),
        ({"started_s": "1"}, "trial.started_s"),
        ({"started_s": 5, "stopped_s": 5}, "after started_s"),
        ({"started_s": 2, "stopped_s": 99}, "outside the recording"),
        ({"distance_m": 0.2}, "1 to 500 m"),
        ({"mass_kg": 9}, "25 to 250 kg"),
        ({"seat_height_m": 45}, "0.25 to 0.70 m"),
        ({"part": "gait"}, "stance, walk, chair"),
        ([1], "an object"),
    ],
)
def test_wrong_notes_are_refused(tmp_path: Path, trial: object, said: str) -> None:
    with pytest.raises(RecordingError) as refused:
        read_recording(noted(tmp_path, trial))
    assert said in refused.value.message("en")


def test_a_mark_ends_a_held_stance(tmp_path: Path) -> None:
    held = measure(read_recording(noted(tmp_path, {"started_s": 1.0, "stopped_s": 6.5})), "four_stage")
    assert held.values["hold_time"].value == pytest.approx(5.5, abs=0.02)
    assert "early_stop" in [flag.code for flag in held.flags]


def test_a_timed_distance_gives_its_speed_and_doubts_a_wrong_one() -> None:
    walk = walker(1.0, 108.0, steps=16, turn=False, seed=6)
    first, last = walk.initial_contacts[0].time_s, walk.initial_contacts[-1].time_s
    seconds = last - first
    right = Trial(started_s=first, stopped_s=last, distance_m=round(walk.truth["walking_speed"] * seconds, 1))
    timed = measure(replace(walk.recording, trial=right), "walk")
    assert timed.values["timed_walking_speed"].value == pytest.approx(walk.truth["walking_speed"], rel=0.01)
    assert "timed_speed_differs" not in [flag.code for flag in timed.flags]
    wrong = measure(replace(walk.recording, trial=replace(right, distance_m=25.0)), "walk")
    assert "timed_speed_differs" in [flag.code for flag in wrong.flags]
    unmarked = measure(replace(walk.recording, trial=Trial(distance_m=10.0)), "walk")
    assert "timed_walking_speed" not in unmarked.values
    assert "marks_missing" in [flag.code for flag in unmarked.flags]


def test_marks_give_the_gait_time_of_the_battery() -> None:
    walk = walker(0.8, 100.0, steps=8, turn=False, seed=6)
    trial = Trial(started_s=4.0, stopped_s=9.0, distance_m=4.0, part="walk")
    part = measure(replace(walk.recording, trial=trial), "sppb")
    assert part.values["sppb_gait_time"].value == 5.0
    assert part.values["sppb_gait_points"].value == 3.0
    assert "sppb_time_estimated" not in [flag.code for flag in part.flags]


def test_mass_and_seat_height_give_power() -> None:
    chair = chair_stander(seed=2).recording
    with_notes = replace(chair, height_m=1.6, trial=Trial(mass_kg=60.0, seat_height_m=0.45))
    power = measure(with_notes, "chair_stand_5x").values
    # Alcazar 2018: 0.9 m g (0.5 H - Hc) / (0.1 t5)
    assert power["chair_power"].value == pytest.approx(
        0.9 * 60.0 * 9.81 * (0.8 - 0.45) / (0.1 * power["total_time"].value), rel=1e-3
    )
    assert "chair_power" not in measure(chair, "chair_stand_5x").values


REMARKS = (
    Flag("recording_interrupted", "warn"),
    Flag("recording_damaged", "warn", {"chunks": 2}),
    Flag("device_clock_jumped", "reject", {"samples": 40.5}),
)


def test_what_the_recorder_found_goes_along(tmp_path: Path) -> None:
    write_csv(replace(stander(0.05, 12.0, seed=4).recording, remarks=REMARKS), tmp_path / "a.csv")
    assert read_recording(tmp_path / "a.csv").remarks == REMARKS


@pytest.mark.parametrize(
    "remarks",
    [
        ["recording_interrupted"],
        {"good": {}},
        {"recording_damaged": {}},
        {"recording_damaged": {"chunks": "x"}},
    ],
)
def test_a_remark_that_nobody_makes_is_refused(tmp_path: Path, remarks: object) -> None:
    write_csv(stander(0.05, 12.0, seed=4).recording, tmp_path / "a.csv")
    (tmp_path / "a.json").write_text(json.dumps({"remarks": remarks}), encoding="utf-8")
    with pytest.raises(RecordingError, match="remarks"):
        read_recording(tmp_path / "a.csv")
