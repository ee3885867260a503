"""Where packets belong after a new link: a sensor that ran on, and one that only says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteogait.acquire.track import Track
from osteogait.devices.driver import LossClass, Samples, Stream

STREAM = Stream(rate_hz=100.0, tick_hz=1_000_000, packet_samples=5, boot_id=7)
NS = 1_000_000_000


def packet(index: int, seq: int, at_s: float) -> tuple[int, Samples]:
    """Five samples, the first of which was taken at `at_s`; heard 60 ms later."""
    values = np.zeros((5, 3))
    return round((at_s + 0.06) * NS), Samples(values, values, round(at_s * 1e6), index, seq)


def begun() -> Track:
    track = Track(LossClass.COUNTED)
    track.begin(STREAM)
    for k in range(100):
        assert track.accept(*packet(5 * k, k, 0.05 * k)) is not None
    return track


def test_a_sensor_that_ran_on_tells_the_gap_by_its_index() -> None:
    track = begun()
    track.begin(replace(STREAM, resumed=True))
    found = track.accept(*packet(700, 140, 7.0))
    assert found is not None
    assert (found.first, track.lost_link, track.duplicates) == (700, 200, 0)
    assert track.gaps[0].exact


def test_one_that_was_started_anew_meanwhile_is_not_taken_for_a_repetition() -> None:
    track = begun()
    track.begin(replace(STREAM, resumed=True))
    for k in range(20):
        assert track.accept(*packet(5 * k, k, 7.0 + 0.05 * k)) is not None
    assert (track.received, track.lost_link, track.duplicates) == (600, 200, 0)
    assert [(gap.first, gap.samples, gap.cause) for gap in track.gaps] == [(500, 200, "reconnect")]
    assert track.accept(*packet(90, 18, 7.9)) is None
    assert track.duplicates == 1


def test_a_counter_that_leaps_does_not_make_years_of_loss() -> None:
    track = begun()
    for k in range(20):
        assert track.accept(*packet(2**30 + 5 * k, 100 + k, 5.0 + 0.05 * k)) is not None
    assert (track.received, track.lost, track.position, track.duplicates) == (600, 0, 600, 0)


def test_a_loss_of_seconds_is_counted_by_the_index_even_when_what_was_held_back_comes_late() -> None:
    track = begun()
    _, late = packet(1000, 200, 10.0)
    held = track.packets[-1].arrival_s
    assert (
        track.accept(round(held * NS) + 1000, late) is not None
    )  # five seconds of samples in no time at all
    assert (track.lost_link, track.position, track.clock) == (500, 1005, 0)


def test_ticks_that_leap_are_another_clock_and_the_index_still_counts() -> None:
    track = begun()
    for k in range(20):
        arrival_ns, samples = packet(500 + 5 * k, 100 + k, 5.0 + 0.05 * k)
        leapt = replace(samples, ticks=(samples.ticks or 0) + 60_000_000)
        assert track.accept(arrival_ns, leapt) is not None
    assert (track.received, track.lost, track.clock) == (600, 0, 1)
