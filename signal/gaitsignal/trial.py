"""What the assessor noted of a trial, beside what the sensor felt."""

from __future__ import annotations

from dataclasses import dataclass

PARTS = ("stance", "walk", "chair")
"""Parts of the Short Physical Performance Battery that one recording can be."""


@dataclass(frozen=True, slots=True)
class Trial:
    """None where nothing was noted.

    started_s, stopped_s   marks of the stopwatch or button on the recording's own clock, s
    distance_m             distance walked between the marks, m
    part                   one of PARTS
    mass_kg                body mass, kg
    seat_height_m          height of the chair's seat, m
    """

    started_s: float | None = None
    stopped_s: float | None = None
    distance_m: float | None = None
    part: str | None = None
    mass_kg: float | None = None
    seat_height_m: float | None = None

    @property
    def watched_s(self) -> float | None:
        """Seconds between both marks."""
        if self.started_s is None or self.stopped_s is None:
            return None
        return self.stopped_s - self.started_s


NO_NOTES = Trial()
