"""Recordings that were cut off: a person says what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.acquire.unfinished import Unfinished, discard, keep_as_partial, unfinished
from osteogait.errors import UsageError
from osteogait.screening.battery import test
from osteogait.screening.keep import recording_row
from osteogait.screening.outcome import measured

if TYPE_CHECKING:
    from osteogait.acquire.summary import RecordingSummary
    from osteogait.screening.parts import Parts


@dataclass(frozen=True, slots=True)
class CutOff:
    """One of them: of which person and visit, begun when, how much of it there is, and why none of it can be used."""

    name: str
    person: str | None
    visit: str
    started_utc: str | None
    seconds: float
    problem: str | None


class LeftOver:
    """The cut-off recordings of a station."""

    def __init__(self, parts: Parts, busy: Path | None) -> None:
        """`busy` is being recorded just now."""
        self._parts, self._busy = parts, busy

    def all(self) -> tuple[CutOff, ...]:
        """Those nobody has decided about, by name."""
        folder = self._parts.recordings
        visits = sorted(one for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []
        return tuple(
            self._described(one, place.name)
            for place in visits
            for one in unfinished(place)
            if one.path != self._busy
        )

    def _described(self, one: Unfinished, visit: str) -> CutOff:
        found = self._parts.store.visit(visit)
        person = None if found is None else found.person_id
        return CutOff(one.path.name, person, visit, one.started_utc, one.seconds, one.problem)

    def keep(self, name: str, by: str) -> str:
        """Close it as it is: a rejected try of its test, marked as cut off, so that no number rests on it. Its id."""
        found = self._found(name)
        if found.problem is not None:
            raise UsageError("screening_nothing_to_keep")
        path = self._parts.recordings / found.visit / found.name
        keep_as_partial(path)
        return self._write_down(found, path, by)

    def discard(self, name: str, by: str) -> None:
        """Throw it away; its row of the audit comes first, so that nothing goes without one."""
        found = self._found(name)
        self._parts.audit.add(by, "erase", f"recording:{found.name}", visit=found.visit)
        discard(self._parts.recordings / found.visit / found.name)

    def _found(self, name: str) -> CutOff:
        for one in self.all():
            if one.name == name:
                return one
        raise UsageError("screening_not_cut_off", file=name[:60])

    def _write_down(self, found: CutOff, path: Path, by: str) -> str:
        item = test(found.name.partition(".")[0])
        row = recording_row(path, item.protocol, _figures(path))
        outcome = measured(path, item.protocol, None)
        with self._parts.store.transaction():
            recording = self._parts.store.add_recording(found.visit, row)
            kept = self._parts.trials.add(
                found.visit, item.id, item.protocol, variant=item.variant, state="rejected", reason="cut_off",
                recording=recording, measures=outcome.kept, by=by,
            )  # fmt: skip
            self._parts.audit.add(by, "create", f"trial:{kept}", test=item.id, state="rejected", cut_off=True)
        return kept


def _figures(path: Path) -> RecordingSummary:
    from osteogait.acquire.recorded import read_recorded
    from osteogait.acquire.summary import summarise

    recorded = read_recorded(path)
    return summarise(
        recorded.books(), path, str(recorded.facts.get("sensor")), recorded.model.key, None, "stopped"
    )
