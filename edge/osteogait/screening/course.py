"""The course of one test on the clock of its samples: countdown, start, end; nothing here waits or knows a radio.

Everything is counted in samples that came, so that a test played faster than life has the same course.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaitsignal.live import LiveView
    from osteogait.screening.battery import TestItem

COUNTDOWN_S = 3
TAIL_S = 1.0
"""Recorded after the end: a step out of the stance is seen whole, and filters have settled."""
SITTING_DOWN_S = 3.0
"""After the fifth rise: its way back to the seat is measured too."""
PAUSED_S = 6.0
"""Who has not turned yet and stands still may be resting on the way: only so long a rest ends the walk."""
FEWEST_STEPS = 4
MOVED_S = 1.0


class Cue(StrEnum):
    """Something the person hears and sees at once."""

    THREE = "three"
    TWO = "two"
    ONE = "one"
    GO = "go"
    MOVED = "moved"
    END = "end"


class Course:
    """One test from its first sample on; `take` gives the cues that are due."""

    def __init__(self, item: TestItem, fs_hz: float) -> None:
        self.item, self.fs_hz = item, fs_hz
        self.started: int | None = None
        self.stopped: int | None = None
        self.ended: int | None = None
        self.moved: int | None = None
        self.position = 0
        self.by_hand = False
        self._counted = 0
        self._told_moved = False
        self._restless_since: int | None = None

    @property
    def over(self) -> bool:
        """True when the recording may be closed."""
        tail_s = SITTING_DOWN_S if self.item.stop == "risen" and not self.by_hand else TAIL_S
        return self.ended is not None and self.position >= self.ended + tail_s * self.fs_hz

    @property
    def running(self) -> bool:
        """True between start and end."""
        return self.started is not None and self.ended is None

    @property
    def since_s(self) -> float:
        """Seconds since the start, up to the end; 0 before."""
        if self.started is None:
            return 0.0
        return ((self.position if self.ended is None else self.ended) - self.started) / self.fs_hz

    @property
    def left_s(self) -> float | None:
        """Seconds left: of the countdown, then of a test that has a length; else None."""
        if self.started is None:
            return max(0.0, COUNTDOWN_S - self.position / self.fs_hz)
        end = self._fixed_end()
        return None if end is None else max(0.0, (end - self.position) / self.fs_hz)

    def take(self, position: int, view: LiveView | None) -> list[Cue]:
        """Samples have come up to `position`; `view` is the live picture, None for a sensor without one."""
        self.position = position
        cues = self._countdown()
        if self.running:
            self._watch(view)
            if self._due(view):
                cues.append(self._end(self._fixed_end() or position))
            elif self._lost_the_stance(view):
                cues.append(Cue.MOVED)
        return cues

    def seen(self, done: bool) -> list[Cue]:
        """A look at the recording so far found the test complete, or not yet."""
        return [self._end(self.position)] if done and self.running else []

    def stop(self) -> list[Cue]:
        """A person ended it: before the start nothing was done, afterwards this is the mark of the stopwatch."""
        if not self.running:
            return []
        self.by_hand = True
        self.stopped = self.position
        return [self._end(self.position)]

    # --- the countdown ------------------------------------------------------------------------------------------

    def _countdown(self) -> list[Cue]:
        cues = []
        steps = (Cue.THREE, Cue.TWO, Cue.ONE)
        while self._counted < COUNTDOWN_S and self.position >= self._counted * self.fs_hz:
            cues.append(steps[self._counted])
            self._counted += 1
        if self.started is None and self.position >= COUNTDOWN_S * self.fs_hz:
            self.started = round(COUNTDOWN_S * self.fs_hz)
            cues.append(Cue.GO)
        return cues

    # --- the end ------------------------------------------------------------------------------------------------

    def _watch(self, view: LiveView | None) -> None:
        if view is None:
            return
        self._restless_since = None if view.still else self._restless_since or self.position
        if self.moved is None and self._restless_since is not None:
            self.moved = self.position

    def _fixed_end(self) -> int | None:
        """Where a test of a given length ends: from the start, or from the first movement where stands are counted."""
        if self.item.seconds is None or self.started is None:
            return None
        begin = self.started if self.item.stop == "held" else max(self.started, self.moved or self.position)
        return round(begin + self.item.seconds * self.fs_hz)

    def _due(self, view: LiveView | None) -> bool:
        end = self._fixed_end()
        if end is not None and self.position >= end:
            return True
        if self.since_s >= self.item.longest_s:
            return True
        return self.item.stop == "walked" and view is not None and self._walked(view)

    def _walked(self, view: LiveView) -> bool:
        return self.moved is not None and view.steps >= FEWEST_STEPS and view.still_s >= PAUSED_S

    def _end(self, at: int) -> Cue:
        self.ended = at
        return Cue.END

    def _lost_the_stance(self, view: LiveView | None) -> bool:
        """Once: somebody who was to hold still has moved for a second. It is shown, a person decides."""
        since = self._restless_since
        if self._told_moved or self.item.stop != "held" or view is None or since is None:
            return False
        self._told_moved = self.position - since >= MOVED_S * self.fs_hz and since >= (self.started or 0)
        return self._told_moved
