"""The tests of a visit in their order: done, skipped or still to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from osteogait.screening.battery import battery, test
from osteogait.screening.spared import spared
from osteogait.web.access import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from osteogait.screening.battery import TestItem
    from osteogait.storage.records import Visit
    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call

ACCEPTED, SKIPPED = "accepted", "skipped"
DECIDED = (ACCEPTED, SKIPPED)


@dataclass(frozen=True, slots=True)
class Step:
    """One test of a visit; `trial` is the try that decided it, `tries` how many there were.

    spared: a harder stand that need not be tried, for an easier one was not held.
    """

    item: TestItem
    trial: Trial | None
    tries: int
    spared: bool = False

    @property
    def state(self) -> str:
        """`accepted`, `skipped`, `spared` or `todo`."""
        if self.trial is None:
            return "spared" if self.spared else "todo"
        return self.trial.state


@dataclass(frozen=True, slots=True)
class Steps:
    """All tests of a visit."""

    all: tuple[Step, ...]

    def next_after(self, item: str) -> Step | None:
        """The next one to do, from the one after `item` on and round; None when all are decided."""
        ids = [step.item.id for step in self.all]
        start = ids.index(item) + 1 if item in ids else 0
        order = (*self.all[start:], *self.all[:start])
        return next((step for step in order if step.state == "todo"), None)

    def place_of(self, item: str) -> int:
        """Its number in the battery, from 1."""
        return [step.item.id for step in self.all].index(item) + 1

    @property
    def next(self) -> Step | None:
        """The first one to do."""
        return self.next_after("")

    @property
    def any_done(self) -> bool:
        """True when there is something to work a result out of."""
        return any(step.state == ACCEPTED for step in self.all)


def visit_of(call: Call) -> Visit:
    """The visit of the address; Unknown when there is none."""
    found = call.station.store.visit(call.params["visit"])
    if found is None:
        raise Unknown
    return found


def steps_of(call: Call, visit: Visit) -> Steps:
    """The tests that the visit was meant for, with what became of them."""
    trials = call.station.trials.of_visit(visit.id)
    items = battery(visit.battery).tests if visit.battery else _done(trials)
    steps = [_step(item, [one for one in trials if one.test == item.id]) for item in items]
    decided = {step.item.id: step.trial for step in steps if step.trial is not None}
    left_out = spared(items, decided)
    return Steps(tuple(replace(step, spared=step.item.id in left_out) for step in steps))


def item_of(call: Call, visit: Visit) -> TestItem:
    """The test of the address; Unknown when it is not one of this visit."""
    items = battery(visit.battery).tests if visit.battery else ()
    found = next((one for one in items if one.id == call.params["item"]), None)
    if found is None:
        raise Unknown
    return found


def _step(item: TestItem, tries: list[Trial]) -> Step:
    decided = [one for one in tries if one.state in DECIDED]
    return Step(item, decided[-1] if decided else None, len(tries))


def _done(trials: Iterable[Trial]) -> tuple[TestItem, ...]:
    """Of a visit without a battery: what was done all the same."""
    return tuple(test(name) for name in dict.fromkeys(one.test for one in trials))
