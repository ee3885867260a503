"""What is looked at with every packet: battery, wall clock and, once, the counted rate."""

from __future__ import annotations

from osteogait.acquire.books import Books
from osteogait.acquire.journal import Journal
from osteogait.acquire.limits import Limits
from osteogait.acquire.rate import counted_rate_hz, own_rate_hz
from osteogait.acquire.stage import Stage
from osteogait.devices.driver import Driver
from osteogait.errors import QualityGateFailed


class Watch:
    """Tells what a person should know, and ends a trial that can't be right."""

    def __init__(
        self, sensor: str, driver: Driver, books: Books, journal: Journal, stage: Stage, limits: Limits
    ) -> None:
        self._sensor, self._driver, self._books = sensor, driver, books
        self._journal, self._stage, self._limits = journal, stage, limits
        self._counted = self._warned = False

    async def look(self) -> None:
        """After a packet. QualityGateFailed when the battery is too low to begin or the rate is another one."""
        battery = self._driver.battery_percent
        if battery is not None and battery < self._limits.battery_warn_percent and not self._warned:
            self._warned = True
            await self._stage.tell("session_battery_low", battery=battery)
        step_s = self._journal.wall_step_s()
        if step_s is not None:
            await self._stage.tell("session_wall_clock_stepped", seconds=round(step_s, 2))
        if not self._counted:
            await self._count()

    def battery_to_begin(self) -> None:
        """QualityGateFailed when the battery is known and too low for a new trial."""
        battery, needed = self._driver.battery_percent, self._limits.battery_start_percent
        if battery is not None and battery < needed:
            raise QualityGateFailed(
                "session_battery_empty", sensor=self._sensor, battery=battery, needed=needed
            )

    async def _count(self) -> None:
        """Once, over the first seconds. What a sensor's own clock says about its rate goes before the host's clock."""
        stream, packets, limits = self._books.stream, self._books.main.packets, self._limits
        if stream is None:
            return
        if len(packets) == 1 and not self._books.reconnects:
            self.battery_to_begin()  # some sensors tell it with their first packet only
        counted = counted_rate_hz(packets, stream.rate_hz, limits.rate_check_s)
        if counted is None:
            return
        self._counted = True
        own = own_rate_hz(packets)
        delivered = counted if own is None else own
        if self._is_off(delivered / stream.rate_hz):
            raise QualityGateFailed(
                "sensor_rate", sensor=self._sensor, nominal=stream.rate_hz, counted=round(delivered, 2)
            )
        if self._is_off(counted / stream.rate_hz):
            await self._stage.tell("session_computer_late", nominal=stream.rate_hz, counted=round(counted, 2))

    def _is_off(self, share: float) -> bool:
        return abs(share - 1.0) > self._limits.rate_tolerance
