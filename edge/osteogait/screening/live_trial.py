"""One test being done: from the press of Start to its measures, with browsers watching."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.acquire.live import LiveChannel
from osteogait.acquire.noted import Noted, note_trial
from osteogait.acquire.session import Session
from osteogait.acquire.state import Event, State
from osteogait.acquire.unfinished import SUFFIX, discard
from osteogait.errors import OsteogaitError
from osteogait.screening.by_watch import timed
from osteogait.screening.course import Course, Cue
from osteogait.screening.felt import CHANNELS, Felt
from osteogait.screening.listeners import Listener, Listeners
from osteogait.screening.look import EVERY_S, LOOKED_AT, Seen, look
from osteogait.screening.outcome import Outcome, measured
from osteogait.screening.phase import Phase

if TYPE_CHECKING:
    from osteogait.devices.driver import Samples
    from osteogait.screening.battery import TestItem
    from osteogait.screening.sensor_in_use import SensorInUse

logger = logging.getLogger(__name__)

FRAME_S, PICTURE_EVERY = 0.05, 2
"""Twenty frames a second for the plot, ten for the numbers."""
MARKED_BOTH = ("quiet_stance",)
"""Protocols that measure between their two marks."""
TROUBLE = frozenset({State.STALLED, State.INTERRUPTED, State.CONNECTING, State.FAILED})


@dataclass(frozen=True, slots=True)
class Person:
    """What the measures need to know of the person; None where nobody said."""

    height_m: float | None = None
    mass_kg: float | None = None
    seat_height_m: float | None = None


class LiveTrial:
    """One try of one test of a visit; lives in the loop of the screening, watched from others.

    phase, error and outcome may be read from any thread; the coroutines belong to the loop of the screening.
    """

    def __init__(
        self, visit: str, item: TestItem, folder: Path, person: Person, sensor: Callable[[TestItem], Any]
    ) -> None:
        """`sensor` gives the sensor to use, awaited at the start; the recording lies in `folder` afterwards."""
        self.id = str(uuid.uuid4())
        self.visit, self.item, self.person = visit, item, person
        self.path = folder / f"{item.id}.{self.id}{SUFFIX}"
        self.phase = Phase.READY
        self.error: OsteogaitError | None = None
        self.outcome: Outcome | None = None
        self.simulated = False
        self.trouble: Event | None = None
        self._sensor, self._listeners = sensor, Listeners()
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._cancelled = False
        self._course: Course | None = None
        self._live: LiveChannel | None = None
        self._felt: Felt | None = None
        self._seen = Seen()
        self._looking: asyncio.Task[None] | None = None
        self._looked = 0

    @property
    def seconds(self) -> float:
        """Since the start of the test itself, up to its end; 0 before."""
        course = self._course
        return 0.0 if course is None else course.since_s

    @property
    def longest_by_watch_s(self) -> float | None:
        """The longest time by stopwatch that fits into the recording; None where no such time is asked for."""
        course, outcome = self._course, self.outcome
        if (
            course is None
            or course.started is None
            or outcome is None
            or not outcome.usable
            or not self._marked
        ):
            return None
        return (course.position - course.started) / course.fs_hz

    @property
    def _marked(self) -> bool:
        """True for a test that is timed from its start to a mark."""
        return self.item.protocol not in MARKED_BOTH and (
            self.item.stop == "held" or self.item.distance_m is not None
        )

    # --- what a person does -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Reach the sensor and begin; nothing happens when it has begun already."""
        if self.phase not in (Phase.READY, Phase.FAILED):
            return
        self.error, self.trouble, self._cancelled = None, None, False
        self._enter(Phase.REACHING)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End the test now: before its start nothing was done, afterwards this is the mark of the stopwatch."""
        course = self._course
        if self.phase in (Phase.REACHING, Phase.COUNTDOWN):
            await self.cancel()
        elif course is not None:
            self._tell_cues(course.stop())

    async def cancel(self) -> None:
        """As if it had not been begun; what was recorded is thrown away."""
        self._cancelled = True
        if self._session is not None:
            self._session.finish()
        if self._task is not None:
            if self._session is None:
                self._task.cancel()
            await asyncio.wait([self._task])
        self._enter(Phase.READY)

    async def time_by_watch(self, seconds: float) -> None:
        """A stopwatch in somebody's hand said so many seconds: the try is measured anew with its mark."""
        course, outcome = self._course, self.outcome
        if course is None or course.started is None or outcome is None or outcome.kept is None:
            return
        course.stopped = course.started + round(seconds * course.fs_hz)
        await asyncio.to_thread(note_trial, self.path, self._noted())
        again = await asyncio.to_thread(measured, self.path, self.item.protocol, outcome.summary)
        if again.kept is not None and again.usable:
            again = replace(again, kept=timed(again.kept, seconds, self.item.seconds))
        self.outcome = again

    def listen(self, loop: asyncio.AbstractEventLoop) -> Listener:
        """A browser that watches from now on, told at once how things are."""
        listener = self._listeners.add(loop)
        for what in self._introduction():
            listener.tell(what)
        return listener

    def unlisten(self, listener: Listener) -> None:
        """It has gone."""
        self._listeners.remove(listener)

    def close(self) -> None:
        """Nothing more will be told: a person has decided."""
        self._listeners.close()

    # --- the main flow ------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Sensor, recording, marks, measures; whatever fails is told in words."""
        try:
            sensor = await self._sensor(self.item)
            self.simulated = sensor.simulated
            summary = await self._recorded(sensor)
            if self._cancelled:
                self._throw_away()
                return
            if self._course is not None:
                self._tell_cues(self._course.seen(True))
            self._enter(Phase.FINISHING)
            await asyncio.to_thread(note_trial, self.path, self._noted())
            self.outcome = await asyncio.to_thread(measured, self.path, self.item.protocol, summary)
            self._enter(Phase.REVIEW)
        except asyncio.CancelledError:
            self._throw_away()
        except OsteogaitError as error:
            self._fail(error)
        except Exception:
            logger.exception("test %s", self.item.id)
            self._fail(OsteogaitError("screening_broke"))

    async def _recorded(self, sensor: SensorInUse) -> Any:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._worn = sensor.worn_by(self.person.height_m)
        self._session = Session(
            sensor.source, self.path, worn=self._worn, on_event=self._heard, on_samples=self._felt_samples
        )
        telling = asyncio.create_task(self._tell_pictures())
        try:
            return await self._session.run()
        finally:
            telling.cancel()
            (ended,) = await asyncio.gather(telling, return_exceptions=True)
            if isinstance(ended, Exception):  # nobody saw anything, but the recording went on
                logger.error("pictures of %s", self.item.id, exc_info=ended)
            if self._looking is not None:
                await asyncio.wait([self._looking])
            self._tell_frame()
            self._session = None

    def _fail(self, error: OsteogaitError) -> None:
        self._throw_away()
        if not self._cancelled:
            self.error = error
            self._enter(Phase.FAILED)

    def _throw_away(self) -> None:
        discard(self.path)
        self._course = self._live = self._felt = None
        self._seen, self._looking, self._looked = Seen(), None, 0

    def _noted(self) -> Noted:
        course, item = self._course, self.item
        stopped = None
        if course is not None:
            stopped = course.ended if item.protocol in MARKED_BOTH else course.stopped
        marked = item.stop == "held" or item.distance_m is not None
        return Noted(
            started_sample=course.started if course is not None and marked else None,
            stopped_sample=stopped if marked else None,
            distance_m=item.distance_m, part=item.part,
            mass_kg=self.person.mass_kg, seat_height_m=self.person.seat_height_m,
        )  # fmt: skip

    # --- while samples come -------------------------------------------------------------------------------------

    def _felt_samples(self, first: int, samples: Samples) -> None:
        if self._felt is None:
            self._begin()
        felt, live, course = self._felt, self._live, self._course
        if felt is None or live is None or course is None:
            return
        felt.take(first, samples)
        live.take(first, samples)
        cues = course.take(felt.position, live.view)
        if Cue.GO in cues:
            live.restart_sway()
        self._tell_cues(cues)
        self._look_again()
        if course.over and self._session is not None:
            self._session.finish()

    def _begin(self) -> None:
        stream = None if self._session is None else self._session.books.stream
        fs_hz = 100.0 if stream is None else stream.rate_hz
        self._felt, self._live, self._course = Felt(fs_hz), LiveChannel(fs_hz), Course(self.item, fs_hz)
        self._enter(Phase.COUNTDOWN)
        for what in self._introduction():
            self._listeners.tell(what)

    def _look_again(self) -> None:
        """Once a second, in a thread, see whether the person has done all of it."""
        course, felt = self._course, self._felt
        if course is None or felt is None or not course.running or self.item.stop not in LOOKED_AT:
            return
        due = felt.position - self._looked >= EVERY_S * felt.fs_hz
        if due and (self._looking is None or self._looking.done()):
            self._looked = felt.position
            self._looking = asyncio.create_task(self._look(course, felt))

    async def _look(self, course: Course, felt: Felt) -> None:
        so_far = felt.recording(self._worn, self._noted())
        view = None if self._live is None else self._live.view
        if so_far is None or view is None:
            return
        self._seen = await asyncio.to_thread(look, self.item, so_far, view.still_s)
        self._tell_cues(course.seen(self._seen.done))

    # --- telling ------------------------------------------------------------------------------------------------

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._listeners.tell(self._state())

    def _tell_cues(self, cues: list[Cue]) -> None:
        for cue in cues:
            self._listeners.tell({"type": "cue", "cue": cue.value})
            if cue is Cue.GO:
                self._enter(Phase.RECORDING)
            if cue is Cue.END:
                self._enter(Phase.FINISHING)

    def _heard(self, event: Event) -> None:
        self.trouble = event if event.state in TROUBLE else None
        self._listeners.tell({"type": "sensor", "event": event})

    async def _tell_pictures(self) -> None:
        for tick in count():
            await asyncio.sleep(FRAME_S)
            self._tell_frame()
            if tick % PICTURE_EVERY == 0:
                self._listeners.tell(self._picture(), newest=True)

    def _tell_frame(self) -> None:
        frame = None if self._felt is None else self._felt.frame()
        if frame is not None:
            self._listeners.tell(frame)

    def _introduction(self) -> list[dict[str, Any]]:
        felt = self._felt
        if felt is None:
            return [self._state()]
        return [{"type": "stream", "rate_hz": felt.fs_hz, "channels": list(CHANNELS)}, self._state()]

    def _state(self) -> dict[str, Any]:
        return {"type": "state", "state": self.phase.value, "error": self.error, "outcome": self.outcome}

    def _picture(self) -> dict[str, Any]:
        """What counts, now."""
        view = None if self._live is None else self._live.view
        course = self._course
        left_s = None if course is None else course.left_s
        return {
            "type": "picture",
            "steps": None if view is None else view.steps,
            "still": None if view is None else view.still,
            "rises": self._seen.rises,
            "since_s": 0.0 if course is None else round(course.since_s, 2),
            "left_s": None if left_s is None else round(left_s, 2),
        }
