"""What every protocol and every measure must do, on one person for each protocol."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from gaitsignal.frames import vertical_alignment
from gaitsignal.measures.catalogue import ENTRIES, catalogue
from gaitsignal.measures.sway_catalogue import AXIS_KEYS
from gaitsignal.pipeline import PROTOCOLS, measure
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures, to_json
from gaitsignal.synthetic import chair_stander, holder, stander, tug_walker, walker
from gaitsignal.synthetic.mounting import Mounting

PEOPLE: dict[str, Callable[..., Recording]] = {
    "walk": lambda **how: walker(1.1, seed=2, **how).recording,
    "quiet_stance": lambda **how: stander(seed=2, **how).recording,
    "four_stage": lambda **how: holder(12.0, 0.15, lost=True, seed=2, **how).recording,
    "one_leg": lambda **how: holder(20.0, 0.2, lost=True, seed=2, **how).recording,
    "timed_up_and_go": lambda **how: tug_walker(seed=2, **how).recording,
    "chair_stand_5x": lambda **how: chair_stander(seed=2, **how).recording,
    "chair_stand_30s": lambda **how: chair_stander(13, seed=2, **how).recording,
    "sppb": lambda **how: walker(0.9, seed=2, **how).recording,
}
SAME = 0.02
UNITS = {"s", "m", "m/s", "m/s2", "m2/s4", "m2/s5", "Hz", "deg", "deg/s", "%", "1", "steps/min", "W", "W/kg"}


@cache
def measured(protocol: str) -> Measures:
    return measure(PEOPLE[protocol](), protocol)


def test_every_protocol_has_its_person() -> None:
    assert set(PEOPLE) == set(PROTOCOLS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_says_what_it_does(protocol: str) -> None:
    module = import_module(f"gaitsignal.protocols.{protocol}")
    assert protocol == module.PROTOCOL
    assert module.__doc__
    assert "Notes" in inspect.getdoc(module.run)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_right_person_is_measured(protocol: str) -> None:
    result = measured(protocol)
    assert result.protocol == protocol
    assert result.usable, [flag.code for flag in result.flags]
    assert result.values
    assert not [flag for flag in result.flags if flag.severity == "reject"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_value_keeps_its_promise(protocol: str) -> None:
    for key, value in measured(protocol).values.items():
        entry = catalogue()[key]
        assert value.unit == entry.unit, key
        assert math.isfinite(value.value), key
        assert entry.low <= value.value <= entry.high, (key, value.value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_events_lie_within_the_recording_and_in_order(protocol: str) -> None:
    recording, events = PEOPLE[protocol](), measured(protocol).events
    spans = [*events.walking_bouts, *events.turns, *(events.phases or ()), *(events.rises or ())]
    for span in spans:
        assert recording.start_s <= span.start_s <= span.end_s <= recording.start_s + recording.duration_s
    times = [contact.time_s for contact in events.initial_contacts]
    assert times == sorted(times)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_flags_speak_two_languages(protocol: str) -> None:
    for flag in measured(protocol).flags:
        assert flag.message("en")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in flag.message("zh"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_recording_gives_the_same_numbers(protocol: str) -> None:
    assert to_json(measure(PEOPLE[protocol](), protocol)) == to_json(measured(protocol))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_recording_is_left_as_it_was(protocol: str) -> None:
    recording = PEOPLE[protocol]()
    acc, gyr = recording.acc.copy(), recording.gyr.copy()
    acc.setflags(write=False)
    gyr.setflags(write=False)
    frozen = replace(recording, acc=acc, gyr=gyr)
    measure(frozen, protocol)
    np.testing.assert_array_equal(frozen.acc, recording.acc)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "mounting",
    [Mounting(tilt_deg=40.0), Mounting(tilt_deg=-15.0, side_tilt_deg=25.0), Mounting(upside_down=True)],
    ids=["tilted", "tilted sideways", "upside down"],
)
def test_mounting_does_not_matter(protocol: str, mounting: Mounting) -> None:
    """Within 2 %: measures that need no heading; a tilt turns the heading that a stance can't see."""
    plain, other = measured(protocol), measure(_turned(PEOPLE[protocol](), mounting.rotation()), protocol)
    for key, value in plain.values.items():
        if key not in AXIS_KEYS:
            assert key in other.values, key
            assert other.values[key].value == pytest.approx(value.value, rel=SAME, abs=1e-9), key


