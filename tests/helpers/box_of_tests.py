"""A box with a person who is here today, and patience for what happens in other threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from osteogait.screening.live_trial import LiveTrial
from osteogait.screening.phase import Phase
from osteogait.screening.screening import Screening
from osteogait.web.station import Station

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Box:
    """A station, its screening, a person and the visit of today."""

    station: Station
    person: str
    visit: str

    @property
    def screening(self) -> Screening:
        return self.station.screening

    def run(self, test: str, until: Phase = Phase.REVIEW) -> LiveTrial:
        """The test begun and run until that phase, or until it failed."""
        trial = self.screening.begin(self.visit, test, by="tester")
        self.screening.start(trial.id)
        wait(lambda: trial.phase in (until, Phase.FAILED))
        return trial


def wait(until: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Until it is so; AssertionError when it takes too long."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)
