"""The live picture: the same whatever the chunks, near the truth of synthetic people and the offline measures."""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.attitude import track_attitude
from gaitsignal.frames import rotation_about_vertical
from gaitsignal.live import LiveTracker, LiveView
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.recording import Recording
from gaitsignal.synthetic import chair_stander, stander, tug_walker, walker

STEPS, CADENCE = 0.05, 2.0
"""Tolerances against the offline result: one step or 5 %, two steps a minute."""


def _views(recording: Recording, chunk: int = 10) -> list[LiveView]:
    tracker = LiveTracker(recording.fs_hz)
    starts = range(0, recording.n, chunk)
    return [tracker.feed(recording.acc[k : k + chunk], recording.gyr[k : k + chunk]) for k in starts]


def _near(steps: int, truth: int) -> bool:
    return abs(steps - truth) <= max(1.0, STEPS * truth)


@pytest.mark.parametrize("chunk", [1, 7, 64, 100_000])
def test_the_same_to_the_last_bit_whatever_the_chunks(chunk: int) -> None:
    recording = walker(steps=14, seed=2).recording
    one, other = _views(recording)[-1], _views(recording, chunk)[-1]
    np.testing.assert_array_equal(one.sway, other.sway)
    assert [part for part in astuple(one) if not isinstance(part, np.ndarray)] == [
        part for part in astuple(other) if not isinstance(part, np.ndarray)
    ]


