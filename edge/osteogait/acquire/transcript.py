"""A stored session gone through once more without a radio: the same bytes, the same driver, the same books."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from osteogait.acquire.books import Books
from osteogait.acquire.state import State
from osteogait.devices.driver import Driver, Expect, Outcome, Read, Settings, Steps
from osteogait.errors import DecodeError, OsteogaitError
from osteogait.radio.entry import Entry, Kind


@dataclass(frozen=True, slots=True)
class Connection:
    """The entries of one link, from its set-up on."""

    resuming: bool
    entries: Sequence[Entry]


def events(entries: Sequence[Entry]) -> list[dict[str, object]]:
    """What the session told, as it stands in the file."""
    return [json.loads(entry.value) for entry in entries if entry.kind is Kind.EVENT]


def connections(entries: Sequence[Entry]) -> list[Connection]:
    """The transcript cut where the session began to set a sensor up."""
    found: list[tuple[bool, list[Entry]]] = []
    for entry in entries:
        if entry.kind is Kind.EVENT:
            event = json.loads(entry.value)
            if event["state"] == State.SETTLING.value:
                found.append((bool(event["fields"].get("resuming")), []))
        if found:
            found[-1][1].append(entry)
    return [Connection(resuming, tuple(part)) for resuming, part in found]


def reread(entries: Sequence[Entry], driver: Driver, settings: Settings, books: Books) -> Books:
    """Fill `books` from a transcript; what was recorded before a link was set up to its end does not count."""
    for connection in connections(entries):
        _Pass(connection, driver, books).run(settings)
    books.place_silences()
    return books


class _Pass:
    """One connection gone through: the answers that were recorded are given to the driver's steps."""

    def __init__(self, connection: Connection, driver: Driver, books: Books) -> None:
        self._connection, self._driver, self._books = connection, driver, books
        self._reads = iter([one for one in connection.entries if one.kind is Kind.READ])
        self._heard = iter([one for one in connection.entries if one.kind is Kind.NOTIFY])

    def run(self, settings: Settings) -> None:
        early: list[Entry] = []
        steps = self._driver.setup(settings, resuming=self._connection.resuming)
        try:
            stream = self._carry_out(steps, early.append)
        except (_Exhausted, OsteogaitError):
            return  # the link went before the sensor had been started
        self._books.begin(stream)
        for entry in early:
            self._take(entry, keep=stream.resumed)
        for entry in self._heard:
            self._take(entry)

    def _carry_out(self, steps: Steps[Outcome], heard: Callable[[Entry], object]) -> Outcome:
        answer, first = b"", True
        try:
            while True:
                step = next(steps) if first else steps.send(answer)
                first, answer = False, b""
                if isinstance(step, Read):
                    answer = self._answer_to(step)
                elif isinstance(step, Expect):
                    answer = self._expected(step, heard)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        finally:
            steps.close()

    def _answer_to(self, step: Read) -> bytes:
        for entry in self._reads:
            if entry.characteristic == step.characteristic:
                return entry.value
        raise _Exhausted

    def _expected(self, step: Expect, heard: Callable[[Entry], object]) -> bytes:
        for entry in self._heard:
            if entry.characteristic == step.characteristic and step.matches(entry.value):
                return entry.value
            heard(entry)
        raise _Exhausted

    def _take(self, entry: Entry, *, keep: bool = True) -> None:
        try:
            samples = self._driver.decode(entry.characteristic, entry.value)
        except DecodeError:
            self._books.undecodable += 1
            return
        if samples is not None and keep:
            self._books.enter(entry.monotonic_ns, samples)


class _Exhausted(Exception):
    """The transcript ends before the driver's question is answered."""
