"""A sensor that was heard advertising."""

from __future__ import annotations

from dataclasses import dataclass

from osteogait.devices.driver import Advert, Model
from osteogait.devices.registry import recognise


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was heard: address (upper case), advertisement, signal in dBm, battery in percent; None not told."""

    address: str
    advert: Advert
    rssi_dbm: int | None
    battery_percent: int | None = None

    @property
    def name(self) -> str:
        """The advertised name, else the address."""
        return self.advert.name or self.address

    @property
    def model(self) -> Model | None:
        """Who speaks to it, None for a stranger."""
        return recognise(self.advert)
