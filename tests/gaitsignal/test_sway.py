"""Sway measures: closed forms first, then two independent codes and published centre-of-pressure values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gaitsignal.filters import lowpass
from gaitsignal.frames import AP, ML, rotation_to_vertical
from gaitsignal.measures.catalogue_entry import CatalogueEntry
from gaitsignal.measures.sway import LOWPASS_HZ, sway
from gaitsignal.measures.sway_catalogue import AXIS_KEYS, ENTRIES, NOT_FOR_FLAGGING, UNITS

FS = 100.0
COP_BAND = (0.15, 5.0)


def circle(radius: float = 0.1, turns: int = 15, seconds: float = 30.0) -> tuple[np.ndarray, np.ndarray]:
    angle = 2 * np.pi * turns * np.arange(round(seconds * FS)) / (seconds * FS)
    return radius * np.cos(angle), radius * np.sin(angle)


def noise(seed: int = 3, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    ap, ml = np.random.default_rng(seed).normal(size=(2, n)) * [[0.05], [0.02]]
    return lowpass(ap, LOWPASS_HZ, FS), lowpass(ml, LOWPASS_HZ, FS)


def test_a_circle_has_its_textbook_values() -> None:
    m = sway(*circle(radius=0.1, turns=15), FS)
    omega = 2 * np.pi * 0.5
    assert m["dist"] == pytest.approx(0.1)
    assert m["rms"] == pytest.approx(0.1)
    assert m["rms_ap"] == pytest.approx(0.1 / np.sqrt(2))
    assert m["range_ml"] == pytest.approx(0.2)
    assert m["path"] == pytest.approx(0.1 * omega * 30, rel=1e-3)
    assert m["mean_frequency"] == pytest.approx(0.5, rel=1e-3)
    assert m["jerk"] == pytest.approx(0.5 * (0.1 * omega) ** 2 * 30, rel=2e-3)
    assert m["mean_velocity"] == pytest.approx(0.1 / omega, rel=0.1)
    assert m["sway_area_per_s"] == pytest.approx(0.5 * 0.1**2 * omega, rel=1e-3)
    assert m["ellipse_area"] == pytest.approx(2 * np.pi * 3.0 * 0.1**2 / 2, rel=0.01)
    for axis in ("ap", "ml"):
        assert m[f"fpeak_{axis}"] == pytest.approx(0.5)
        assert m[f"f50_{axis}"] == pytest.approx(0.5)
        assert m[f"power_{axis}"] == pytest.approx(0.1**2 / 2, rel=0.02)
        assert m[f"freqd_{axis}"] < 0.15


def test_the_ellipse_follows_the_sway_direction() -> None:
    ap, ml = noise()
    turned = 0.6 * ap - 0.8 * ml, 0.8 * ap + 0.6 * ml
    straight, other = sway(ap, ml, FS), sway(*turned, FS)
    by = np.degrees(np.arctan2(0.8, 0.6))
    assert other["ellipse_angle_deg"] == pytest.approx((straight["ellipse_angle_deg"] + by) % 180)


def test_plane_measures_do_not_depend_on_heading() -> None:
    ap, ml = noise()
    straight, other = sway(ap, ml, FS), sway(0.6 * ap - 0.8 * ml, 0.8 * ap + 0.6 * ml, FS)
    for key in set(UNITS) - AXIS_KEYS - {"njs"}:
        assert other[key] == pytest.approx(straight[key], rel=1e-9), key


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_every_measure_scales_with_its_unit(factor: float) -> None:
    ap, ml = noise()
    one, many = sway(ap, ml, FS), sway(factor * ap, factor * ml, FS)
    for key, unit in UNITS.items():
        power = {"m/s2": 1, "m/s": 1, "m2/s5": 2, "m2/s4": 2}.get(unit, 0)
        assert many[key] == pytest.approx(factor**power * one[key], rel=1e-9), key


def test_an_offset_changes_nothing() -> None:
    ap, ml = noise()
    one, other = sway(ap, ml, FS), sway(ap + 0.4, ml - 0.2, FS)
    assert other == pytest.approx(one, rel=1e-6)


def test_jerk_of_a_trial_twice_as_long_is_twice_as_large() -> None:
    short, long = sway(*circle(seconds=30, turns=15), FS), sway(*circle(seconds=60, turns=30), FS)
    assert long["jerk"] == pytest.approx(2 * short["jerk"], rel=1e-2)


@pytest.mark.parametrize("off", [-1e-9, 1e-9])
def test_a_rate_off_by_rounding_loses_no_bin_at_the_border(off: float) -> None:
    ap, ml = noise(n=6000)  # bins fall exactly on 0.15 and 3.5 Hz
    assert sway(ap, ml, FS * (1 + off)) == pytest.approx(sway(ap, ml, FS), rel=1e-7)


@pytest.mark.parametrize(
    ("ap", "ml", "why"),
    [
        (np.ones(100), np.ones(100), "constant"),
        (np.r_[np.ones(99), np.nan], np.ones(100), "not finite"),
        (np.ones(100), np.ones(99), "equal length"),
        (np.ones(5), np.zeros(5), ">= 16"),
    ],
)
def test_signals_without_sway_are_refused(ap: np.ndarray, ml: np.ndarray, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        sway(ap, ml, FS)


def test_the_catalogue_and_the_measures_have_the_same_keys() -> None:
    assert [entry.key for entry in ENTRIES] == list(UNITS)
    assert set(UNITS) == set(sway(*noise(), FS))
    assert all(isinstance(entry, CatalogueEntry) and entry.low < entry.high for entry in ENTRIES)
    assert all(entry.meaning and entry.source for entry in ENTRIES)


def test_the_catalogue_says_what_must_not_judge_a_person() -> None:
    assert {"f50_ap", "f95_res", "freqd_ml", "njs", "mean_velocity"} <= NOT_FOR_FLAGGING
    assert not {"rms", "rms_ml", "path", "jerk", "ellipse_area"} & NOT_FOR_FLAGGING


def trial(shared: Path, name: str) -> np.ndarray:
    """(n, 4) cop_ap_cm, cop_ml_cm, fx_n, fy_n."""
    return np.loadtxt(shared / f"data/balance/cop/{name}.csv", delimiter=",", skiprows=1)


@pytest.mark.realdata
@pytest.mark.parametrize("variant", ["full60s_100hz", "mid30s_100hz", "nofilter_band5"])
def test_force_plate_trials_equal_the_reference(shared: Path, variant: str) -> None:
    oracle = json.loads((shared / "oracle/isway_open.json").read_text())["trials"]
    people = json.loads((shared / "data/balance/cop/reference.json").read_text())
    assert len(oracle) == 32
    for name, values in oracle.items():
        rows = slice(1500, 4500) if variant.startswith("mid") else slice(None)
        x = trial(shared, name)[rows, 2:] / people[name]["mass_kg"]
        filtered = variant != "nofilter_band5"
        x = lowpass(x, LOWPASS_HZ, FS) if filtered else x
        got = sway(x[:, 0], x[:, 1], FS) if filtered else sway(x[:, 0], x[:, 1], FS, COP_BAND)
        assert got == pytest.approx(values[variant], rel=1e-9), name


@pytest.mark.realdata
def test_lumbar_rests_equal_the_reference(shared: Path) -> None:
    oracle = json.loads((shared / "oracle/isway_lumbar_rest_open.json").read_text())["trials"]
    for name, trial_values in oracle.items():
        x = np.loadtxt(shared / f"data/balance/turn/{name}.csv", delimiter=",", skiprows=1)
        acc = (x[:, :3] * [1, -1, -1])[: trial_values["n_rest"]]
        acc = lowpass(acc @ rotation_to_vertical(acc.mean(axis=0)).T, LOWPASS_HZ, FS)
        got = sway(acc[:, AP], acc[:, ML], FS)
        want = trial_values["xy_after_exact_alignment"]
        for key in set(want) - AXIS_KEYS - {"njs"}:
            assert got[key] == pytest.approx(want[key], rel=1e-9), (name, key)


@pytest.mark.realdata
def test_centre_of_pressure_equals_the_published_values(shared: Path) -> None:
    people = json.loads((shared / "data/balance/cop/reference.json").read_text())
    for name, person in people.items():
        x = trial(shared, name)
        got = sway(x[:, 0], x[:, 1], FS, COP_BAND)
        published = person["published"]
        assert got["ellipse_area"] == pytest.approx(published["cop_area_cm2"], rel=1e-9)
        assert got["path"] / got["duration_s"] == pytest.approx(published["cop_mean_velocity_cm_s"], rel=1e-9)


@pytest.mark.realdata
def test_centre_of_pressure_equals_an_independent_code(shared: Path) -> None:
    """Quijoux 2021 after the conversions of conventions (1/n covariance, sums of bins, n - 1 steps)."""
    oracle = json.loads((shared / "oracle/cop_quijoux_open.json").read_text())["trials"]
    for name, variants in oracle.items():
        want = variants["raw100"]
        x = trial(shared, name)
        got, n = sway(x[:, 0], x[:, 1], FS, COP_BAND), x.shape[0]
        assert got["dist"] == pytest.approx(want["mean_distance_Radius"], rel=1e-9)
        assert got["rms"] == pytest.approx(want["rms_Radius"], rel=1e-9)
        assert got["ellipse_area"] == pytest.approx(
            want["confidence_ellipse_area_ML_AND_AP"] * n / (n - 1), rel=1e-9
        )
        assert got["sway_area_per_s"] == pytest.approx(
            want["sway_area_per_second_ML_AND_AP"] * (n - 1) / n, rel=1e-9
        )
        for ours, theirs in (("ap", "AP"), ("ml", "ML")):
            spectrum = f"Power_Spectrum_Density_{theirs}"
            total = want[f"total_power_{spectrum}"] * FS / n
            assert got[f"power_{ours}"] == pytest.approx(total, rel=1e-9)
            assert got[f"f50_{ours}"] == pytest.approx(want[f"power_frequency_50_{spectrum}"], rel=1e-9)
            assert got[f"f95_{ours}"] == pytest.approx(want[f"power_frequency_95_{spectrum}"], rel=1e-9)
            assert got[f"fpeak_{ours}"] == pytest.approx(want[f"frequency_mode_{spectrum}"], rel=1e-9)
            assert got[f"cfreq_{ours}"] == pytest.approx(want[f"centroid_frequency_{spectrum}"], rel=1e-9)
            assert got[f"freqd_{ours}"] == pytest.approx(want[f"frequency_dispersion_{spectrum}"], rel=1e-9)
