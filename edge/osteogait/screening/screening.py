"""The sensor of the station and the one test that may be under way with it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.config import configuration
from osteogait.errors import NotPermitted, UsageError
from osteogait.screening.battery import test
from osteogait.screening.keep import keep_trial, latest_number, skip_test
from osteogait.screening.left_over import LeftOver
from osteogait.screening.live_trial import LiveTrial, Person
from osteogait.screening.own_loop import OwnLoop
from osteogait.screening.phase import UNDER_WAY, Phase
from osteogait.screening.sensor_in_use import SensorInUse, choose, radio_of

if TYPE_CHECKING:
    from osteogait.acquire.setup_check import Checked
    from osteogait.radio.bluetooth import Bluetooth
    from osteogait.screening.battery import TestItem
    from osteogait.screening.listeners import Listener
    from osteogait.screening.parts import Parts

HEIGHT_UNITS = (("cm", 0.01), ("m", 1.0))
MASS_UNITS = (("kg", 1.0),)


@dataclass(frozen=True, slots=True)
class Sensor:
    """What the tests are done with: `kind` is simulated, bluetooth or none; names of the sensors of this box."""

    kind: str
    names: tuple[str, ...]


class Screening:
    """One sensor, one test at a time; may be asked from any thread."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is touched before the first question."""
        self._parts = parts
        self._loop = OwnLoop("screening")
        self._lock = threading.RLock()
        self._current: LiveTrial | None = None
        self._radio: Bluetooth | None = None
        self._checking = False
        self.checked: Checked | None = None
        """What the last set-up check found."""

    # --- the sensor ---------------------------------------------------------------------------------------------

    def sensor(self) -> Sensor:
        """What tests would be done with now."""
        enrolled = tuple(one.name for one in self._parts.enrolled.all())
        wanted = configuration().station.sensor
        if wanted == "simulated":
            return Sensor("simulated", ())
        if enrolled or wanted == "bluetooth":
            return Sensor("bluetooth" if enrolled else "none", enrolled)
        with self._lock:
            radio = None if self._parts.example else self._loop.run(self._radio_now())
        return Sensor("simulated" if radio is None else "none", ())

    def check(self) -> Checked:
        """Listen to the sensor for some seconds and say what was found; NotPermitted while a test is under way."""
        with self._lock:
            self._demand_free()
            self._checking = True
        try:
            self.checked = self._loop.run(self._check())
        finally:
            self._checking = False
        return self.checked

    # --- the test under way -------------------------------------------------------------------------------------

    @property
    def current(self) -> LiveTrial | None:
        """The test that was begun last, until a person has decided about it."""
        return self._current

    def begin(
        self, visit: str, item: str | TestItem, *, by: str, seat_height_m: float | None = None
    ) -> LiveTrial:
        """A new try of `item`, ready to be started.

        The same test of the same visit is given again while nobody has decided about it; another one that was
        recorded and left undecided is kept as rejected. NotPermitted while another test is being recorded.
        """
        asked = test(item) if isinstance(item, str) else item
        with self._lock:
            held = self._current
            person = self._person(visit, seat_height_m)
            if held is not None and (held.visit, held.item.id) == (visit, asked.id):
                if held.phase in (Phase.READY, Phase.FAILED):
                    held.person = person
                return held
            self._demand_free()
            if held is not None:
                self._put_away(held, by)
            folder = self._parts.recordings / visit
            self._current = LiveTrial(visit, asked, folder, person, self._sensor_for)
            return self._current

    def trial(self, identifier: str) -> LiveTrial:
        """The test under way; UsageError when it is another, or has been decided."""
        held = self._current
        if held is None or held.id != identifier:
            raise UsageError("screening_over")
        return held

    def start(self, identifier: str) -> None:
        """Begin with the countdown."""
        self._demand_not_checking()
        self._loop.run(self.trial(identifier).start())

    def stop(self, identifier: str) -> None:
        """End it now."""
        self._loop.run(self.trial(identifier).stop())

    def cancel(self, identifier: str) -> None:
        """Throw away what was recorded of it; a test that waits for a decision is left as it is."""
        held = self.trial(identifier)
        if held.phase is not Phase.REVIEW:
            self._loop.run(held.cancel())

    def time_by_watch(self, identifier: str, seconds: float) -> None:
        """The try that waits for a decision was timed by a stopwatch: measured anew."""
        held = self.trial(identifier)
        if held.phase is Phase.REVIEW:
            self._loop.run(held.time_by_watch(seconds))

    def keep(self, identifier: str, state: str, *, by: str, reason: str | None = None) -> str:
        """Decide: `accepted`, `rejected` or `repeated`; the id of the kept try. Then the next test may begin."""
        with self._lock:
            held = self.trial(identifier)
            found = keep_trial(self._parts, held, state, reason, by)
            self._current = None
        held.close()
        return found

    def skip(self, visit: str, item: str | TestItem, reason: str, *, by: str) -> str:
        """The test is not done; what may have been recorded of it is thrown away. The id of the kept line."""
        asked = test(item) if isinstance(item, str) else item
        with self._lock:
            held = self._current
            if held is not None and (held.visit, held.item.id) == (visit, asked.id):
                self._put_away(held, by)
            return skip_test(self._parts, visit, asked, reason, by)

    def leave(self, visit: str, *, by: str) -> None:
        """Nobody is there any more: what is under way for `visit` is stopped, an undecided test kept as rejected."""
        with self._lock:
            held = self._current
            if held is not None and held.visit == visit:
                self._put_away(held, by)

    def listen(self, identifier: str, loop: asyncio.AbstractEventLoop) -> Listener:
        """A browser that watches."""
        return self.trial(identifier).listen(loop)

    # --- left over ----------------------------------------------------------------------------------------------

    @property
    def left_over(self) -> LeftOver:
        """Recordings that a power cut or crash cut off."""
        held = self._current
        return LeftOver(self._parts, None if held is None else held.path)

    def close(self) -> None:
        """Stop what is under way."""
        held = self._current
        if held is not None and held.phase in UNDER_WAY:
            self._loop.run(held.cancel())
        self._loop.close()

    # --- inside -------------------------------------------------------------------------------------------------

    def _put_away(self, held: LiveTrial, by: str) -> None:
        if held.phase in UNDER_WAY:
            self._loop.run(held.cancel())
        if held.phase is Phase.REVIEW and held.outcome is not None and held.outcome.summary is not None:
            keep_trial(self._parts, held, "rejected", "undecided", by)
        self._current = None
        held.close()

    def _demand_free(self) -> None:
        self._demand_not_checking()
        if self._current is not None and self._current.phase in UNDER_WAY:
            raise NotPermitted("screening_busy")

    def _demand_not_checking(self) -> None:
        if self._checking:
            raise NotPermitted("screening_checking")

    def _person(self, visit: str, seat_height_m: float | None) -> Person:
        store = self._parts.store
        found = store.visit(visit)
        if found is None:
            raise UsageError("screening_over")
        height_m = latest_number(store, found.person_id, "height", HEIGHT_UNITS)
        return Person(height_m, latest_number(store, found.person_id, "weight", MASS_UNITS), seat_height_m)

    async def _check(self) -> Checked:
        from osteogait.acquire.setup_check import check

        sensor = await self._sensor_for(None)
        return await check(sensor.source, worn=sensor.worn_by(None))

    async def _sensor_for(self, item: TestItem | None) -> SensorInUse:
        enrolled = await asyncio.to_thread(self._parts.enrolled.all)
        radio = await self._radio_now()
        return await choose(configuration(), enrolled, item, example=self._parts.example, radio=radio)

    async def _radio_now(self) -> Bluetooth | None:
        """Asked again while there was none: an adapter may be plugged in."""
        if self._radio is None:
            self._radio = await radio_of(configuration())
        return self._radio
