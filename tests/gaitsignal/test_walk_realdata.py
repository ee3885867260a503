"""The walk protocol on real walks of real people, judged by the shared scorer."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from gaitsignal.events.turns import yaw_rate
from gaitsignal.frames import HALF_TURN_ABOUT_AP, HALF_TURN_ABOUT_V, rotation_about_vertical
from gaitsignal.pipeline import measure
from gaitsignal.readers import read_recording
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures, to_json

pytestmark = pytest.mark.realdata

SAME = 0.02


@pytest.fixture(scope="module")
def gaps(shared: Path) -> Mapping[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = defaultdict(list)
    with (shared / "data" / "gait" / "timeline_gaps.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["stream"] == "lowback":
                found[row["recording_id"]].append([int(row["row"]), int(row["lost"])])
    return found


@pytest.fixture(scope="module")
def recordings(
    shared: Path, gaps: Mapping[str, list[list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Recording]:
    """Every open walk with its lost packets declared in a side file, as a station would store it."""
    folder = tmp_path_factory.mktemp("gait")
    read = {}
    for path in sorted((shared / "data" / "gait").glob("*.npz")):
        beside = folder / path.name
        beside.symlink_to(path)
        height = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["participant"].get(
            "height_m"
        )
        beside.with_suffix(".json").write_text(json.dumps({"height_m": height, "gaps": gaps[path.stem]}))
        read[path.stem] = read_recording(beside)
    return read


@pytest.fixture(scope="module")
def results(recordings: dict[str, Recording]) -> dict[str, Measures]:
    return {name: measure(recording, "walk") for name, recording in recordings.items()}


@pytest.fixture(scope="module")
def scores(
    shared: Path, scorer: ModuleType, predictions: ModuleType, results: dict[str, Measures]
) -> Callable[[str, str], dict[str, Any]]:
    """Pooled scores of the recordings whose name starts with `prefix`; lost packets `skip` or `ignore`."""
    pandas = pytest.importorskip("pandas")
    rows = [row for name, result in results.items() for row in predictions.prediction_rows(name, result)]
    table = pandas.DataFrame(rows, columns=scorer.COLUMNS)
    for column in ("t", "t_end", "value"):
        table[column] = pandas.to_numeric(table[column])

    def score(prefix: str, lost: str = "skip") -> dict[str, Any]:
        references = scorer.load_references([shared / "data" / "gait"])
        if lost == "skip":
            references = scorer.apply_lost_packets("skip", references, table)
        mine = [r for r in references if r["recording_id"].startswith(prefix)]
        frame = pandas.DataFrame([scorer.score_recording(meta, table) for meta in mine])
        pooled: dict[str, Any] = scorer.summarise_group(prefix, frame)
        return pooled

    return score


def test_walkway(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("ipol1")
    assert pooled["n"] == 36
    assert pooled["ic_f1"] >= 0.985
    assert pooled["ic_f1_shift100"] >= 0.98
    assert pooled["ic_spread_ms"] <= 15
    assert pooled["side_acc"] >= 0.95
    assert pooled["cad_ic_mae"] <= 1.1
    assert pooled["cad_mae"] <= 1.1
    assert pooled["ws_mae"] <= 0.07
    assert pooled["sl_mae"] <= 0.07
    assert pooled["bout_sens"] >= 0.99


def test_lost_packets_at_their_true_time_do_not_matter(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("ipol1", "ignore")
    assert pooled["n"] == 57
    assert pooled["ic_f1"] >= 0.98
    assert pooled["ic_f1_shift100"] >= 0.98
    assert pooled["cad_mae"] <= 1.2


def test_u_turns(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("ipol1", "ignore")
    assert pooled["turn_rec"] == 1.0
    assert pooled["turn_prec"] >= 0.95
    assert pooled["turn_dur_mae_s"] <= 0.2


def test_walks_of_five_metres(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("mobgap_ha001_test5")
    assert pooled["ic_f1"] == 1.0
    assert pooled["side_acc"] == 1.0
    assert pooled["cad_mae"] <= 2.0
    assert pooled["ws_mae"] <= 0.05


def test_daily_activities(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("mobgap_ha001_test11")
    assert pooled["ic_f1"] >= 0.85
    assert pooled["ws_mae"] <= 0.09


def test_a_severely_impaired_walker(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("semio_ms")
    assert pooled["ic_f1"] >= 0.95
    assert pooled["side_acc"] >= 0.95
    assert pooled["cad_mare%"] <= 5.0


def test_treadmill(scores: Callable[..., dict[str, Any]]) -> None:
    pooled = scores("tripod")  # the reference counts 16 steps of the belt coming to rest
    assert pooled["ic_f1"] >= 0.95
    assert pooled["ws_mae"] <= 0.05


def test_no_recording_is_without_events_and_without_a_reason(results: dict[str, Measures]) -> None:
    assert len(results) == 63
    for name, result in results.items():
        assert result.events.initial_contacts or not result.usable, name
        assert result.usable or any(flag.severity == "reject" for flag in result.flags), name
    assert sum(result.usable for result in results.values()) == 63


def test_what_was_lost_is_said(
    results: dict[str, Measures], gaps: Mapping[str, list[list[int]]], recordings: dict[str, Recording]
) -> None:
    for name, result in results.items():
        codes = {flag.code for flag in result.flags}
        lost = not recordings[name].measured.all()
        assert lost == bool(codes & {"gap_filled", "walk_gap", "gap_long"}), name


def poses() -> list[FloatArray]:
    """Upside down, back to front, tilted by 40 deg both ways, and turned about the vertical by many angles."""
    tilts = []
    for axis in (1, 2):
        c, s = np.cos(np.radians(40)), np.sin(np.radians(40))
        tilt = np.eye(3)
        tilt[0, 0], tilt[0, axis], tilt[axis, 0], tilt[axis, axis] = c, -s, s, c
        tilts.append(tilt)
    turned = [rotation_about_vertical(np.radians(angle)) for angle in range(-165, 180, 30)]
    plain = [HALF_TURN_ABOUT_AP, HALF_TURN_ABOUT_V, *tilts, *turned]
    mixed = [t @ u @ HALF_TURN_ABOUT_AP for t, u in zip(tilts, turned[2:], strict=False)]
    return [*plain, *mixed]


@pytest.mark.parametrize(
    "name",
    [
        "ipol1_s01_t1", "ipol1_s05_t1", "ipol1_s07_t1", "ipol1_s09_t2", "ipol1_s11_t3", "ipol1_s14_t1",
        "mobgap_ha001_test5_trial1", "mobgap_ha001_test5_trial2", "semio_ms_m0_edss6",
    ],
)  # fmt: skip
def test_the_pose_of_the_sensor_changes_nothing(
    name: str, recordings: dict[str, Recording], results: dict[str, Measures]
) -> None:
    recording, plain = recordings[name], results[name]
    for number, pose in enumerate(poses()):
        worn = replace(recording, acc=recording.acc @ pose.T, gyr=recording.gyr @ pose.T, heading_known=False)
        turned = measure(worn, "walk")
        assert set(turned.values) == set(plain.values), number
        for key, value in plain.values.items():
            assert turned.values[key].value == pytest.approx(value.value, rel=SAME, abs=1e-6), (number, key)
        assert [c.side for c in turned.events.initial_contacts] == [
            c.side for c in plain.events.initial_contacts
        ]


@pytest.mark.parametrize("name", ["ipol1_s12_t2", "ipol1_s07_t1", "tripod_fz_pws"])
def test_a_csv_with_declared_axes_gives_what_the_npz_gave(
    name: str, recordings: dict[str, Recording], results: dict[str, Measures], tmp_path: Path
) -> None:
    recording = recordings[name]
    to_sensor = np.diag([1.0, -1.0, -1.0])  # x up, y left, z back
    block = np.column_stack([recording.time_s, recording.acc @ to_sensor, recording.gyr @ to_sensor])
    path = tmp_path / "walk.csv"
    header = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
    np.savetxt(path, block[recording.measured], delimiter=",", header=header, comments="", fmt="%.7f")
    sidecar = {"axes": ["up", "left", "back"], "height_m": recording.height_m}
    path.with_suffix(".json").write_text(json.dumps(sidecar), encoding="utf-8")
    read = read_recording(path)
    np.testing.assert_array_equal(read.measured, recording.measured[: read.n])
    again = measure(read, "walk")
    assert set(again.values) == set(results[name].values)
    for key, value in results[name].values.items():
        assert again.values[key].value == pytest.approx(value.value, rel=2e-3, abs=1e-3), key
    assert len(again.events.initial_contacts) == len(results[name].events.initial_contacts)


def test_a_piece_of_a_walk_never_has_an_unflagged_wrong_cadence(
    recordings: dict[str, Recording], results: dict[str, Measures]
) -> None:
    rng = np.random.default_rng(5)
    given = refused = 0
    for name, recording in recordings.items():
        if not name.startswith(("ipol1", "mobgap_ha001_test5")) or rng.random() < 0.5:
            continue
        bout, whole = results[name].events.walking_bouts[0], results[name].values["cadence"].value
        seconds = rng.uniform(3.2, 7.0)
        first = round(
            (bout.start_s + rng.uniform(-1.0, max(0.0, bout.end_s - bout.start_s - seconds)))
            * recording.fs_hz
        )
        part = slice(max(0, first), max(0, first) + round(seconds * recording.fs_hz))
        cut = replace(
            recording, acc=recording.acc[part], gyr=recording.gyr[part], measured=recording.measured[part]
        )
        result = measure(cut, "walk")
        to_json(result, "zh")  # every sentence finds its fields
        if result.usable:
            given += 1
            if any(flag.code == "cadence_uncertain" for flag in result.flags):
                continue
            assert result.values["cadence"].value == pytest.approx(whole, rel=0.15), name
        else:
            refused += 1
            assert any(flag.severity == "reject" for flag in result.flags)
    assert given > 8 * refused


@pytest.fixture(scope="module")
def turn_trials(shared: Path) -> Mapping[str, Any]:
    oracle = json.loads((shared / "oracle" / "turn_open.json").read_text(encoding="utf-8"))["trials"]
    reference = json.loads(
        (shared / "data" / "balance" / "turn" / "reference.json").read_text(encoding="utf-8")
    )
    trials = {}
    for name, expected in oracle.items():
        path = shared / "data" / "balance" / "turn" / f"{name}.csv"
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        acc, gyr = (
            np.array([[float(row[f"{kind}_{axis}"]) for axis in "xyz"] for row in rows]) * [1.0, -1.0, -1.0]
            for kind in ("acc", "gyr")
        )
        trials[name] = (acc, gyr, reference[name], expected)
    return trials


def test_yaw_angle_is_that_of_the_oracle(turn_trials: Mapping[str, Any]) -> None:
    for acc, gyr, reference, expected in turn_trials.values():
        rest = slice(0, reference["trial_boundaries"][0] - 50)
        yaw = yaw_rate(gyr, gyr[rest].mean(axis=0), acc[rest].mean(axis=0))
        first, stop = reference["uturn_boundaries"]
        assert yaw[first:stop].sum() / 100 == pytest.approx(
            expected["yaw_angle_uturn_boundaries_deg"], abs=0.1
        )


def test_turns_have_the_peak_of_the_oracle_and_the_borders_of_the_foot_events(
    turn_trials: Mapping[str, Any],
) -> None:
    off = []
    for name, (acc, gyr, reference, expected) in turn_trials.items():
        result = measure(Recording(acc, gyr, 100.0, np.ones(len(acc), dtype=bool)), "walk")
        (turn,) = result.events.turns
        first, stop = reference["uturn_boundaries"]
        assert turn.peak_deg_per_s == pytest.approx(abs(expected["yaw_peak_lp1p5_dps"]), abs=0.8), name
        assert np.sign(turn.angle_deg) == np.sign(expected["yaw_peak_lp1p5_dps"])
        assert abs(turn.angle_deg) == pytest.approx(183, abs=16)
        off += [turn.start_s - first / 100, turn.end_s - stop / 100]
    assert np.abs(off).mean() < 0.15
