"""Everything kept of one person, gathered for what leaves the box; who they are is never part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from osteogait.errors import StoreError
from osteogait.report.withheld import is_genotype

if TYPE_CHECKING:
    from osteogait.storage.audit import Audit, Event
    from osteogait.storage.consents import Consent, Consents
    from osteogait.storage.documents import Document, Documents
    from osteogait.storage.records import Person, Recording, Result, Value, Visit
    from osteogait.storage.signatures import Signature, Signatures
    from osteogait.storage.store import Store
    from osteogait.storage.trials import Trial, Trials


class Box(Protocol):
    """What an export needs of the station."""

    @property
    def store(self) -> Store:
        """People, visits, values, results."""

    @property
    def trials(self) -> Trials:
        """Tests done."""

    @property
    def consents(self) -> Consents:
        """What people agreed to."""

    @property
    def documents(self) -> Documents:
        """Files as they were uploaded."""

    @property
    def signatures(self) -> Signatures:
        """Who signed what."""

    @property
    def audit(self) -> Audit:
        """What was done by whom."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is kept of `person`; `recordings`, `acts` and `states` by the id of recording and result.

    `withheld` counts genotypes left out because their own consent is missing. Signers of consents and the names of
    uploaded files may name people and are never read from here.
    """

    person: Person
    visits: tuple[Visit, ...] = ()
    values: tuple[Value, ...] = ()
    trials: tuple[Trial, ...] = ()
    recordings: Mapping[str, Recording] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    acts: Mapping[str, tuple[Signature, ...]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    documents: tuple[Document, ...] = ()
    events: tuple[Event, ...] = ()
    withheld: int = 0

    @property
    def has_genotypes(self) -> bool:
        """Whether human genetic resource information is among it."""
        return any(is_genotype(value.variable) for value in self.values)

    def of_result(self, result: str) -> Facts:
        """The same with this result alone and what was known at its visit or before; StoreError for no such result."""
        chosen = tuple(one for one in self.results if one.id == result)
        if not chosen:
            raise StoreError("store_no_result", result=result)
        moment, visit = chosen[0].created, chosen[0].visit_id
        return replace(
            self,
            visits=tuple(one for one in self.visits if one.id == visit),
            values=tuple(one for one in self.values if one.created is None or one.created <= moment),
            trials=tuple(one for one in self.trials if one.visit_id == visit),
            results=chosen,
        )


def gather(box: Box, person: str, *, own: bool = False, audit: bool = False) -> Facts:
    """What is kept of `person`, with the rows of the audit that name them when `audit`.

    Without the person's consent to the tests NotPermitted, and genotypes need theirs; `own`: the person asks for
    their own data, which needs no consent. StoreError when there is no such person or they were erased.
    """
    who = box.store.person(person)
    if who is None or who.erased is not None:
        raise StoreError("store_no_person", person=person)
    if not own:
        box.consents.require(person, "test")
    values, agreed = box.store.values_of(person), own or "genetics" in box.consents.held(person)
    shown = tuple(value for value in values if agreed or not is_genotype(value.variable))
    results = box.store.results_of(person)
    facts = Facts(
        person=who,
        visits=box.store.visits_of(person),
        values=shown,
        trials=box.trials.of_person(person),
        recordings={recording.id: recording for recording in box.store.recordings_of(person)},
        results=results,
        acts={result.id: box.signatures.of(result.id) for result in results},
        states={result.id: box.signatures.state(result) for result in results},
        consents=tuple(box.consents.of(person).values()),
        documents=box.documents.of(person),
        withheld=len(values) - len(shown),
    )
    return replace(facts, events=_events(box, facts)) if audit else facts


def _events(box: Box, facts: Facts) -> tuple[Event, ...]:
    """Rows of the audit about this person, oldest first: those whose object or details name one of their ids."""
    parts: tuple[Any, ...] = (facts.person, *facts.visits, *facts.results, *facts.trials, *facts.documents)
    ids = {part.id for part in parts}
    rows = reversed(box.audit.rows(None, None))
    return tuple(row for row in rows if any(part in row.object or part in row.details for part in ids))
