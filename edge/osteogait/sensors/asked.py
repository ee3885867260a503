"""Which sensors a command means: addresses or names over Bluetooth, or simulated people described in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from osteogait.config import ADDRESS, configuration
from osteogait.errors import DeviceNotFound, UsageError
from osteogait.radio.sighting import Sighting
from osteogait.radio.source import Source

if TYPE_CHECKING:
    from osteogait.radio.bluetooth import Bluetooth

LOOK_AGAIN_S = 2.0
"""A scan response with name and services follows the first advertisement by at most a slow advertising period."""
SCAN_S = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A sensor as a session takes it.

    address     over Bluetooth, None for a simulated one
    axes, height_m      how the simulated one is worn, and how tall its person is; None not known
    seconds             how long the simulated one plays; None for ever
    """

    source: Source
    address: str | None = None
    axes: tuple[str, str, str] | None = None
    height_m: float | None = None
    seconds: float | None = None


def simulated_people(specs: Sequence[str], seconds: float | None) -> tuple[Asked, ...]:
    """One simulated sensor for each of `specs`, such as `walk,60s,drop=20/3`; as long as `seconds` unless it says so.

    UsageError for a word that means nothing.
    """
    from osteogait.radio.simulated_people import HEIGHT_M, simulated

    people = [
        simulated(re.split(r"[,\s]+", spec.strip()), f"OG-{number:04d}", seconds)
        for number, spec in enumerate(specs, 1)
    ]
    return tuple(
        Asked(one.source, None, ("up", "right", "forward"), HEIGHT_M, one.duration_s) for one in people
    )


async def over_bluetooth(wanted: Sequence[str]) -> tuple[Asked, ...]:
    """The sensors with these addresses or advertised names, each heard by now.

    Raises
    ------
    DeviceNotFound
        Not heard, or no Bluetooth to hear with.
    NotPermitted
        The system does not let this user at Bluetooth.
    UsageError
        A device that is no known sensor, a name that several have, or one sensor asked for twice.
    """
    from osteogait.radio.bluetooth import Bluetooth

    bluetooth = Bluetooth(configuration().bluetooth.adapter)
    seen = [await _heard(bluetooth, one) for one in wanted]
    twice = [address for address, count in Counter(one.address for one in seen).items() if count > 1]
    if twice:
        raise UsageError("sensors_twice", sensor=twice[0])
    names = Counter(one.name for one in seen)
    return tuple(_named(bluetooth.source(one), one, names[one.name] > 1) for one in seen)


async def _heard(bluetooth: Bluetooth, wanted: str) -> Sighting:
    if not ADDRESS.fullmatch(wanted):
        matching = [one for one in await bluetooth.scan(SCAN_S) if one.name == wanted]
        if len(matching) > 1:
            raise UsageError(
                "sensors_same_name", sensor=wanted, addresses=", ".join(one.address for one in matching)
            )
        if not matching:
            raise DeviceNotFound("sensor_not_seen", sensor=wanted, seconds=SCAN_S)
        return matching[0]
    seen = await bluetooth.find(wanted)
    if seen.model is None:
        again = {one.address: one for one in await bluetooth.scan(LOOK_AGAIN_S)}
        seen = again.get(seen.address, seen)
    return seen


def _named(source: Source, seen: Sighting, shared: bool) -> Asked:
    """Sensors that advertise one name are told apart by the end of their address."""
    if shared:
        source = replace(source, name=f"{source.name} {seen.address[-5:]}")
    return Asked(source, seen.address)
