"""What the sensor commands say about a trial: nothing unknown as a number, nothing lost as kept, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from osteogait.acquire.clock import ClockModel
from osteogait.acquire.summary import RecordingSummary
from osteogait.acquire.unfinished import unfinished
from osteogait.devices.driver import LossClass
from osteogait.devices.registry import MODELS
from osteogait.radio.source import Source
from osteogait.sensors.asked import Asked
from osteogait.sensors.told import cut_off, cut_off_json, kept
from osteogait.sensors.trial import not_comparable

SUMMARY = RecordingSummary(
    path=Path("a.ogrec"), sensor="Thingy", model="thingy52", loss=LossClass.UNKNOWN, received=400, lost_link=None,
    lost_sensor=None, duplicate_packets=None, undecodable=0, uncounted=None, segments=1, reconnects=0,
    nominal_rate_hz=100.0, rate_hz=100.0, clock=ClockModel(0.0, 1.0, 1.0, 2.0, 3.0), battery_percent=None, gaps=(),
)  # fmt: skip


def test_what_nobody_can_know_is_called_unknown() -> None:
    assert "lost on the way unknown, at the sensor unknown" in kept(SUMMARY, "en")
    assert "battery unknown; class C" in kept(SUMMARY, "en")
    assert "传输丢失 未知" in kept(SUMMARY, "zh")
    assert "电量 未知" in kept(SUMMARY, "zh")
    assert "battery 87 %;" in kept(replace(SUMMARY, battery_percent=87), "en")


def test_a_link_that_never_came_back_was_lost_once() -> None:
    assert "connection lost 0 times" in kept(SUMMARY, "en")
    assert "connection lost 2 times" in kept(replace(SUMMARY, reconnects=1, ended="lost"), "en")


async def _never() -> None:
    raise AssertionError


def asked(*keys: str) -> list[Asked]:
    models = {model.key: model for model in MODELS}
    return [Asked(Source(key, models[key], _never)) for key in keys]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "alone"),
    [
        (("thingy52",), ()),
        (("open_profile", "movella_dot"), ()),
        (("thingy52", "movella_dot", "witmotion"), ("thingy52", "witmotion")),
    ],
)
def test_a_sensor_without_a_clock_is_not_held_against_another_one(
    keys: tuple[str, ...], alone: tuple[str, ...]
) -> None:
    assert not_comparable(asked(*keys)) == alone


def test_a_file_that_cannot_be_used_says_why_in_the_language_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.ogrec").write_bytes(b"no database")
    (found,) = unfinished(tmp_path)
    assert "it is no recording, or damaged" in cut_off(found, "en")
    assert "它不是传感器记录" in cut_off(found, "zh")
    assert str(cut_off_json(found, busy=False)["problem"]).startswith("it is no recording")
