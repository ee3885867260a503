"""How a sensor is worn in a trial."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worn:
    """Where the sensor sits and on whom: directions of its x, y, z axes as worn, body height in m."""

    site: str = "lower_back"
    axes: tuple[str, str, str] | None = ("up", "right", "forward")
    height_m: float | None = None
