"""Screens people through the store's own code, step by step, and says `ACK n` the moment n steps are durable.

Run under a tracer. Arguments: the folder, and what is broken on purpose: `none`, `sync` (no sync at all), or
`erase` (what is deleted is not synced).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from osteogait.clinic.roles import Role
from osteogait.storage import database as module
from osteogait.storage.access_tables import AccountRow
from osteogait.storage.accounts import Accounts
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.erase import erase
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.records import Value
from osteogait.storage.sessions import Sessions
from osteogait.storage.settings import Settings
from osteogait.storage.signatures import Signatures
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

PEOPLE, YEAR = 2, 1930
DOCTOR, STAFF = "doctor", "staff"
PASSWORD = "a sentence nobody uses"  # noqa: S105 - of tests alone


def name_of(number: int) -> str:
    """Everything about a person is a function of the number."""
    return f"Person number {number}"


def mark_of(number: int) -> str:
    """Stands wherever something was measured."""
    return f"<mark of {number}>"


def assessment_of(number: int) -> dict[str, Any]:
    """A result of some pages that can be told from any other."""
    model = {"version": "1", "sha256": "a" * 64}
    return {"model": model, "software": {"version": "1"}, "text": mark_of(number) * 400 * (number + 1)}


def document_of(number: int) -> bytes:
    """An uploaded file of some sectors."""
    return f"row {number}\n".encode() * 200


class Box:
    """The store with what hangs on it; one method a step, each what one request to the app does."""

    def __init__(self, folder: Path) -> None:
        self.store = Store.open(folder / "osteogait.sqlite")
        self.identities = Identities(self.store, folder / "identity.key")
        self.documents = Documents(self.store, folder / "documents")
        self.audit = Audit(self.store)
        self.people: list[str] = []
        self.visits: list[str] = []

    def steps(self) -> list[Callable[[], None]]:
        """All that happens, in order; each adds one event to the audit."""
        parts = (self.registered, self.tested, self.uploaded, self.assessed, self.signed)
        each = [partial(part, number) for number in range(PEOPLE) for part in parts]
        return [*each, self.hired, self.withdrawn, self.erased]

    def registered(self, number: int) -> None:
        with self.store.transaction():
            person = self.store.add_person(birth_year=YEAR + number, sex="female")
            self.identities.put(person, Identity(name_of(number), f"C-{number}"))
            Consents(self.store).give(person, "test", lang="zh", signer=name_of(number), by=DOCTOR)
            self.audit.add(DOCTOR, "create", f"person:{person}")
        self.people.append(person)

    def tested(self, number: int) -> None:
        measures = {"usable": True, "measures": {mark_of(number): 1.0}}
        with self.store.transaction():
            visit = self.store.add_visit(self.people[number], battery="quick", by=DOCTOR)
            trial = Trials(self.store).add(
                visit, "walk", "walk", state="accepted", by=DOCTOR, measures=measures
            )
            self.audit.add(DOCTOR, "create", f"trial:{trial}")
        self.visits.append(visit)

    def uploaded(self, number: int) -> None:
        person, visit = self.people[number], self.visits[number]
        with self.store.transaction():
            made = self.documents.keep(person, visit, "lab.csv", "lab_csv", document_of(number), {}, DOCTOR)
            value = Value("weight", 50.0 + number, "kg", "upload", document_id=made.id)
            self.store.add_values(visit, [value])
            self.audit.add(DOCTOR, "create", f"document:{made.id}")

    def assessed(self, number: int) -> None:
        with self.store.transaction():
            result = self.store.add_result(self.visits[number], assessment_of(number))
            self.audit.add(DOCTOR, "create", f"result:{result}")

    def signed(self, number: int) -> None:
        (result,) = self.store.results_of(self.people[number])
        with self.store.transaction():
            Signatures(self.store).add(result, DOCTOR, "sign")
            self.audit.add(DOCTOR, "sign", f"result:{result.id}")

    def hired(self) -> None:
        """Somebody new with access, whose first session begins, and a choice of theirs."""
        accounts, sessions = Accounts(self.store), Sessions(self.store)
        with self.store.transaction():
            made = accounts.add(STAFF, "Staff", Role.CLINICIAN, PASSWORD, DOCTOR)
            sessions.begin(made, made.role, "staff")
            Settings(self.store).put(STAFF, STAFF, made.id)
            self.audit.add(DOCTOR, "create", f"account:{made.id}")

    def withdrawn(self) -> None:
        """By the last person, what they agreed to first."""
        person = self.people[-1]
        with self.store.transaction():
            Consents(self.store).withdraw(person, "test", DOCTOR)
            self.audit.add(DOCTOR, "consent", f"person:{person}", withdrawn="test")

    def erased(self) -> None:
        """The first person, after all."""
        erase(self.store, self.documents, self.audit, self.people[0], DOCTOR)


def main() -> None:
    folder, broken = Path(sys.argv[1]), sys.argv[2]
    if broken == "sync":
        module.PRAGMAS = (*module.PRAGMAS, "PRAGMA synchronous = OFF")
        os.fsync = lambda _: None
    box = Box(folder)
    row = AccountRow(id=DOCTOR, name=DOCTOR, display="Dr", role=str(Role.OWNER), password="", by="test")
    with box.store.session() as session:
        session.add(row)
    os.write(1, b"READY\n")
    steps = box.steps()
    for number, step in enumerate(steps, start=1):
        if broken == "erase" and number == len(steps):
            os.fsync = lambda _: None
        step()
        os.write(1, f"ACK {number}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    main()
