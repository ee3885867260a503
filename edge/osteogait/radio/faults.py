"""What goes wrong with a simulated sensor on purpose."""

from __future__ import annotations

from dataclasses import dataclass

INTERVAL_S = 0.030
"""A connection event every 30 ms: a packet waits for the next one, twice when it must be sent again."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The link goes `at_s` after the first START and the sensor is back `seconds` later, rebooted or not."""

    at_s: float
    seconds: float
    reboot: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose.

    loss          share of packets that the link loses silently
    duplicates    share of packets delivered twice
    missed        (first sample, count) that the sensor itself fails to take
    drift_ppm     by how much the sensor's clock runs fast against the host's
    first_tick    where the free-running tick counter stands, for its wrap
    interval_s    connection interval, the jitter of arrivals
    drops         when the link goes
    stall         (at_s, seconds) without a packet though the link stands; then all of them at once
    upside_down   worn the wrong way up
    resumes       the sensor counts on without a link; False: it stops and must be started again
    """

    loss: float = 0.0
    duplicates: float = 0.0
    missed: tuple[int, int] = (0, 0)
    drift_ppm: float = 0.0
    first_tick: int = 0
    interval_s: float = INTERVAL_S
    drops: tuple[Drop, ...] = ()
    stall: tuple[float, float] = (0.0, 0.0)
    upside_down: bool = False
    resumes: bool = True
