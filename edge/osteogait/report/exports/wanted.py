"""What of a person's record is wanted: tests, conditions, days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteogait.storage.trials import Trial


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty parts ask for everything. `since` and `until` are days in UTC, both inside.

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

    def on(self, when: datetime | None) -> bool:
        """Whether a moment is inside; without a moment only when no day is asked for."""
        if when is None:
            return self.since is None and self.until is None
        day = when.date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def trial(self, one: Trial) -> bool:
        """Whether a try of a test is wanted."""
        test = not self.tests or one.test in self.tests
        condition = not self.conditions or one.variant in self.conditions
        return test and condition and self.on(one.created)


EVERYTHING = Wanted()
