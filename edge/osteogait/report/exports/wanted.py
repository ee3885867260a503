"""What of a person's record is wanted: tests, conditions, days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from osteogait.clinic.intake.moment import in_its_zone
from osteogait.report.document import OUTCOMES
from osteogait.report.fhir.facts import Facts
from osteogait.report.fhir.inputs import input_ids

if TYPE_CHECKING:
    from osteogait.storage.trials import Trial


NO_NOTES: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty parts ask for everything. `since` and `until` are days, both inside, on the clock of the place: of the
    value where it names its zone, else of this box.

    tests        ids of tests; where some are named, values and results are left out
    conditions   variants of tests, such as `closed_firm` or `left`
    """

    tests: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @property
    def only_tests(self) -> bool:
        """Whether nothing but tests is wanted."""
        return bool(self.tests or self.conditions)

    def on(self, when: datetime | None, notes: Mapping[str, object] = NO_NOTES) -> bool:
        """Whether a moment is inside; without a moment only when no day is asked for."""
        if when is None:
            return self.since is None and self.until is None
        day = in_its_zone(when, notes).date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def trial(self, one: Trial) -> bool:
        """Whether a try of a test is wanted."""
        test = not self.tests or one.test in self.tests
        condition = not self.conditions or one.variant in self.conditions
        return test and condition and self.on(one.created)


EVERYTHING = Wanted()


def narrowed(facts: Facts, wanted: Wanted) -> Facts:
    """What is wanted of `facts`, and whatever the results among it rest on, so that every reference finds its end."""
    results = () if wanted.only_tests else tuple(one for one in facts.results if wanted.on(one.created))
    visits = {one.visit_id for one in results}
    inputs = {one for result in results for one in input_ids(result.id, result.assessment, OUTCOMES)}
    values = tuple(
        one
        for one in facts.values
        if one.id in inputs or (not wanted.only_tests and wanted.on(one.taken_at or one.created, one.notes))
    )
    read_from = {one.document_id for one in values}
    return replace(
        facts,
        values=values,
        trials=tuple(one for one in facts.trials if one.visit_id in visits or wanted.trial(one)),
        results=results,
        documents=tuple(one for one in facts.documents if one.id in read_from),
    )
