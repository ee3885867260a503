"""Tests done at a visit, try by try: taken, refused, repeated or skipped with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from osteogait.errors import StoreError
from osteogait.storage.records import canonical_json
from osteogait.storage.tables import TrialRow, VisitRow

if TYPE_CHECKING:
    from osteogait.storage.store import Store


@dataclass(frozen=True, slots=True)
class Trial:
    """One try of `test`: `measures` is the document of its recording, None when there is none.

    state is `open` (a person must decide), `accepted`, `rejected` (the quality gate), `repeated` or `skipped`.
    """

    id: str
    visit_id: str
    person_id: str
    test: str
    protocol: str
    variant: str | None
    attempt: int
    state: str
    reason: str | None
    recording_id: str | None
    measures: Mapping[str, Any] | None
    by: str
    created: datetime

    @property
    def usable(self) -> bool:
        """True when its recording passed the quality gate."""
        return bool(self.measures and self.measures["usable"])


class Trials:
    """The tests of everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(  # noqa: PLR0913 - a try has as many facts
        self,
        visit: str,
        test: str,
        protocol: str,
        *,
        state: str,
        by: str,
        variant: str | None = None,
        reason: str | None = None,
        recording: str | None = None,
        measures: Mapping[str, Any] | None = None,
    ) -> str:
        """The id of the next try of `test` at `visit`; StoreError when there is no such visit."""
        with self._store.session() as session:
            if session.get(VisitRow, visit) is None:
                raise StoreError("store_no_visit", visit=visit)
            query = select(TrialRow.id).where(TrialRow.visit_id == visit, TrialRow.test == test)
            row = TrialRow(
                visit_id=visit, test=test, protocol=protocol, variant=variant, state=state, reason=reason, by=by,
                attempt=len(session.scalars(query).all()) + 1, recording_id=recording,
                measures=None if measures is None else canonical_json(measures),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def set_state(self, trial: str, state: str, reason: str | None = None) -> None:
        """What became of the try."""
        with self._store.session() as session:
            row = session.get(TrialRow, trial)
            if row is None:
                raise StoreError("store_no_trial", trial=trial)
            row.state, row.reason = state, reason

    def get(self, trial: str) -> Trial | None:
        """The try with this id."""
        found = self._found(TrialRow.id == trial)
        return found[0] if found else None

    def of_visit(self, visit: str) -> tuple[Trial, ...]:
        """All tries of a visit, oldest first."""
        return self._found(TrialRow.visit_id == visit)

    def of_person(self, person: str, test: str | None = None) -> tuple[Trial, ...]:
        """All tries of a person, or those of one test, oldest first."""
        conditions = [VisitRow.person_id == person]
        if test is not None:
            conditions.append(TrialRow.test == test)
        return self._found(*conditions)

    def _found(self, *conditions: Any) -> tuple[Trial, ...]:
        query = select(TrialRow).join(VisitRow).where(*conditions).order_by(TrialRow.created)
        rows = self._store.read(query)
        people: dict[str, str] = {}
        for row in rows:
            if row.visit_id not in people:
                people[row.visit_id] = self._store.read(
                    select(VisitRow.person_id).where(VisitRow.id == row.visit_id)
                )[0]
        return tuple(_trial(row, people[row.visit_id]) for row in rows)


def _trial(row: TrialRow, person: str) -> Trial:
    return Trial(
        row.id, row.visit_id, person, row.test, row.protocol, row.variant, row.attempt, row.state, row.reason,
        row.recording_id, None if row.measures is None else json.loads(row.measures), row.by, row.created,
    )  # fmt: skip
