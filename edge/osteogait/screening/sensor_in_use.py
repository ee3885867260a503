"""Which sensor the tests are done with: one that belongs to this box, or a simulated person where there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from osteogait.acquire.worn import Worn
from osteogait.errors import DeviceNotFound, NotPermitted
from osteogait.screening.course import COUNTDOWN_S, TAIL_S
from osteogait.screening.paced import asked_speed, paced

if TYPE_CHECKING:
    from osteogait.config import Config
    from osteogait.radio.bluetooth import Bluetooth
    from osteogait.radio.sighting import Sighting
    from osteogait.radio.source import Source
    from osteogait.screening.battery import TestItem
    from osteogait.storage.enrolled import Sensor

AXES = ("up", "right", "forward")
SIMULATED_NAME = "SIMULATED-1"
"""Begins as `acquire.assembled.SIMULATED` says, so that its recordings are known for what they are."""
NO_RADIO = ("bluetooth_no_adapter", "bluetooth_no_central", "bluetooth_no_bus", "bluetooth_no_daemon")
SCAN_S = 4.0
LONGER_S = 15.0
"""A simulated person goes on for so long after a test should be over, as a person would."""


@dataclass(frozen=True, slots=True)
class SensorInUse:
    """A sensor to do tests with; `address` None for a simulated one."""

    source: Source
    address: str | None
    site: str = "lower_back"
    simulated: bool = False

    def worn_by(self, height_m: float | None) -> Worn:
        """How it is worn by a person of that height."""
        return Worn(self.site, AXES if self.simulated else None, height_m)


async def choose(
    config: Config,
    enrolled: Sequence[Sensor],
    item: TestItem | None,
    *,
    example: bool,
    radio: Bluetooth | None,
) -> SensorInUse:
    """The sensor for `item` (None: for the set-up check).

    Only a sensor that belongs to this box is ever listened to. `auto` takes a simulated person where there is
    nothing else: no Bluetooth and no sensor of this box, or a station started to be tried out.

    Raises
    ------
    DeviceNotFound
        No sensor belongs to this box, none of them is heard, or there is no Bluetooth to hear with.
    NotPermitted
        The system does not let this program at Bluetooth.
    """
    wanted = config.station.sensor
    if wanted == "simulated" or (wanted == "auto" and not enrolled and (example or radio is None)):
        return simulated(config.station.simulate, item)
    if radio is None:
        from osteogait.radio.bluetooth import Bluetooth

        radio = Bluetooth(config.bluetooth.adapter)
    if not enrolled:
        raise DeviceNotFound("screening_none_enrolled")
    return await _heard(radio, enrolled)


async def radio_of(config: Config) -> Bluetooth | None:
    """The station's Bluetooth; None where there is none, or a simulated person is asked for."""
    if config.station.sensor == "simulated":
        return None
    from osteogait.radio.bluetooth import Bluetooth

    radio = Bluetooth(config.bluetooth.adapter)
    try:
        await radio.adapter()
    except (DeviceNotFound, NotPermitted) as problem:
        if problem.code in NO_RADIO:
            return None
    return radio


def simulated(words: str, item: TestItem | None) -> SensorInUse:
    """A simulated person who does what `item` asks, with what `words` say goes wrong (`loss=0.02`).

    When the words begin with something to do (`walk`), the person does that whatever is asked. UsageError for a
    word that means nothing.
    """
    from osteogait.radio.simulated_people import PEOPLE as DOES
    from osteogait.radio.simulated_people import simulated as person

    options = [word for word in re.split(r"[,\s]+", words.strip()) if word]
    does = options.pop(0) if options and options[0] in DOES else _does(item)
    speed = asked_speed()
    options += [f"stays={LONGER_S:g}", *(["real_time"] if speed == 1.0 else [])]
    source = person([does, *options], SIMULATED_NAME, _seconds(item)).source
    return SensorInUse(source if speed == 1.0 else paced(source, speed), None, simulated=True)


def _does(item: TestItem | None) -> str:
    """Standing, then some steps, for the check."""
    if item is None:
        return "walk"
    if item.part == "chair":
        return "chair_stand_5x"
    if item.part == "walk":
        return "walk_4m"
    if item.variant in ("left", "right", "one_foot"):
        return "one_leg"
    return item.variant if item.protocol in ("four_stage", "sppb") and item.variant else item.protocol


def _seconds(item: TestItem | None) -> float | None:
    return None if item is None or item.seconds is None else item.seconds + COUNTDOWN_S + TAIL_S


async def _heard(radio: Bluetooth, enrolled: Sequence[Sensor]) -> SensorInUse:
    """The one of this box's sensors that is there; of several the nearest."""
    if len(enrolled) == 1:
        return _of(radio, await radio.find(enrolled[0].address), enrolled)
    ours = {one.address for one in enrolled}
    seen = [one for one in await radio.scan(SCAN_S) if one.address in ours]
    if not seen:
        names = ", ".join(one.name for one in enrolled)
        raise DeviceNotFound("sensor_not_seen", sensor=names, seconds=SCAN_S)
    return _of(radio, seen[0], enrolled)


def _of(radio: Bluetooth, seen: Sighting, enrolled: Sequence[Sensor]) -> SensorInUse:
    """Nothing but a sensor that belongs to this box."""
    known = next((one for one in enrolled if one.address == seen.address), None)
    if known is None:
        raise NotPermitted("screening_foreign_sensor", sensor=seen.name)
    source = radio.source(seen)
    return SensorInUse(replace(source, name=known.name), known.address, known.site)
