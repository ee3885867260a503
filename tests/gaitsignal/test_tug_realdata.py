"""The timed up and go of twelve people with a phone on the thigh, against borders annotated on video."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures

pytestmark = pytest.mark.realdata

PROTOCOL = "timed_up_and_go"
BORDERS = ("stand_start", "stand_end", "turn1_start", "turn1_end", "turn2_start", "turn2_end", "sit_end")


@pytest.fixture(scope="module")
def reference(shared: Path) -> Mapping[str, Any]:
    text = (shared / "data" / "balance" / "tug" / "reference.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


@pytest.fixture(scope="module")
def recordings(
    shared: Path, reference: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Recording]:
    """Every test as a station would store it: the columns of the contract, the site in a side file."""
    folder = tmp_path_factory.mktemp("tug")
    read = {}
    for key in reference:
        text = (shared / "data" / "balance" / "tug" / f"{key}.csv").read_text(encoding="utf-8")
        path = folder / f"{key}.csv"
        path.write_text(text.replace("t_s,", "time_s,", 1), encoding="utf-8")
        path.with_suffix(".json").write_text('{"site": "thigh"}', encoding="utf-8")
        read[key] = read_recording(path)
    return read


@pytest.fixture(scope="module")
def results(recordings: dict[str, Recording]) -> dict[str, Measures]:
    return {key: measure(recording, PROTOCOL) for key, recording in recordings.items()}


@pytest.fixture(scope="module")
def errors(results: dict[str, Measures], reference: Mapping[str, Any]) -> FloatArray:
    """(24, 7) s: found minus annotated borders."""
    table = []
    for key, measures in results.items():
        phases = measures.events.phases
        assert phases, key
        found = [phases[0].start_s, *(phase.end_s for phase in phases)]
        table.append([t - reference[key]["events_s"][name] for t, name in zip(found, BORDERS, strict=True)])
    return np.array(table)


def left_out(errors: FloatArray, people: list[str]) -> FloatArray:
    """Errors when the lag of every border is the mean of all other people's."""
    rest = np.empty_like(errors)
    for person in set(people):
        mine = np.array([other == person for other in people])
        rest[mine] = errors[mine] - errors[~mine].mean(axis=0)
    return rest


def rmse(x: FloatArray) -> float:
    return float(np.sqrt(np.mean(x**2)))


def test_every_test_is_found_without_a_rejecting_flag(results: dict[str, Measures]) -> None:
    assert len(results) == 24
    assert all(measures.usable for measures in results.values())


def test_totals_and_phases_reach_the_bars(errors: FloatArray, reference: Mapping[str, Any]) -> None:
    for table in (errors, left_out(errors, [key[:3] for key in reference])):
        total = table[:, -1] - table[:, 0]
        assert rmse(total) <= 0.35
        assert np.mean(np.abs(total) <= 0.5) >= 0.9
        phases = np.diff(table, axis=1)
        assert all(rmse(phase) <= 0.4 for phase in phases.T)


def test_turns_are_half_turns_with_plausible_peaks(results: dict[str, Measures]) -> None:
    for key, measures in results.items():
        for turn in measures.events.turns:
            assert abs(turn.angle_deg) == pytest.approx(180.0, abs=60.0), key
            assert 60.0 < turn.peak_deg_per_s < 400.0, key


def test_any_pose_gives_the_same(recordings: dict[str, Recording], results: dict[str, Measures]) -> None:
    rng = np.random.default_rng(7)
    for key in ("s03_02_sp", "s09_01_sp", "s23_01_sp"):
        rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        rotation *= np.sign(np.linalg.det(rotation))
        recording = recordings[key]
        turned = replace(recording, acc=recording.acc @ rotation.T, gyr=recording.gyr @ rotation.T)
        for name, value in measure(turned, PROTOCOL).values.items():
            assert value.value == pytest.approx(results[key].values[name].value, abs=1e-6), name


def test_fifty_hertz_is_enough(recordings: dict[str, Recording], results: dict[str, Measures]) -> None:
    for key in list(recordings)[::6]:
        fast = recordings[key]
        slow = replace(
            fast, acc=fast.acc[::2], gyr=fast.gyr[::2], measured=fast.measured[::2], fs_hz=fast.fs_hz / 2
        )
        total = measure(slow, PROTOCOL).values["tug_total"].value
        assert total == pytest.approx(results[key].values["tug_total"].value, abs=0.15)


def test_parts_of_a_test_are_refused_by_name(
    recordings: dict[str, Recording], reference: Mapping[str, Any]
) -> None:
    for key in list(recordings)[::4]:
        events, recording = reference[key]["events_s"], recordings[key]
        for first, last in (("stand_end", "sit_start"), ("turn1_start", "end"), ("start", "turn2_start")):
            a, b = (round((events[name] - recording.start_s) * recording.fs_hz) for name in (first, last))
            cut = replace(
                recording,
                acc=recording.acc[a:b],
                gyr=recording.gyr[a:b],
                measured=recording.measured[a:b],
            )
            measures = measure(cut, PROTOCOL)
            assert not measures.usable, (key, first, last)
            assert any(flag.code == "not_a_tug" for flag in measures.flags)


@pytest.mark.parametrize("site", ["lower_back", "thigh"])
def test_no_real_walk_passes_for_a_tug(shared: Path, site: str) -> None:
    for path in sorted((shared / "data" / "gait").glob("*.npz"))[::2]:
        measures = measure(replace(read_recording(path), site=site), PROTOCOL)
        assert not measures.usable, path.name
        assert any(flag.severity == "reject" for flag in measures.flags)