@pytest.mark.parametrize(
    "speed_cadence", [(0.35, 62.0), (0.6, 80.0), (0.9, 100.0), (1.2, 112.0), (1.6, 130.0)]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_steps_and_cadence_of_synthetic_walkers(speed_cadence: tuple[float, float], seed: int) -> None:
    speed, cadence = speed_cadence
    walk = walker(speed, cadence, steps=18, seed=seed)
    last = _views(walk.recording)[-1]
    assert _near(last.steps, len(walk.initial_contacts))
    assert last.mean_cadence == pytest.approx(walk.truth["cadence"], abs=CADENCE)


@pytest.mark.parametrize("fs_hz", [50.0, 128.0, 200.0])
def test_other_rates(fs_hz: float) -> None:
    walk = walker(steps=18, seed=3, fs_hz=fs_hz)
    last = _views(walk.recording)[-1]
    assert _near(last.steps, len(walk.initial_contacts))
    assert last.mean_cadence == pytest.approx(walk.truth["cadence"], abs=CADENCE)


def test_a_long_walk_is_counted_through_its_settled_parts() -> None:
    walk = walker(steps=150, seed=6)
    views = _views(walk.recording)
    assert walk.recording.duration_s > 150
    assert _near(views[-1].steps, len(walk.initial_contacts))
    assert views[-1].mean_cadence == pytest.approx(walk.truth["cadence"], abs=CADENCE)


def test_the_picture_follows_the_walk() -> None:
    walk = walker(steps=20, turn=False, seed=1)
    views = _views(walk.recording)
    first, last = walk.initial_contacts[0].time_s, walk.initial_contacts[-1].time_s
    before = [view for view in views if view.time_s < first - 0.5]
    assert all(view.steps == 0 and view.cadence is None for view in before)
    assert before[-1].still
    during = [view for view in views if first + 6 < view.time_s < last]
    assert not any(view.still for view in during)
    assert all(view.cadence == pytest.approx(walk.truth["cadence"], rel=0.1) for view in during)
    assert all(view.cadence is None for view in views if view.time_s > last + 3.0)
    assert views[-1].still


def test_mounting_changes_neither_steps_nor_tilt() -> None:
    recording = walker(steps=14, seed=2).recording
    turn = np.diag([-1.0, -1.0, 1.0]) @ rotation_about_vertical(0.7)
    other = Recording(recording.acc @ turn.T, recording.gyr @ turn.T, 100.0, recording.measured)
    one, two = _views(recording)[-1], _views(other)[-1]
    assert one.steps == two.steps
    assert two.tilt_deg == pytest.approx(one.tilt_deg, abs=1e-6)
    assert two.mean_cadence == pytest.approx(one.mean_cadence, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_sway_has_the_size_of_the_offline_one(seed: int) -> None:
    recording = stander(seed=seed).recording
    last = _views(recording)[-1]
    values = measure(recording, "quiet_stance").values
    assert last.sway_rms == pytest.approx((values["rms_ml"].value, values["rms_ap"].value), rel=0.03)
    assert last.sway.shape[1] == 2
    assert last.steps == 0
    assert last.still
    assert last.still_s > 25


def test_the_trace_can_begin_anew() -> None:
    recording = stander(seed=1).recording
    tracker = LiveTracker(100.0)
    assert len(tracker.feed(recording.acc[:1500], recording.gyr[:1500]).sway) == 150
    tracker.restart_sway()
    assert len(tracker.feed(recording.acc[1500:1550], recording.gyr[1500:1550]).sway) == 0
    view = tracker.feed(recording.acc[1550:1700], recording.gyr[1550:1700])
    assert len(view.sway) == 20


@pytest.mark.parametrize("recording", [tug_walker(seed=3).recording, chair_stander(seed=3).recording])
def test_tilt_follows_the_offline_attitude(recording: Recording) -> None:
    assert _tilt_error(recording) < 1.5


def _tilt_error(recording: Recording) -> float:
    """RMS in degrees, live against offline, from the mean of the first rest."""
    views = _views(recording)[: recording.n // 10]
    live = np.array([np.nan if view.tilt_deg is None else view.tilt_deg for view in views])
    attitude = track_attitude(recording.acc, recording.gyr, recording.fs_hz)
    offline = attitude.angle_from(recording.acc[:150].mean(axis=0))[9::10][: live.size]
    known = np.isfinite(live)
    return float(np.sqrt(np.mean((live - offline)[known] ** 2)))


def test_lost_samples_take_their_time_and_break_nothing() -> None:
    walk = walker(steps=18, seed=3)
    acc, gyr = walk.recording.acc.copy(), walk.recording.gyr.copy()
    lost = np.random.default_rng(1).random(walk.recording.n) < 0.05
    lost[:15] = True
    acc[lost], gyr[lost] = np.nan, np.nan
    last = _views(Recording(acc, gyr, 100.0, ~lost))[-1]
    assert last.lost_s == pytest.approx(lost[: walk.recording.n // 10 * 10].sum() / 100)
    assert last.time_s == pytest.approx(walk.recording.duration_s)
    assert _near(last.steps, len(walk.initial_contacts))
    assert np.isfinite(last.sway).all()


def test_nothing_yet_is_nothing() -> None:
    view = LiveTracker(100.0).feed(np.zeros((0, 3)), np.zeros((0, 3)))
    assert (view.steps, view.cadence, view.mean_cadence, view.tilt_deg, view.sway_rms) == (
        0,
        None,
        None,
        None,
        None,
    )
    dead = _views(Recording(np.zeros((900, 3)), np.zeros((900, 3)), 100.0, np.ones(900, dtype=bool)))[-1]
    assert dead.steps == 0
    silent = np.full((300, 3), np.nan)
    assert LiveTracker(100.0).feed(silent, silent).lost_s == 3.0


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="25"):
        LiveTracker(25.0)
    tracker = LiveTracker(100.0)
    for acc, gyr in (((3, 3), (4, 3)), ((3,), (3,)), ((3, 2), (3, 2))):
        with pytest.raises(ValueError, match="must both be"):
            tracker.feed(np.zeros(acc), np.zeros(gyr))


def test_no_scipy_on_the_live_path() -> None:
    import subprocess

    code = (
        "import sys, numpy as np; from gaitsignal.live import LiveTracker; from gaitsignal.synthetic import walker\n"
        "r = walker(steps=8).recording; assert LiveTracker(100.0).feed(r.acc, r.gyr).steps\n"
        "sys.exit('scipy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.realdata
def test_real_walks_agree_with_the_offline_result(shared: Path, tmp_path: Path) -> None:
    """Walks in which no step was withheld at a gap: each count within tolerance, cadence in 19 of 20."""
    gaps: dict[str, list[list[int]]] = defaultdict(list)
    with (shared / "data" / "gait" / "timeline_gaps.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["stream"] == "lowback":
                gaps[row["recording_id"]].append([int(row["row"]), int(row["lost"])])
    counts, cadences = [], []
    for path in sorted((shared / "data" / "gait").glob("*.npz")):
        beside = tmp_path / path.name
        beside.symlink_to(path)
        beside.with_suffix(".json").write_text(json.dumps({"gaps": gaps[path.stem]}))
        recording = read_recording(beside)
        offline = measure(recording, "walk")
        if any(flag.code == "contacts_near_gaps" for flag in offline.flags):
            continue
        last = _views(recording)[-1]
        counts.append(_near(last.steps, len(offline.events.initial_contacts)))
        assert last.mean_cadence is not None
        cadences.append(abs(last.mean_cadence - offline.values["cadence"].value))
    assert len(counts) > 50
    assert all(counts)
    assert np.mean(np.array(cadences) <= CADENCE) >= 0.95
    assert np.mean(cadences) < 1.0
    assert max(cadences) < 3.0
