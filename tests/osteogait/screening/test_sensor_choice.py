"""Which sensor is listened to: one that belongs to this box, a simulated one only where there is nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from box_of_tests import Box

from osteogait.config import Config, StationSettings
from osteogait.errors import DeviceNotFound, NotPermitted, UsageError
from osteogait.radio.bluetooth import Bluetooth
from osteogait.screening.battery import test as named
from osteogait.screening.sensor_in_use import SIMULATED_NAME, SensorInUse, choose, simulated
from osteogait.storage.enrolled import Sensor

OURS = Sensor("AA:AA:AA:AA:AA:01", "OG-OURS", "open", "lower_back", datetime.now(UTC))
ALSO_OURS = replace(OURS, address="AA:AA:AA:AA:AA:02", name="OG-ALSO")


@dataclass(frozen=True)
class Seen:
    """A sensor on the air."""

    address: str
    name: str = "OG-AIR"


class Air:
    """Stands in for the radio: what is heard, strongest first."""

    def __init__(self, *heard: str, answers: str | None = None) -> None:
        self.heard, self.answers, self.asked = [Seen(one) for one in heard], answers, list[str]()

    async def scan(self, _: float) -> list[Seen]:
        return self.heard

    async def find(self, address: str) -> Seen:
        self.asked.append(address)
        return Seen(self.answers or address)

    def source(self, seen: Seen) -> Any:
        return replace(simulated("", None).source, name=seen.name)


def chosen(
    air: Air | None, *enrolled: Sensor, sensor: str = "auto", example: bool = False, simulate: str = ""
) -> SensorInUse:
    config = Config(station=StationSettings(sensor=sensor, simulate=simulate))
    radio = cast("Bluetooth | None", air)
    return asyncio.run(choose(config, enrolled, named("walk"), example=example, radio=radio))


def test_the_nearest_of_ours_is_taken_and_a_stranger_never() -> None:
    air = Air("FF:FF:FF:FF:FF:FF", ALSO_OURS.address, OURS.address)
    found = chosen(air, OURS, ALSO_OURS)
    assert (found.address, found.source.name, found.simulated) == (ALSO_OURS.address, "OG-ALSO", False)
    assert chosen(Air(), OURS).address == OURS.address


def test_with_strangers_alone_nothing_is_listened_to() -> None:
    with pytest.raises(DeviceNotFound, match="OG-OURS"):
        chosen(Air("FF:FF:FF:FF:FF:FF"), OURS, ALSO_OURS)


def test_a_stranger_that_answers_for_ours_is_refused() -> None:
    with pytest.raises(NotPermitted) as refused:
        chosen(Air(answers="FF:FF:FF:FF:FF:FF"), OURS)
    assert refused.value.code == "screening_foreign_sensor"


@pytest.mark.parametrize("sensor", ["auto", "bluetooth"])
def test_a_box_without_sensors_of_its_own_listens_to_none(sensor: str) -> None:
    with pytest.raises(DeviceNotFound) as refused:
        chosen(Air("FF:FF:FF:FF:FF:FF"), sensor=sensor)
    assert refused.value.code == "screening_none_enrolled"


def test_a_simulated_person_only_where_there_is_nothing_else() -> None:
    assert chosen(None).simulated
    assert chosen(Air(OURS.address), example=True).simulated
    assert not chosen(Air(), OURS, example=True).simulated
    assert chosen(Air(), OURS, sensor="simulated").simulated


def test_a_simulated_sensor_is_named_as_one() -> None:
    assert simulated("loss=0.1", named("walk")).source.name == SIMULATED_NAME


@pytest.mark.parametrize("words", ["fly", "loss=x", "loss=0.1 fly"])
def test_words_that_mean_nothing_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        simulated(words, named("walk"))


def test_the_check_listens_to_the_same_sensor(box: Box, configured: Callable[..., None]) -> None:
    found = box.screening.check()
    assert found.ready
    assert {one.name for one in found.findings} >= {"battery", "rate", "loss", "gravity", "mounting"}
    assert box.screening.checked is found
    assert box.screening.sensor().kind == "simulated"
    configured("upside_down")
    assert "upside_down" in {one.word for one in box.screening.check().findings}
    configured("battery=3")
    assert not box.screening.check().ready
