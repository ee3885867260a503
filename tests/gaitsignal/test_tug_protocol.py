"""The timed up and go of people whose every border is known, and of recordings that are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal.measures.catalogue import catalogue
from gaitsignal.pipeline import measure
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures, to_json
from gaitsignal.synthetic import SyntheticTug, chair_stander, stander, tug_walker, walker
from gaitsignal.synthetic.mounting import Mounting
from gaitsignal.worn_site import site_of

PROTOCOL = "timed_up_and_go"
NAMES = ["stand_up", "walk_1", "turn_1", "walk_2", "turn_2", "sit_down"]


def codes(measures: Measures) -> set[str]:
    return {flag.code for flag in measures.flags}


def rows(recording: Recording, first_s: float, stop_s: float) -> Recording:
    span = slice(round(first_s * recording.fs_hz), round(stop_s * recording.fs_hz))
    return replace(
        recording,
        acc=recording.acc[span],
        gyr=recording.gyr[span],
        measured=recording.measured[span],
        start_s=span.start / recording.fs_hz,
    )


def joined(*parts: Recording) -> Recording:
    return replace(
        parts[0],
        acc=np.concatenate([part.acc for part in parts]),
        gyr=np.concatenate([part.gyr for part in parts]),
        measured=np.concatenate([part.measured for part in parts]),
    )


def check_borders(tug: SyntheticTug, measures: Measures, within_s: float) -> None:
    assert measures.usable, [flag.message() for flag in measures.flags]
    assert measures.events.phases is not None
    assert [phase.name for phase in measures.events.phases] == NAMES
    for found, true in zip(measures.events.phases, tug.phases, strict=True):
        assert found.start_s == pytest.approx(true.start_s, abs=within_s), found.name
        assert found.end_s == pytest.approx(true.end_s, abs=within_s), found.name


@pytest.fixture(scope="module")
def tug() -> SyntheticTug:
    return tug_walker(seed=4)


@pytest.fixture(scope="module")
def plain(tug: SyntheticTug) -> Measures:
    return measure(tug.recording, PROTOCOL)


@given(
    speed=st.floats(0.6, 1.3),
    rise=st.floats(0.9, 2.0),
    turn=st.floats(1.4, 3.0),
    lean=st.floats(25.0, 50.0),
    seed=st.integers(0, 100),
)
@settings(max_examples=12, deadline=None)
def test_borders_of_anybody_from_the_lower_back(
    speed: float, rise: float, turn: float, lean: float, seed: int
) -> None:
    tug = tug_walker(
        speed, 66.0 + 40.0 * speed, rise_s=rise, sit_s=rise + 0.2, turn_s=turn, lean_deg=lean, seed=seed
    )
    measures = measure(tug.recording, PROTOCOL)
    check_borders(tug, measures, 0.55)
    assert measures.values["tug_total"].value == pytest.approx(tug.truth["tug_total"], abs=0.5)


@pytest.mark.parametrize("seed", range(4))
def test_borders_from_the_thigh(seed: int) -> None:
    tug = tug_walker(site="thigh", seed=seed)
    measures = measure(tug.recording, PROTOCOL)
    check_borders(tug, measures, 0.6)
    assert "tug_rise_lean" not in measures.values


def test_a_frail_person_is_timed_within_four_per_cent() -> None:
    tug = tug_walker(0.4, 72.0, rise_s=2.6, sit_s=2.8, turn_s=4.0, seed=1)
    total = measure(tug.recording, PROTOCOL).values["tug_total"].value
    assert total == pytest.approx(tug.truth["tug_total"], rel=0.04)


def test_a_slow_test_from_the_thigh_is_doubted() -> None:
    tug = tug_walker(0.4, 72.0, site="thigh", rise_s=2.6, sit_s=2.8, turn_s=4.0, seed=1)
    measures = measure(tug.recording, PROTOCOL)
    assert "tug_thigh_slow" in codes(measures)
    assert measures.values["tug_total"].value == pytest.approx(tug.truth["tug_total"], abs=2.0)


def test_turns_and_lean_have_their_size(tug: SyntheticTug, plain: Measures) -> None:
    for number in (1, 2):
        assert plain.values[f"tug_turn_{number}_angle"].value == pytest.approx(180.0, abs=12.0)
        assert plain.values[f"tug_turn_{number}_peak_rate"].value == pytest.approx(164.0, rel=0.15)
    assert plain.values["tug_rise_lean"].value == pytest.approx(tug.truth["tug_rise_lean"], abs=3.0)
    assert len(plain.events.turns) == 2


def test_phases_add_up_to_the_total(plain: Measures) -> None:
    phases = sum(plain.values[f"tug_{name}"].value for name in NAMES)
    assert phases == pytest.approx(plain.values["tug_total"].value)


def test_units_and_ranges_are_those_of_the_catalogue(plain: Measures) -> None:
    for key, value in plain.values.items():
        entry = catalogue()[key]
        assert value.unit == entry.unit
        assert entry.low <= value.value <= entry.high, key


def test_the_document_lists_the_phases(plain: Measures) -> None:
    document = to_json(plain)
    assert [phase["name"] for phase in document["events"]["phases"]] == NAMES
    assert set(document["events"]["phases"][0]) == {"name", "start_s", "end_s"}
    assert "rises" not in document["events"]


@pytest.mark.parametrize(
    "mounting",
    [
        Mounting(tilt_deg=35.0),
        Mounting(upside_down=True),
        Mounting(heading_deg=130.0, side_tilt_deg=25.0),
        Mounting(noise=3.0),
    ],
)
def test_the_pose_of_the_sensor_does_not_matter(plain: Measures, mounting: Mounting) -> None:
    worn = measure(tug_walker(seed=4, mounting=mounting).recording, PROTOCOL)
    for key in ("tug_total", "tug_turn_1", "tug_turn_1_peak_rate", "tug_rise_lean"):
        assert worn.values[key].value == pytest.approx(plain.values[key].value, rel=0.04), key


@pytest.mark.parametrize("fs_hz", [50.0, 128.0, 200.0])
def test_the_rate_does_not_matter(plain: Measures, fs_hz: float) -> None:
    other = measure(tug_walker(seed=4, fs_hz=fs_hz).recording, PROTOCOL)
    assert other.values["tug_total"].value == pytest.approx(plain.values["tug_total"].value, abs=0.25)


def test_walking_and_standing_before_the_test_are_passed_over(tug: SyntheticTug, plain: Measures) -> None:
    before = walker(seed=2).recording
    measures = measure(joined(before, tug.recording), PROTOCOL)
    assert measures.usable
    assert measures.values["tug_total"].value == pytest.approx(plain.values["tug_total"].value, abs=0.1)
    assert measures.events.phases is not None
    assert measures.events.phases[0].start_s > before.duration_s


def test_of_two_tests_the_first_is_measured_and_the_other_named(tug: SyntheticTug, plain: Measures) -> None:
    measures = measure(joined(tug.recording, tug.recording), PROTOCOL)
    assert "tug_several" in codes(measures)
    assert measures.values["tug_total"].value == pytest.approx(plain.values["tug_total"].value, abs=0.1)


@pytest.mark.parametrize("site", ["lower_back", "thigh"])
def test_other_recordings_are_no_tug(site: str) -> None:
    others = [
        stander(seed=1).recording,
        walker(seed=1).recording,
        walker(steps=6, seed=2).recording,
        chair_stander(seed=1).recording,
    ]
    for recording in others:
        measures = measure(replace(recording, site=site), PROTOCOL)
        assert not measures.usable
        assert "not_a_tug" in codes(measures)
        assert measures.events.phases == ()
        assert measures.values == {}


def test_half_a_test_is_no_tug(tug: SyntheticTug) -> None:
    names = {phase.name: phase for phase in tug.phases}
    cuts = [
        rows(tug.recording, 0.0, names["turn_2"].start_s),
        rows(tug.recording, 0.0, names["walk_2"].start_s + 0.3),
        rows(tug.recording, names["walk_1"].end_s, tug.recording.duration_s),
        rows(tug.recording, names["walk_1"].start_s + 0.4, names["turn_2"].start_s),
    ]
    for cut in cuts:
        assert "not_a_tug" in codes(measure(cut, PROTOCOL))


def test_the_refusal_says_what_was_seen() -> None:
    (flag,) = [f for f in measure(walker(seed=1).recording, PROTOCOL).flags if f.code == "not_a_tug"]
    assert flag.fields["half_turns"] == 1
    for lang in ("en", "zh"):
        assert "180" in flag.message(lang)


@pytest.mark.parametrize("lost", [3, 12, 40])
def test_a_hole_in_the_test(tug: SyntheticTug, plain: Measures, lost: int) -> None:
    recording = tug.recording
    measured = recording.measured.copy()
    row = round(tug.phases[1].end_s * recording.fs_hz)
    measured[row : row + lost] = False
    acc, gyr = recording.acc.copy(), recording.gyr.copy()
    acc[~measured] = gyr[~measured] = np.nan
    measures = measure(replace(recording, acc=acc, gyr=gyr, measured=measured), PROTOCOL)
    assert {3: "gap_filled", 12: "timed_gap", 40: "gap_long"}[lost] in codes(measures)
    assert measures.usable is (lost < 40)
    if measures.usable:
        assert measures.values["tug_total"].value == pytest.approx(plain.values["tug_total"].value, abs=0.1)


def test_a_hole_outside_the_test_does_no_harm(tug: SyntheticTug) -> None:
    measured = tug.recording.measured.copy()
    measured[20:80] = False
    acc: FloatArray = np.where(measured[:, None], tug.recording.acc, np.nan)
    gyr: FloatArray = np.where(measured[:, None], tug.recording.gyr, np.nan)
    assert measure(replace(tug.recording, acc=acc, gyr=gyr, measured=measured), PROTOCOL).usable


def test_a_sensor_on_the_thigh_said_to_be_on_the_back_is_recognised() -> None:
    tug = tug_walker(site="thigh", seed=2)
    wrong = measure(replace(tug.recording, site="lower_back"), PROTOCOL)
    right = measure(tug.recording, PROTOCOL)
    assert "site_looks_like_thigh" in codes(wrong)
    assert wrong.values["tug_total"] == right.values["tug_total"]


def test_other_places_are_refused(tug: SyntheticTug) -> None:
    measures = measure(replace(tug.recording, site="wrist"), PROTOCOL)
    assert codes(measures) == {"site_not_supported"}


def test_a_silent_gyroscope_is_refused(tug: SyntheticTug) -> None:
    silent = replace(tug.recording, gyr=np.zeros_like(tug.recording.gyr))
    assert "gyro_silent" in codes(measure(silent, PROTOCOL))


@pytest.mark.parametrize(
    ("words", "site"),
    [
        ("lower_back", "lower_back"),
        ("L5", "lower_back"),
        ("lumbar spine", "lower_back"),
        ("thigh", "thigh"),
        ("left-thigh", "thigh"),
        ("left front trouser pocket", "thigh"),
        ("wrist", None),
        ("upper_back", None),
    ],
)
def test_sites_by_their_words(tug: SyntheticTug, words: str, site: str | None) -> None:
    assert site_of(replace(tug.recording, site=words)) == site


def test_times_are_on_the_axis_of_the_recording(tug: SyntheticTug, plain: Measures) -> None:
    later = measure(replace(tug.recording, start_s=50.0), PROTOCOL)
    assert later.events.phases is not None
    assert plain.events.phases is not None
    assert later.events.phases[0].start_s == pytest.approx(plain.events.phases[0].start_s + 50.0)
