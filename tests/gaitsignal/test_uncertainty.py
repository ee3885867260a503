"""Standard errors of speed, cadence and stride length: what moves them, and how often they hold."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.measures.uncertainty import standard_errors
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.result import Measures, Value
from gaitsignal.synthetic import walker

LENGTHS = {"walking_speed": "walking_speed_mps", "stride_length": "stride_length_m"}
KEYS = {"walking_speed": "m/s", "cadence": "steps/min", "stride_length": "m"}


def errors(
    speed: float = 1.2, steps: int = 30, spread: float = 0.02, known: bool = True, trained: bool = True
) -> dict[str, float]:
    step_s = 0.55 + spread * np.tile([1.0, -1.0], steps // 2)
    numbers = {"walking_speed": speed, "cadence": 60.0 / 0.55, "stride_length": 2.0 * speed * 0.55}
    values = {key: Value(number, KEYS[key]) for key, number in numbers.items()}
    return {key: value.value for key, value in standard_errors(values, step_s, known, trained).items()}


def test_all_three_have_an_error_in_their_own_unit() -> None:
    assert set(errors()) == {"walking_speed_se", "cadence_se", "stride_length_se"}
    assert errors()["walking_speed_se"] == pytest.approx(0.085, abs=0.01)
    assert errors()["cadence_se"] == pytest.approx(1.3, abs=0.1)


def test_what_is_less_sure_has_a_larger_error() -> None:
    usual = errors()
    for other in (errors(steps=6), errors(known=False), errors(trained=False)):
        assert other["walking_speed_se"] > usual["walking_speed_se"]
        assert other["stride_length_se"] > usual["stride_length_se"]
    assert errors(spread=0.08)["cadence_se"] > usual["cadence_se"]
    assert errors(spread=0.08)["stride_length_se"] == usual["stride_length_se"]
    slow = errors(speed=0.3)
    assert slow["walking_speed_se"] / 0.3 > usual["walking_speed_se"] / 1.2


def test_what_is_withheld_has_no_error() -> None:
    assert standard_errors({}, np.full(20, 0.5), True, True) == {}
    only = standard_errors({"cadence": Value(110.0, "steps/min")}, np.full(20, 0.5), True, True)
    assert set(only) == {"cadence_se"}


def test_a_walk_bears_its_errors_and_a_clipped_one_only_that_of_cadence() -> None:
    recording = walker(1.1, seed=3).recording
    walked = measure(recording, "walk")
    assert {f"{key}_se" for key in KEYS} <= set(walked.values)
    unknown = measure(replace(recording, height_m=None), "walk")
    assert unknown.values["stride_length_se"].value > walked.values["stride_length_se"].value
    acc = recording.acc.copy()
    acc[recording.n // 2 : recording.n // 2 + 3, 0] = 39.0
    clipped = measure(replace(recording, acc=acc), "walk")
    assert "clipped" in {flag.code for flag in clipped.flags}
    assert "walking_speed_se" not in clipped.values
    assert "cadence_se" in clipped.values


@pytest.mark.realdata
def test_intervals_hold_the_references(shared: Path, tmp_path: Path) -> None:
    """Nine of ten references lie within 1.96 errors, half or more within one: the errors are neither boast nor fog."""
    apart = defaultdict(list)
    for measures, summary, lost in _walks(shared / "data" / "gait", tmp_path):
        names = [("cadence", "cadence_spm")]
        names += list(LENGTHS.items()) if lost <= 5 else []
        for key, name in names:
            if summary.get(name) is not None and key in measures.values:
                error = measures.values[key].value - summary[name]
                apart[key].append(error / measures.values[f"{key}_se"].value)
    assert len(apart["cadence"]) >= 60
    assert len(apart["walking_speed"]) >= 30
    for key, z in apart.items():
        assert np.mean(np.abs(z) <= 1.96) >= 0.9, key
        assert np.mean(np.abs(z) <= 1.0) >= 0.6, key
        assert np.median(np.abs(z)) >= 0.15, key


def _walks(folder: Path, tmp_path: Path) -> list[tuple[Measures, dict[str, float | None], int]]:
    gaps: dict[str, list[list[int]]] = defaultdict(list)
    with (folder / "timeline_gaps.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["stream"] == "lowback":
                gaps[row["recording_id"]].append([int(row["row"]), int(row["lost"])])
    walks = []
    for path in sorted(folder.glob("*.npz")):
        facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        beside = tmp_path / path.name
        beside.symlink_to(path)
        side = {"height_m": facts["participant"].get("height_m"), "gaps": gaps[path.stem]}
        beside.with_suffix(".json").write_text(json.dumps(side), encoding="utf-8")
        lost = _lost_while_walking(gaps[path.stem], facts["reference"]["ics"], recording_hz=100.0)
        walks.append((measure(read_recording(beside), "walk"), facts["reference"].get("summary", {}), lost))
    return walks


def _lost_while_walking(gaps: list[list[int]], contacts: list[dict[str, float]], recording_hz: float) -> int:
    first, last = min(contact["t"] for contact in contacts), max(contact["t"] for contact in contacts)
    before, lost = 0, 0
    for row, number in sorted(gaps):
        if number > 0 and first <= (row + before) / recording_hz <= last:
            lost += number
        before += max(0, number)
    return lost