def _turned(recording: Recording, rotation: FloatArray) -> Recording:
    return replace(recording, acc=recording.acc @ rotation.T, gyr=recording.gyr @ rotation.T)


@pytest.mark.parametrize("protocol", ["quiet_stance", "four_stage", "one_leg"])
def test_the_heading_of_a_stance_survives_a_forward_tilt(protocol: str) -> None:
    recording = PEOPLE[protocol]()
    upright = vertical_alignment(recording.acc.mean(axis=0)).rotation
    level = _turned(recording, upright)
    plain, tilted = (measure(_turned(level, Mounting(tilt_deg=t).rotation()), protocol) for t in (0.0, 30.0))
    for key in ("rms_ap", "rms_ml"):
        assert tilted.values[key].value == pytest.approx(plain.values[key].value, rel=SAME)


def _noise(n: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    return np.array([9.81, 0.0, 0.0]) + 0.02 * rng.normal(size=(n, 3)), 0.01 * rng.normal(size=(n, 3))


def _plain(acc: FloatArray, gyr: FloatArray) -> Recording:
    return Recording(acc, gyr, 100.0, np.isfinite(acc).all(axis=1))


def _hostile() -> dict[str, Recording]:
    up = np.tile([9.81, 0.0, 0.0], (1500, 1))
    lost = np.full((1500, 3), np.nan)
    single = lost.copy()
    single[700] = up[0]
    rng = np.random.default_rng(1)
    return {
        "empty": _plain(np.zeros((0, 3)), np.zeros((0, 3))),
        **{f"{n} rows": _plain(*_noise(n)) for n in (1, 2, 15, 16, 40, 100, 290)},
        "constant": _plain(up, np.zeros((1500, 3))),
        "zeros": _plain(np.zeros((1500, 3)), np.zeros((1500, 3))),
        "all lost": _plain(lost, lost),
        "one measured row": _plain(single, single),
        "white noise": _plain(10.0 * rng.normal(size=(1500, 3)), 3.0 * rng.normal(size=(1500, 3))),
        "huge": _plain(up * 1e6 * rng.normal(1.0, 0.1, (1500, 3)), 1e6 * rng.normal(size=(1500, 3))),
        "without gravity": _plain(0.05 * rng.normal(size=(1500, 3)), 0.01 * rng.normal(size=(1500, 3))),
    }


HOSTILE = _hostile()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_no_test_is_refused_with_a_reason(protocol: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = measure(HOSTILE[name], protocol)
    document = to_json(result, "zh")
    assert not document["usable"]
    assert not document["measures"]
    assert [flag["message"] for flag in document["flags"] if flag["severity"] == "reject"]


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(ValueError, match="no protocol 'hop'"):
        measure(stander().recording, "hop")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_every_measure_is_described(entry) -> None:
    assert entry.unit in UNITS
    assert entry.low < entry.high
    assert len(entry.meaning) > 10
    assert any(letter.isdigit() for letter in entry.source) or entry.source.startswith("gaitsignal")


def test_no_key_stands_twice_in_the_catalogue() -> None:
    assert len(catalogue()) == len(ENTRIES)


def test_every_measure_comes_out_of_some_protocol() -> None:
    """Those that need a body mass, a stopwatch, a long walk or their own part are measured in tests of their own."""
    seen = {key for protocol in PROTOCOLS for key in measured(protocol).values}
    elsewhere = {
        "chair_power",
        "chair_power_relative",
        "local_divergence",
        "sppb_chair_points",
        "timed_walking_speed",
    }
    assert set(catalogue()) - seen == elsewhere
