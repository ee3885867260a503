"""Screens people through the store's own code and says `ACK n` the moment n of them are durable; run under a tracer.

Arguments: the folder, and what is broken on purpose: `none`, or `sync` (no sync at all).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from osteogait.storage import database as module
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.identities import Identities, Identity
from osteogait.storage.records import Value
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

PEOPLE = 3
YEAR = 1930


def name_of(number: int) -> str:
    """Everything about a person is a function of the number."""
    return f"Person number {number}"


def assessment_of(number: int) -> dict[str, Any]:
    """A result that can be told from any other."""
    model = {"version": "1", "sha256": "a" * 64}
    return {"number": number, "model": model, "software": {"version": "1"}, "text": "骨" * 400 * number}


def document_of(number: int) -> bytes:
    """An uploaded file of some sectors."""
    return f"row {number}\n".encode() * 200


def main() -> None:
    folder, broken = Path(sys.argv[1]), sys.argv[2]
    if broken == "sync":
        module.PRAGMAS = (*module.PRAGMAS, "PRAGMA synchronous = OFF")
        os.fsync = lambda _: None
    store = Store.open(folder / "osteogait.sqlite")
    identities = Identities(store, folder / "identity.key")
    documents = Documents(store, folder)
    os.write(1, b"READY\n")
    for number in range(PEOPLE):
        screen(store, identities, documents, number)
        os.write(1, f"ACK {number + 1}\n".encode())
    os._exit(0)


def screen(store: Store, identities: Identities, documents: Documents, number: int) -> None:
    """One person from the door to the result, in one transaction as the app does it."""
    with store.transaction():
        person = store.add_person(birth_year=YEAR + number, sex="female")
        identities.put(person, Identity(name_of(number), f"C-{number}"))
        Consents(store).give(person, "test", lang="zh", signer=name_of(number), by="test")
        visit = store.add_visit(person, battery="quick", by="test")
        Trials(store).add(visit, "walk", "walk", state="skipped", reason="pain", by="test")
        store.add_values(visit, [Value("weight", 50.0 + number, "kg", "typed")])
        documents.keep(person, visit, "lab.csv", "lab_csv", document_of(number), {}, "test")
        store.add_result(visit, assessment_of(number))
        Audit(store).add("test", "create", f"person:{person}", number=number)


if __name__ == "__main__":
    main()
