"""What every protocol owes to its callers, whatever it is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from gaitsignal.measures.catalogue import catalogue
from gaitsignal.pipeline import PROTOCOLS, measure
from gaitsignal.recording import FloatArray, Recording
from gaitsignal.result import Measures, to_json
from gaitsignal.synthetic import chair_stander, stander, tug_walker, walker

G = 9.81
N = 2000
TIMED = ("timed_up_and_go", "chair_stand_5x", "chair_stand_30s")


def made(acc: FloatArray, gyr: FloatArray, fs_hz: float = 100.0) -> Recording:
    measured = np.isfinite(acc).all(axis=1) & np.isfinite(gyr).all(axis=1)
    return Recording(acc, gyr, fs_hz, measured)


def constant(n: int = N) -> Recording:
    return made(np.tile([G, 0.0, 0.0], (n, 1)), np.zeros((n, 3)))


def noise(size: float, n: int = N) -> Recording:
    rng = np.random.default_rng(3)
    acc = np.array([G, 0.0, 0.0]) + size * rng.normal(size=(n, 3))
    return made(acc, 0.2 * size * rng.normal(size=(n, 3)))


def spinning() -> Recording:
    rng = np.random.default_rng(4)
    acc = np.array([G, 0.0, 0.0]) + 0.05 * rng.normal(size=(N, 3))
    gyr = np.array([3.0, 0.0, 0.0]) + 0.05 * rng.normal(size=(N, 3))
    return made(acc, gyr)


def everything_lost() -> Recording:
    return made(np.full((N, 3), np.nan), np.full((N, 3), np.nan))


def every_other_lost() -> Recording:
    recording = walker(seed=1).recording
    measured = np.arange(recording.n) % 40 < 25
    rows = measured[:, None]
    return replace(
        recording,
        acc=np.where(rows, recording.acc, np.nan),
        gyr=np.where(rows, recording.gyr, np.nan),
        measured=measured,
    )


HOSTILE: dict[str, Callable[[], Recording]] = {
    "constant": constant,
    "four seconds": lambda: noise(0.05, 400),
    "a second": lambda: noise(0.05, 100),
    "one row": lambda: noise(0.05, 1),
    "still": lambda: noise(0.02),
    "shaken": lambda: noise(8.0),
    "spinning": spinning,
    "every other quarter of a second lost": every_other_lost,
    "free fall": lambda: made(0.01 * np.random.default_rng(1).normal(size=(N, 3)), np.zeros((N, 3))),
}
GOOD: dict[str, Callable[[], Recording]] = {
    "walk": lambda: walker(seed=2).recording,
    "quiet_stance": lambda: stander(seed=2).recording,
    "timed_up_and_go": lambda: tug_walker(seed=2).recording,
    "chair_stand_5x": lambda: chair_stander(seed=2).recording,
    "chair_stand_30s": lambda: chair_stander(16, 1.1, 1.0, 0.1, seed=2).recording,
}


def check_contract(measures: Measures, protocol: str) -> None:
    assert measures.protocol == protocol
    rejecting = [flag for flag in measures.flags if flag.severity == "reject"]
    assert measures.usable is not bool(rejecting)
    if not measures.usable:
        assert measures.values == {}
    for key, value in measures.values.items():
        assert value.unit == catalogue()[key].unit
    for lang in ("en", "zh"):
        json.dumps(to_json(measures, lang), allow_nan=False)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_recordings_give_a_reason_and_no_crash(name: str, protocol: str) -> None:
    check_contract(measure(HOSTILE[name](), protocol), protocol)


@pytest.mark.parametrize("protocol", ["quiet_stance", *TIMED])
def test_a_recording_without_one_measured_sample_is_refused(protocol: str) -> None:
    check_contract(measure(everything_lost(), protocol), protocol)


@pytest.mark.parametrize("protocol", GOOD)
def test_a_good_recording_is_usable_and_inside_the_ranges(protocol: str) -> None:
    measures = measure(GOOD[protocol](), protocol)
    check_contract(measures, protocol)
    assert measures.usable, [flag.message() for flag in measures.flags]
    for key, value in measures.values.items():
        assert catalogue()[key].low <= value.value <= catalogue()[key].high, key


@pytest.mark.parametrize("protocol", GOOD)
def test_the_same_recording_gives_the_same_numbers(protocol: str) -> None:
    recording = GOOD[protocol]()
    copy = replace(recording, acc=recording.acc.copy(), gyr=recording.gyr.copy())
    assert measure(recording, protocol).values == measure(copy, protocol).values


@pytest.mark.parametrize("protocol", GOOD)
def test_nothing_is_written_into_the_recording(protocol: str) -> None:
    recording = GOOD[protocol]()
    acc, gyr = recording.acc.copy(), recording.gyr.copy()
    measure(recording, protocol)
    np.testing.assert_array_equal(recording.acc, acc)
    np.testing.assert_array_equal(recording.gyr, gyr)


@pytest.mark.parametrize("protocol", TIMED)
def test_a_recording_of_another_protocol_is_refused(protocol: str) -> None:
    for other in ("walk", "quiet_stance"):
        assert not measure(GOOD[other](), protocol).usable


def test_every_measure_of_the_catalogue_has_a_meaning_and_a_source() -> None:
    for key, entry in catalogue().items():
        assert key == entry.key
        assert entry.meaning
        assert entry.source
        assert entry.low < entry.high
