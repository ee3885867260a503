"""How a trial goes, on standard error: a bar where somebody watches, lines where a file does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.acquire.live import LiveChannel
    from osteogait.acquire.session import Session
    from osteogait.acquire.state import Event
    from osteogait.devices.driver import Samples
    from osteogait.errors import OsteogaitError

REDRAW_S = 0.2
LINE_EVERY_S = 10.0
"""Of the trial, where lines are written."""
WIDTH = 24
CLEAR = "\r\x1b[K"


class Progress:
    """Hears what sessions tell and says it; `live` adds steps, cadence and stillness to the bar."""

    def __init__(self, lang: str, seconds: float | None, *, live: bool = False) -> None:
        self._lang, self._seconds, self._live = lang, seconds, live
        self._bar = sys.stderr.isatty()
        self._sessions: dict[str, Session] = {}
        self._at_s: dict[str, float] = {}
        self._views: dict[str, LiveChannel] = {}
        self._lined: dict[str, float] = {}
        self._drawn_s = 0.0
        self._reasons = list[object]()

    def begin(self, session: Session) -> None:
        """A session is about to run."""
        self._sessions[session.source.name] = session

    def expect(self, seconds: float | None) -> None:
        """How long the test is, once that is known."""
        self._seconds = seconds if self._seconds is None else self._seconds

    def event(self, event: Event) -> None:
        """Say an event as a line of its own."""
        self._reasons.append(event.fields.get("reason"))
        self.say(event.message(self._lang))

    def has_said(self, error: OsteogaitError) -> bool:
        """True when an event gave this error as its reason."""
        return any(reason is error for reason in self._reasons)

    def say(self, text: str) -> None:
        """A line, with the bar out of its way."""
        sys.stderr.write(f"{CLEAR if self._bar else ''}{text}\n")
        sys.stderr.flush()

    def samples(self, name: str, first: int, samples: Samples) -> None:
        """How far a sensor is."""
        stream = self._sessions[name].books.stream
        if stream is None:
            return
        self._at_s[name] = (first + samples.n) / stream.rate_hz
        if self._live:
            self._follow(name, stream.rate_hz)(first, samples)
        if self._bar:
            self._redraw()
        elif self._at_s[name] - self._lined.get(name, 0.0) >= LINE_EVERY_S:
            self._lined[name] = self._at_s[name]
            self.say(self._line(name, self._at_s[name]))

    def end(self) -> None:
        """The bar goes."""
        if self._bar and self._at_s:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()

    def _follow(self, name: str, rate_hz: float) -> Callable[[int, Samples], None]:
        if name not in self._views:
            from osteogait.acquire.live import LiveChannel

            self._views[name] = LiveChannel(rate_hz)
        return self._views[name].take

    def _redraw(self) -> None:
        now_s = time.monotonic()
        if now_s - self._drawn_s < REDRAW_S:
            return
        self._drawn_s = now_s
        slowest = min(self._at_s, key=lambda name: self._at_s[name])
        text = self._line(slowest, self._at_s[slowest])
        if self._seconds:
            full = min(WIDTH, round(WIDTH * self._at_s[slowest] / self._seconds))
            text = f"[{'#' * full}{'.' * (WIDTH - full)}] {text}"
        sys.stderr.write(CLEAR + text)
        sys.stderr.flush()

    def _line(self, name: str, at_s: float) -> str:
        fields: dict[str, object] = {"sensor": name, "at": round(at_s), "seconds": round(self._seconds or 0)}
        code = "sensors_progress_of" if self._seconds else "sensors_progress"
        return sentence(code, self._lang, fields) + self._moves(name)

    def _moves(self, name: str) -> str:
        view = self._views[name].view if name in self._views else None
        if view is None:
            return ""
        fields: dict[str, object] = {"steps": view.steps, "cadence": round(view.cadence or 0)}
        code = "sensors_live_walks" if view.cadence else "sensors_live"
        return sentence(code, self._lang, fields)
