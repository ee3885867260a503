"""Chair stands of people whose every rise is known, and of recordings that are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitsignal.measures.catalogue import catalogue
from gaitsignal.measures.chair import Sitter
from gaitsignal.pipeline import measure
from gaitsignal.protocols import chair_stand_5x, chair_stand_30s
from gaitsignal.recording import Recording
from gaitsignal.result import Measures, to_json
from gaitsignal.synthetic import SyntheticChairTest, chair_stander, stander, tug_walker, walker
from gaitsignal.synthetic.mounting import Mounting

FIVE, THIRTY = "chair_stand_5x", "chair_stand_30s"


def codes(measures: Measures) -> set[str]:
    return {flag.code for flag in measures.flags}


def cut(recording: Recording, stop_s: float) -> Recording:
    stop = round(stop_s * recording.fs_hz)
    return replace(
        recording, acc=recording.acc[:stop], gyr=recording.gyr[:stop], measured=recording.measured[:stop]
    )


@pytest.fixture(scope="module")
def five() -> SyntheticChairTest:
    return chair_stander(seed=3)


@pytest.fixture(scope="module")
def plain(five: SyntheticChairTest) -> Measures:
    return measure(five.recording, FIVE)


@given(
    rise=st.floats(0.8, 2.6),
    pause=st.floats(0.05, 0.8),
    height=st.floats(0.28, 0.5),
    lean=st.floats(15.0, 50.0),
    seed=st.integers(0, 100),
)
@settings(max_examples=12, deadline=None)
def test_five_rises_of_anybody(rise: float, pause: float, height: float, lean: float, seed: int) -> None:
    test = chair_stander(5, rise, rise * 0.9, pause, rise_height_m=height, lean_deg=lean, seed=seed)
    measures = measure(test.recording, FIVE)
    assert measures.usable, [flag.message() for flag in measures.flags]
    assert measures.values["repetitions"].value == 5
    for key in ("total_time", "total_time_to_seat"):
        assert measures.values[key].value == pytest.approx(test.truth[key], abs=0.5), key
    assert measures.values["rise_height"].value == pytest.approx(height, rel=0.1)
    assert measures.events.rises is not None
    for found, true in zip(measures.events.rises, test.rises, strict=True):
        assert found.start_s == pytest.approx(true.start_s, abs=0.6)
        assert found.end_s == pytest.approx(true.end_s, abs=0.25)


@pytest.mark.parametrize(("rise_s", "repetitions"), [(0.75, 24), (1.1, 16), (2.4, 8)])
def test_stands_in_thirty_seconds(rise_s: float, repetitions: int) -> None:
    test = chair_stander(repetitions, rise_s, rise_s, 0.1, seed=repetitions)
    measures = measure(test.recording, THIRTY)
    bell = test.rises[-1].end_s - test.truth["total_time"] + 30.0
    sure = sum(rise.end_s <= bell for rise in test.rises)
    possible = sum(rise.start_s < bell for rise in test.rises)
    assert sure <= measures.values["repetitions"].value <= possible
    assert measures.values["total_time"].value <= 30.0
    assert "total_time_to_seat" not in measures.values


def test_more_than_half_way_up_at_the_bell_counts() -> None:
    counts = []
    for still_s in (3.5, 4.5):  # the length of the rest moves nothing: the clock starts with the person
        test = chair_stander(12, 1.5, 1.3, 0.1, still_s=still_s, seed=5)
        counts.append(measure(test.recording, THIRTY).values["repetitions"].value)
    bell = test.rises[-1].end_s - test.truth["total_time"] + 30.0
    half_way = [(rise.start_s + rise.end_s) / 2.0 for rise in test.rises]
    assert counts[0] == counts[1] == sum(t < bell for t in half_way)


def test_thirty_seconds_that_were_not_recorded_are_refused(five: SyntheticChairTest) -> None:
    measures = measure(five.recording, THIRTY)
    assert "chair_cut_short" in codes(measures)
    assert measures.values == {}


def test_somebody_who_stops_early_has_stood_as_often_as_he_did() -> None:
    test = chair_stander(4, still_s=22.0, seed=2)
    assert measure(test.recording, THIRTY).values["repetitions"].value == 4


@pytest.mark.parametrize("repetitions", [2, 4])
def test_too_few_rises_are_refused_with_what_was_seen(repetitions: int) -> None:
    measures = measure(chair_stander(repetitions, seed=1).recording, FIVE)
    (flag,) = [flag for flag in measures.flags if flag.code == "too_few_rises"]
    assert flag.severity == "reject"
    assert flag.fields["found"] == repetitions
    assert measures.events.rises == ()


def test_of_seven_rises_five_are_measured_and_the_count_is_doubted() -> None:
    test = chair_stander(7, seed=1)
    measures = measure(test.recording, FIVE)
    assert "rises_miscounted" in codes(measures)
    assert measures.events.rises is not None
    assert len(measures.events.rises) == 5
    fifth = test.rises[4].end_s - test.rises[-1].end_s + test.truth["total_time"]
    assert measures.values["total_time"].value == pytest.approx(fifth, abs=0.3)


def test_a_test_cut_before_the_last_seat_contact_has_one_end(five: SyntheticChairTest) -> None:
    measures = measure(cut(five.recording, five.rises[-1].end_s + 0.15), FIVE)
    assert "total_time_to_seat" not in measures.values
    assert measures.values["total_time"].value == pytest.approx(five.truth["total_time"], abs=0.4)


@pytest.mark.parametrize("protocol", [FIVE, THIRTY])
def test_other_recordings_are_no_chair_test(protocol: str) -> None:
    for recording in (stander(duration_s=40.0).recording, walker(steps=30).recording):
        measures = measure(recording, protocol)
        assert "too_few_rises" in codes(measures)
        assert not measures.usable
    assert not measure(tug_walker(seed=1).recording, FIVE).usable


def test_the_thigh_is_refused_by_name() -> None:
    assert codes(measure(tug_walker(site="thigh").recording, FIVE)) == {"chair_site"}


@pytest.mark.parametrize(
    "mounting",
    [Mounting(tilt_deg=40.0), Mounting(upside_down=True), Mounting(heading_deg=200.0), Mounting(noise=3.0)],
)
def test_the_pose_of_the_sensor_does_not_matter(plain: Measures, mounting: Mounting) -> None:
    worn = measure(chair_stander(seed=3, mounting=mounting).recording, FIVE)
    for key in ("total_time", "rise_height", "rise_lean"):
        assert worn.values[key].value == pytest.approx(plain.values[key].value, rel=0.05), key


@pytest.mark.parametrize("fs_hz", [50.0, 128.0, 200.0])
def test_the_rate_does_not_matter(plain: Measures, fs_hz: float) -> None:
    other = measure(chair_stander(seed=3, fs_hz=fs_hz).recording, FIVE)
    assert other.values["total_time"].value == pytest.approx(plain.values["total_time"].value, abs=0.2)


def test_without_gyroscope_the_rises_are_still_found(five: SyntheticChairTest) -> None:
    silent = replace(five.recording, gyr=np.zeros_like(five.recording.gyr))
    measures = measure(silent, FIVE)
    assert "gyroscope_silent" in codes(measures)
    assert "rise_lean" not in measures.values
    assert measures.values["repetitions"].value == 5


def test_tremor_is_no_rise() -> None:
    test = chair_stander(tremor=0.5, seed=4)
    measures = measure(test.recording, FIVE)
    assert measures.values["total_time"].value == pytest.approx(test.truth["total_time"], abs=0.7)


def test_units_and_ranges_are_those_of_the_catalogue(plain: Measures) -> None:
    for key, value in plain.values.items():
        entry = catalogue()[key]
        assert value.unit == entry.unit
        assert entry.low <= value.value <= entry.high, key


def test_the_document_lists_the_rises(plain: Measures) -> None:
    document = to_json(plain)
    assert len(document["events"]["rises"]) == 5
    assert set(document["events"]["rises"][0]) == {"start_s", "end_s"}
    assert "phases" not in document["events"]


def test_power_needs_mass_and_seat(five: SyntheticChairTest) -> None:
    assert "chair_power" not in chair_stand_5x.run(five.recording).values
    sitter = Sitter(mass_kg=60.0, seat_height_m=0.44)
    values = chair_stand_5x.run(five.recording, sitter).values
    expected = 0.9 * 9.81 * (0.5 * 1.62 - 0.44) / (0.1 * values["total_time"].value)
    assert values["chair_power_relative"].value == pytest.approx(expected)
    assert values["chair_power"].value == pytest.approx(60.0 * expected)


def test_power_of_thirty_seconds_counts_repetitions() -> None:
    test = chair_stander(16, 1.1, 1.0, 0.1)
    values = chair_stand_30s.run(test.recording, Sitter(60.0, 0.44)).values
    expected = 0.9 * 9.81 * (0.5 * 1.62 - 0.44) * values["repetitions"].value / 15.0
    assert values["chair_power_relative"].value == pytest.approx(expected)


def joined(first: Recording, second: Recording) -> Recording:
    return replace(
        first,
        acc=np.concatenate([first.acc, second.acc]),
        gyr=np.concatenate([first.gyr, second.gyr]),
        measured=np.concatenate([first.measured, second.measured]),
    )


def test_an_attempt_that_stays_low_does_not_count() -> None:
    low = chair_stander(1, 1.2, 1.1, rise_height_m=0.18, still_s=2.0, seed=1).recording
    measures = measure(joined(low, chair_stander(5, seed=1).recording), FIVE)
    assert "rises_miscounted" in codes(measures)
    assert measures.events.rises is not None
    assert measures.events.rises[0].start_s > low.duration_s


def test_ways_up_and_down_take_their_time(five: SyntheticChairTest, plain: Measures) -> None:
    ups = np.mean([rise.end_s - rise.start_s for rise in five.rises])
    assert plain.values["rise_time"].value == pytest.approx(ups, abs=0.25)
    assert plain.values["sit_time"].value == pytest.approx(0.65 * 1.2, abs=0.2)
    assert 40.0 < plain.values["rise_pitch_rate"].value < 200.0


def test_a_long_pause_is_named() -> None:
    first, second = chair_stander(3, seed=1).recording, chair_stander(2, still_s=8.0, seed=2).recording
    measures = measure(joined(first, second), FIVE)
    assert measures.usable
    assert "rises_paused" in codes(measures)


def test_a_hole_in_the_test_rejects(five: SyntheticChairTest) -> None:
    measured = five.recording.measured.copy()
    row = round(five.rises[2].start_s * five.recording.fs_hz)
    measured[row : row + 30] = False
    acc = np.where(measured[:, None], five.recording.acc, np.nan)
    gyr = np.where(measured[:, None], five.recording.gyr, np.nan)
    measures = measure(replace(five.recording, acc=acc, gyr=gyr, measured=measured), FIVE)
    assert "gap_long" in codes(measures)
    assert not measures.usable
