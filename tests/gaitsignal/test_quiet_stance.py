"""Quiet stance: known sway comes back, wherever the sensor sits; a trial that is none is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.measures.sway_catalogue import AXIS_KEYS, ENTRIES, UNITS
from gaitsignal.protocols import quiet_stance
from gaitsignal.recording import Recording
from gaitsignal.result import Flag, Measures
from gaitsignal.synthetic import stander, walker
from gaitsignal.synthetic.mounting import Mounting
from gaitsignal.trial import Trial

INVARIANT = sorted(set(UNITS) - AXIS_KEYS - {"njs"})


def flags(measures: Measures) -> dict[str, str]:
    return {flag.code: flag.severity for flag in measures.flags}


def speaks(measures: Measures) -> bool:
    """Every flag says something in English and in Chinese characters."""
    chinese = [flag.message("zh") for flag in measures.flags]
    return all(flag.message("en") for flag in measures.flags) and all(
        any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in chinese
    )


def holed(recording: Recording, *runs: tuple[int, int]) -> Recording:
    acc, gyr, measured = recording.acc.copy(), recording.gyr.copy(), recording.measured.copy()
    for first, count in runs:
        measured[first : first + count] = False
    acc[~measured] = np.nan
    gyr[~measured] = np.nan
    return replace(recording, acc=acc, gyr=gyr, measured=measured)


def shaken(recording: Recording, first: int, count: int, size: float) -> Recording:
    acc = recording.acc.copy()
    acc[first : first + count] += size * np.sin(np.arange(count) / 3.0)[:, None]
    return replace(recording, acc=acc)


@pytest.mark.parametrize("sway_rms", [0.03, 0.07, 0.3])
@pytest.mark.parametrize("seed", [0, 1])
def test_known_sway_comes_back(sway_rms: float, seed: int) -> None:
    person = stander(sway_rms=sway_rms, mounting=Mounting(noise=0.3), seed=seed)
    measures = quiet_stance.run(person.recording)
    assert measures.usable
    assert not [code for code, severity in flags(measures).items() if severity == "reject"]
    for key, true in person.truth.items():
        assert measures.values[key].value == pytest.approx(true, rel=0.04), key


def test_between_the_marks_it_is_as_if_trimmed() -> None:
    recording = stander(duration_s=40.0).recording
    marked = replace(recording, trial=Trial(started_s=3.0, stopped_s=33.0))
    assert quiet_stance.run(marked).values == quiet_stance.run(recording, (3.0, 33.0)).values
    assert quiet_stance.run(marked).values["duration_s"].value == 30.0


def test_a_loss_between_the_marks_shortens_what_counts() -> None:
    recording = holed(stander(duration_s=40.0).recording, (2000, 20))
    measures = quiet_stance.run(replace(recording, trial=Trial(started_s=3.0, stopped_s=33.0)))
    assert measures.values["duration_s"].value == pytest.approx(17.0)
    short = quiet_stance.run(replace(recording, trial=Trial(started_s=31.0, stopped_s=33.0)))
    assert flags(short)["stance_too_short"] == "reject"
    assert not short.usable


def test_keys_units_and_order_are_those_of_the_catalogue() -> None:
    measures = quiet_stance.run(stander().recording)
    assert {key: value.unit for key, value in measures.values.items()} == UNITS
    for entry in ENTRIES:
        assert entry.low <= measures.values[entry.key].value <= entry.high, entry.key


@pytest.mark.parametrize(
    "mounting",
    [
        Mounting(tilt_deg=40.0, noise=0.0),
        Mounting(side_tilt_deg=-25.0, noise=0.0),
        Mounting(tilt_deg=15.0, upside_down=True, noise=0.0),
        Mounting(heading_deg=130.0, noise=0.0),
    ],
)
def test_the_pose_of_the_sensor_changes_nothing_it_should_not(mounting: Mounting) -> None:
    plain = quiet_stance.run(stander(mounting=Mounting(noise=0.0)).recording).values
    other = quiet_stance.run(stander(mounting=mounting).recording).values
    keys = INVARIANT if mounting.heading_deg else [k for k in UNITS if k != "ellipse_angle_deg"]
    for key in keys:
        assert other[key].value == pytest.approx(plain[key].value, rel=1e-2), key


def test_upside_down_is_noticed() -> None:
    measures = quiet_stance.run(stander(mounting=Mounting(upside_down=True)).recording)
    assert flags(measures)["stance_turned_over"] == "info"
    assert speaks(measures)
    assert measures.usable


def test_without_a_heading_only_plane_measures_are_given() -> None:
    measures = quiet_stance.run(replace(stander().recording, heading_known=False))
    assert measures.usable
    assert flags(measures)["heading_unknown"] == "warn"
    assert speaks(measures)
    assert set(measures.values) == set(UNITS) - AXIS_KEYS


def test_a_sensor_on_its_side_has_no_believable_axes() -> None:
    measures = quiet_stance.run(stander(mounting=Mounting(tilt_deg=75.0)).recording)
    assert flags(measures)["stance_tilted"] == "warn"
    assert speaks(measures)
    assert set(measures.values) == set(UNITS) - AXIS_KEYS


@pytest.mark.parametrize(
    ("recording", "code"),
    [
        (walker(seed=2).recording, "walking_in_stance"),
        (walker(speed_m_s=0.3, cadence_per_min=60, turn=False, seed=2).recording, "walking_in_stance"),
        (shaken(stander().recording, 1500, 80, 3.0), "not_still"),
        (stander(duration_s=2.5).recording, "stance_too_short"),
        (holed(stander().recording, (1000, 26)), "gap_long"),
        (holed(stander().recording, (0, 3000)), "stance_too_short"),
        (replace(stander().recording, acc=0.88 * stander().recording.acc), "gravity_off"),
        (replace(stander().recording, acc=np.full((3000, 3), [9.81, 0.0, 0.0])), "sensor_frozen"),
        (replace(stander().recording, fs_hz=40.0), "rate_low"),
    ],
)
def test_what_is_no_quiet_stance_is_refused_by_name(recording: Recording, code: str) -> None:
    measures = quiet_stance.run(recording)
    assert flags(measures).get(code) == "reject"
    assert not measures.usable
    assert measures.values == {}
    assert speaks(measures)


@pytest.mark.parametrize(
    ("recording", "code"),
    [
        (stander(duration_s=6.0).recording, "stance_short"),
        (holed(stander().recording, (500, 5), (900, 1)), "gap_filled"),
        (holed(stander().recording, (1000, 20)), "stance_split"),
        (holed(stander().recording, *((i, 4) for i in range(100, 2900, 100))), "loss_high"),
        (shaken(stander().recording, 1500, 60, 1.0), "fidgeting"),
        (replace(stander().recording, acc=0.93 * stander().recording.acc), "gravity_off"),
        (replace(stander().recording, fs_hz=60.0), "rate_reduced"),
    ],
)
def test_what_is_doubtful_is_said_and_still_measured(recording: Recording, code: str) -> None:
    measures = quiet_stance.run(recording)
    assert flags(measures).get(code) == "warn"
    assert measures.usable
    assert measures.values["rms"].value > 0
    assert speaks(measures)


def test_a_short_loss_hardly_changes_the_sway() -> None:
    whole = quiet_stance.run(stander().recording).values
    lossy = quiet_stance.run(holed(stander().recording, *((i, 5) for i in range(200, 2800, 300)))).values
    for key in ("rms", "path", "jerk", "ellipse_area", "mean_frequency"):
        assert lossy[key].value == pytest.approx(whole[key].value, rel=0.02), key


def test_lost_ends_are_cut_off_without_complaint() -> None:
    measures = quiet_stance.run(holed(stander().recording, (0, 100), (2950, 50)))
    assert measures.values["n"].value == 2850
    assert "gap_long" not in flags(measures)


def test_clipping_withholds_peaks_and_jerk() -> None:
    recording = stander().recording
    acc = recording.acc.copy()
    acc[700:702, 2] = 19.6
    measures = quiet_stance.run(replace(recording, acc=np.clip(acc, -19.6, 19.6)))
    assert flags(measures)["clipped"] == "warn"
    assert not {"jerk", "range_ap", "njs"} & set(measures.values)


def test_the_filter_sees_the_whole_record_before_it_is_trimmed() -> None:
    recording = replace(stander().recording, start_s=2.0)
    trimmed = quiet_stance.run(recording, trim_s=(7.0, 27.0)).values
    cut = slice(500, 2500)
    before = replace(
        recording, acc=recording.acc[cut], gyr=recording.gyr[cut], measured=recording.measured[cut]
    )
    assert trimmed["n"].value == 2000
    assert trimmed["rms"].value == pytest.approx(quiet_stance.run(before).values["rms"].value, rel=0.02)
    assert trimmed["jerk"].value != quiet_stance.run(before).values["jerk"].value


@pytest.mark.parametrize("trim_s", [(-1.0, 5.0), (5.0, 31.0), (9.0, 9.0)])
def test_a_trim_outside_the_trial_is_a_mistake_of_the_caller(trim_s: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="outside"):
        quiet_stance.run(stander().recording, trim_s=trim_s)


def test_remarks_of_the_reader_are_kept_once() -> None:
    remarks = (
        Flag("axes_assumed", "info"),
        Flag("gap_long", "warn", {"longest_s": 1, "at_s": 0, "limit_s": 1}),
    )
    recording = replace(holed(stander().recording, (1000, 40)), remarks=remarks)
    measures = quiet_stance.run(recording)
    assert [flag.code for flag in measures.flags].count("gap_long") == 1
    assert flags(measures)["gap_long"] == "reject"
    assert "axes_assumed" in flags(measures)


def test_a_reject_of_the_reader_is_respected() -> None:
    recording = replace(stander().recording, remarks=(Flag("device_clock_jumped", "reject", {"samples": 4}),))
    measures = quiet_stance.run(recording)
    assert not measures.usable
    assert measures.values == {}


@pytest.mark.realdata
def test_force_plate_trials_through_the_whole_protocol(shared: Path) -> None:
    """Trunk acceleration made of force-plate data: the alignment removes a hair, nothing else."""
    oracle = json.loads((shared / "oracle/isway_open.json").read_text())["trials"]
    people = json.loads((shared / "data/balance/cop/reference.json").read_text())
    for name, values in oracle.items():
        x = np.loadtxt(shared / f"data/balance/cop/{name}.csv", delimiter=",", skiprows=1)[:, 2:]
        x = x / people[name]["mass_kg"]
        acc = np.column_stack([np.full(len(x), 9.81), x[:, 1], x[:, 0]])
        measures = quiet_stance.run(Recording(acc, np.zeros_like(acc), 100.0, np.ones(len(x), dtype=bool)))
        assert measures.usable
        for key, want in values["full60s_100hz"].items():
            if key not in ("ellipse_angle_deg", "mean_velocity"):
                assert measures.values[key].value == pytest.approx(want, rel=1e-3), (name, key)


@pytest.mark.realdata
def test_lumbar_rests_are_judged_and_equal_the_reference(shared: Path) -> None:
    oracle = json.loads((shared / "oracle/isway_lumbar_rest_open.json").read_text())["trials"]
    measured = 0
    for name, rest in oracle.items():
        x = np.loadtxt(shared / f"data/balance/turn/{name}.csv", delimiter=",", skiprows=1)[: rest["n_rest"]]
        acc, gyr = x[:, :3] * [1, -1, -1], x[:, 3:6] * [1, -1, -1]
        measures = quiet_stance.run(Recording(acc, gyr, 100.0, np.ones(len(x), dtype=bool)))
        assert measures.flags  # four to six seconds are short
        assert measures.usable == ("not_still" not in flags(measures))
        if measures.usable:
            measured += 1
            for key in INVARIANT:
                want = rest["xy_after_exact_alignment"][key]
                assert measures.values[key].value == pytest.approx(want, rel=1e-6), (name, key)
    assert measured >= len(oracle) - 2


@pytest.mark.realdata
def test_no_real_walk_passes_as_standing(shared: Path) -> None:
    walks = sorted((shared / "data/gait").glob("*.npz"))
    assert len(walks) == 63
    for path in walks:
        z = np.load(path)
        acc, gyr = z["lowback_acc"].astype(float), z["lowback_gyr"].astype(float)
        measures = quiet_stance.run(Recording(acc, gyr, float(z["fs_hz"]), np.ones(len(acc), dtype=bool)))
        assert not measures.usable, path.name
        assert {"walking_in_stance", "not_still"} & set(flags(measures)), path.name
