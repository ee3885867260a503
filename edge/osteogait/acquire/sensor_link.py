"""The sensor of a session: its driver on the present link, and its packets on their way into the books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from osteogait.acquire.books import Books
from osteogait.acquire.converse import carry_out
from osteogait.acquire.journal import Journal
from osteogait.acquire.limits import Limits
from osteogait.devices.driver import Driver, Outcome, Samples, Settings, Steps, Stream
from osteogait.errors import DecodeError, DeviceNotFound, StoreError, UsageError
from osteogait.radio.entry import Entry
from osteogait.radio.link import Link, Notification
from osteogait.radio.source import Source


class SensorLink:
    """One link after another to one sensor; no state of a session, no patience."""

    def __init__(
        self,
        source: Source,
        journal: Journal,
        books: Books,
        limits: Limits,
        on_samples: Callable[[int, Samples], None],
    ) -> None:
        """`on_samples` hears the position and the samples of every accepted packet."""
        self.driver: Driver = source.model.make()
        self._source, self._journal, self._books, self._limits = source, journal, books, limits
        self._on_samples = on_samples
        self._link: Link | None = None

    @property
    def standing(self) -> bool:
        """True between `open` and `close`."""
        return self._link is not None

    async def open(self) -> None:
        """A new link; DeviceNotFound when there is none."""
        self._link = await self._source.open()

    async def start(self, settings: Settings, *, resuming: bool) -> tuple[Stream, Sequence[Notification]]:
        """Set the sensor up; what was agreed, and the notifications that came before it was.

        A driver knows the model only, so its refusals get the name of the sensor here.
        """
        early: list[Notification] = []
        steps = self.driver.setup(settings, resuming=resuming)
        try:
            return await self._carry_out(steps, early.append), early
        except (DeviceNotFound, UsageError) as refusal:
            name, model = self._source.name, self._source.model.name
            if refusal.fields.get("sensor") != model or name == model:
                raise
            named = f"{name} ({model})"
            raise type(refusal)(refusal.code, **{**refusal.fields, "sensor": named}) from refusal

    async def receive(self) -> Notification | None:
        """The next notification, None when the link is gone."""
        return await self._link.receive() if self._link else None

    def take(self, notification: Notification, *, place: bool = True) -> bool:
        """Decode and, unless told otherwise, enter into the books; False when it held no samples, or none that are new.

        A sensor that only repeats itself is as silent as one that sends nothing.
        """
        try:
            samples = self.driver.decode(notification.characteristic, notification.value)
        except DecodeError:
            self._books.undecodable += 1
            return False
        if samples is None:
            return False
        return self._place(notification, samples) if place else True

    def _place(self, notification: Notification, samples: Samples) -> bool:
        packet = self._books.enter(notification.monotonic_ns, samples)
        if packet is not None:
            self._on_samples(packet.first, samples)
        return packet is not None

    async def stop(self) -> None:
        """Stop command, last packets, the device's counts; a link that is gone can tell nothing more."""
        try:
            async with asyncio.timeout(self._limits.stop_s):
                counts = await self._carry_out(self.driver.stop(), self._take_late)
                if counts is not None and self._books.stream is not None:
                    await self._last_packets(counts.packets)
                    self._books.settle(counts)
        except (TimeoutError, DeviceNotFound, DecodeError, StoreError):
            return

    async def close(self) -> None:
        """Close the link, if there is one."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _carry_out(self, steps: Steps[Outcome], heard: Callable[[Notification], object]) -> Outcome:
        if self._link is None:
            raise DeviceNotFound("link_lost", sensor=self._source.name)
        return await carry_out(steps, self._link, self._journal.keep, heard, self._limits.read_s)

    async def _last_packets(self, built: int) -> None:
        try:
            async with asyncio.timeout(self._limits.last_packets_s):
                while self._books.packets_due(built) and (notification := await self.receive()) is not None:
                    await self._journal.keep(Entry.heard(notification))
                    self._take_late(notification)
        except TimeoutError:
            return

    def _take_late(self, notification: Notification) -> None:
        self.take(notification, place=self._books.stream is not None)
