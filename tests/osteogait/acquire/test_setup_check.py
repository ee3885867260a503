"""The set-up check finds what is wrong with a sensor before the test, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from by_path import load_module

from gaitsignal.recording import Recording
from gaitsignal.synthetic import stander, walker
from osteogait.acquire.setup_check import Checked, check
from osteogait.acquire.state import Event
from osteogait.acquire.worn import Worn
from osteogait.errors import DeviceNotFound, QualityGateFailed
from osteogait.radio.link import Link
from osteogait.radio.simulated import Faults, SimulatedSensor

Run = Callable[[Coroutine[Any, Any, Any]], Any]
peers = load_module(Path(__file__).with_name("maker_peers.py"))
STILL = stander(duration_s=12.0, seed=7).recording
WALK = walker(1.0, 100.0, 1.65, steps=12, seed=3).recording


def checked(
    recording: Recording = STILL,
    faults: Faults | None = None,
    battery: int | None = 90,
    rssi_dbm: int | None = -60,
    worn: Worn | None = None,
) -> Checked:
    sensor = SimulatedSensor(recording, faults=faults, battery_percent=battery)
    source = replace(sensor.source, rssi_dbm=rssi_dbm)
    return asyncio.run(check(source, seconds=min(10.0, recording.duration_s - 1.0), worn=worn))


def words(result: Checked) -> dict[str, str]:
    return {one.name: one.word for one in result.findings}


def test_a_sensor_in_order_is_ready() -> None:
    result = checked()
    assert result.ready
    assert words(result) == {
        "battery": "ok", "signal": "ok", "rate": "ok", "loss": "ok", "gravity": "ok", "mounting": "ok",
        "place": "no_steps",
    }  # fmt: skip
    for finding in result.findings:
        assert finding.message("en") != finding.message("zh")
    assert result.to_json("zh")["ready"] is True


@pytest.mark.parametrize(
    ("changes", "name", "word", "ready"),
    [
        ({"battery": 14}, "battery", "low", False),
        ({"battery": None}, "battery", "unknown", True),
        ({"rssi_dbm": -88}, "signal", "weak", True),
        ({"rssi_dbm": None}, "signal", "unknown", True),
        ({"faults": Faults(loss=0.03)}, "loss", "some", True),
        ({"faults": Faults(loss=0.2)}, "loss", "much", False),
        ({"faults": Faults(upside_down=True)}, "mounting", "upside_down", True),
        ({"worn": Worn(axes=("forward", "right", "down"))}, "mounting", "tilted", True),
        ({"recording": replace(STILL, acc=STILL.acc * 1.1)}, "gravity", "off", True),
        ({"recording": WALK}, "place", "ok", True),
        ({"recording": replace(WALK, gyr=WALK.gyr * 8.0)}, "place", "limb", True),
    ],
)
def test_what_is_wrong_is_found(changes: dict[str, object], name: str, word: str, ready: bool) -> None:
    result = checked(**changes)  # type: ignore[arg-type]
    assert words(result)[name] == word
    assert result.ready == ready


def test_a_person_who_never_stands_still_is_told_so() -> None:
    middle = slice(300, 900)
    moving = replace(WALK, acc=WALK.acc[middle], gyr=WALK.gyr[middle], measured=WALK.measured[middle])
    assert words(checked(moving))["still"] == "never"


def test_a_sensor_that_is_not_there_is_an_error_in_the_result() -> None:
    async def nothing() -> Link:
        raise DeviceNotFound("sensor_refused", sensor="OG-0000", reason="charging")

    source = replace(SimulatedSensor(STILL).source, open=nothing)
    result = asyncio.run(check(source))
    assert not result.ready
    assert result.error is not None
    assert "charging" in str(result.to_json()["error"])


@pytest.mark.parametrize(("rate_hz", "ready"), [(25.0, False), (49.0, False), (50.0, True)])
def test_a_rate_too_low_for_every_test_is_no_rate_to_begin_with(rate_hz: float, ready: bool) -> None:
    result = checked(stander(duration_s=12.0, fs_hz=rate_hz, seed=7).recording)
    found = next(one for one in result.findings if one.name == "rate")
    assert (result.ready, found.word) == (ready, "ok" if ready else "low")
    assert "50" in found.message("zh")


def test_a_rate_that_was_not_counted_is_not_called_right() -> None:
    result = asyncio.run(check(SimulatedSensor(STILL).source, seconds=2.0))
    assert words(result)["rate"] == "unknown"
    assert result.ready
    assert "3 s" in result.findings[2].message("en")


def test_a_sensor_without_a_gyroscope_is_of_no_use_for_a_test(virtual: Run) -> None:
    result = virtual(check(peers.H10Peer().source))
    assert not result.ready
    assert isinstance(result.error, QualityGateFailed)
    assert words(result) == {"battery": "ok", "signal": "unknown", "rate": "ok", "loss": "ok"}
    assert "陀螺仪" in result.error.message("zh")


def test_nothing_is_said_to_be_recorded_or_saved_where_nothing_is_kept() -> None:
    heard: list[Event] = []
    asyncio.run(check(SimulatedSensor(STILL, battery_percent=None).source, on_event=heard.append))
    said = {event.code: event.message("en") for event in heard}
    assert said["session_sending"] == "OG-0000 is sending; battery unknown."
    assert "Nothing was kept" in said["session_heard"]
    assert not {"session_recording", "session_review"} & said.keys()
