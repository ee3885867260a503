"""Erasing: nothing of a person is left in any byte, others keep what is theirs, and a cut can be taken up again."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from osteogait.clinic.roles import Role
from osteogait.errors import StoreError
from osteogait.storage import database
from osteogait.storage import erase as module
from osteogait.storage.accounts import Accounts
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.erase import erase
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.records import Recording, Value
from osteogait.storage.sessions import Sessions
from osteogait.storage.signatures import Signatures
from osteogait.storage.slips import Slips
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

MODEL: dict[str, Any] = {"version": "1", "sha256": "a" * 64}
PLANTED = ("王秀兰-planted", "C-planted-77", "139-planted", "file-planted", "signer-planted")
"""Names somebody: never on the disk as it is written."""
MEASURED = (
    "note-planted",
    "comment-planted",
    "samples-planted",
    "reason-planted",
    "left-over-planted",
    "assessed-planted",
)
"""Says something about a pseudonym: on the disk until erased."""


@dataclass
class Box:
    """Everything of a station that holds people."""

    store: Store
    identities: Identities
    documents: Documents
    audit: Audit
    folder: Path

    def bytes(self) -> bytes:
        """Of every file, names included."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return b"".join(str(path).encode() + path.read_bytes() for path in files)

    def found(self, words: tuple[str, ...]) -> list[str]:
        held = self.bytes()
        return [
            word for word in words if any(word.encode(code) in held for code in ("utf-8", "utf-16-le", "gbk"))
        ]

    def erase(self, person: str) -> None:
        erase(self.store, self.documents, self.audit, person, "admin")


@pytest.fixture
def box(opened: Store) -> Box:
    folder = opened.path.parent
    return Box(
        opened,
        Identities(opened, folder / "identity.key"),
        Documents(opened, folder / "documents"),
        Audit(opened),
        folder,
    )


@pytest.fixture
def wang(box: Box) -> str:
    """Somebody about whom everything is known that a box can know."""
    store = box.store
    doctor = Accounts(store).add("chen", "Dr Chen", Role.OWNER, "a sentence nobody uses", "test")
    person = store.add_person(birth_year=1948, sex="female")
    box.identities.put(person, Identity(PLANTED[0], PLANTED[1], PLANTED[2]))
    Consents(store).give(person, "test", lang="zh", signer="signer-planted", by=doctor.id)
    visit = store.add_visit(person, battery="quick", by=doctor.id)
    file = box.folder / "recordings" / visit / "walk.1.ogrec"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"samples-planted")
    file.with_name("walk.1.ogrec-wal").write_bytes(b"samples-planted")
    file.with_name("walk.2.ogrec").write_bytes(b"left-over-planted")
    recording = store.add_recording(visit, Recording(str(file), "b" * 64, "walk", 100.0, 10))
    Trials(store).add(visit, "walk", "walk", state="accepted", by=doctor.id, recording=recording)
    made = box.documents.keep(
        person,
        visit,
        "file-planted.csv",
        "lab_csv",
        f"{PLANTED[1]},{PLANTED[0]}".encode(),
        {"rows": 1},
        doctor.id,
    )
    (value,) = store.add_values(
        visit, [Value("ctx", 0.4, "ng/mL", "upload", notes={"lab": "note-planted"}, document_id=made.id)]
    )
    store.withdraw_value(value, by=doctor.id, reason="reason-planted")
    result = store.result(
        store.add_result(
            visit, {"model": MODEL, "software": {"version": "1"}, "said": "assessed-planted" * 300}
        )
    )
    assert result is not None
    Signatures(store).add(result, doctor.id, "comment", comment="comment-planted")
    Slips(store).make(person, doctor.id)
    Sessions(store).begin(None, Role.GUEST, "kiosk", person, visit)
    box.audit.add(doctor.id, "create", f"person:{person}")
    return person


def test_no_name_lies_open_on_the_disk_while_the_box_runs(box: Box, wang: str) -> None:
    assert (box.folder / "osteogait.sqlite-wal").stat().st_size > 0, "the log is searched too"
    assert box.found(PLANTED) == []
    assert box.found(MEASURED) == list(MEASURED), "the search itself works"
    assert box.documents.of(wang)[0].name == "file-planted.csv"
    assert Consents(box.store).of(wang)["test"].signer == "signer-planted"


def test_after_erasing_no_byte_tells_of_the_person(box: Box, wang: str) -> None:
    shutil.copy(box.store.path, box.folder / "osteogait.sqlite.before-migration-0001")
    box.erase(wang)
    assert box.found((*PLANTED, *MEASURED)) == []
    assert sorted(path.name for path in box.folder.iterdir() if "recordings" in path.name) == ["recordings"]
    assert list((box.folder / "recordings").iterdir()) == list((box.folder / "documents").iterdir()) == []
    found = box.store.person(wang)
    assert found is not None
    assert found.erased is not None
    assert (box.store.people(), box.store.visits_of(wang), box.store.values_of(wang)) == ((), (), ())
    assert box.identities.by_clinic_id(PLANTED[1]) is None


def test_that_it_happened_stays(box: Box, wang: str) -> None:
    box.erase(wang)
    (event,) = box.audit.rows(1, None)
    assert (event.actor, event.action, event.object) == ("admin", "erase", f"person:{wang}")
    assert event.details == '{"documents":1,"recordings":1}'
    assert box.audit.verify().ok


def test_others_keep_what_is_theirs(box: Box, wang: str) -> None:
    other = box.store.add_person(birth_year=1950, sex="male")
    visit = box.store.add_visit(other)
    box.identities.put(other, Identity("Li Bo", "D-5"))
    same = f"{PLANTED[1]},{PLANTED[0]}".encode()
    kept = box.documents.keep(other, visit, "same bytes.csv", "lab_csv", same, {}, "test")
    mine = box.documents.keep(other, visit, "own.csv", "lab_csv", b"own", {}, "test")
    box.erase(wang)
    assert box.identities.get(other) == Identity("Li Bo", "D-5")
    assert (box.documents.read(kept), box.documents.read(mine)) == (same, b"own")
    assert box.documents.of(other)[0].name == "same bytes.csv"


@pytest.mark.parametrize("where", ["_delete_rows", "now"])
def test_erasing_that_was_cut_can_be_taken_up_again(
    box: Box, wang: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, where, cut)
    with pytest.raises(KeyboardInterrupt):
        box.erase(wang)
    found = box.store.person(wang)
    assert found is not None
    assert found.erased is None
    assert [event.action for event in box.audit.rows(1, None)] == ["create"]
    monkeypatch.undo()
    box.erase(wang)
    assert box.found((*PLANTED, *MEASURED)) == []


def test_a_cut_before_the_files_are_gone_is_made_good_by_the_next_sweep(
    box: Box, wang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box.documents, "sweep", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        box.erase(wang)
    monkeypatch.undo()
    assert len(list((box.folder / "documents").iterdir())) == 1
    assert box.documents.sweep() == 1
    assert list((box.folder / "documents").iterdir()) == []


def test_a_folder_that_cannot_be_emptied_is_said_and_nothing_is_marked(box: Box, wang: str) -> None:
    (visit,) = box.store.visits_of(wang)
    folder = box.folder / "recordings" / visit.id
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "walk.1.ogrec").mkdir()  # what unlink refuses, also of root
    with pytest.raises(StoreError) as error:
        box.erase(wang)
    assert str(folder) in error.value.message("zh")
    found = box.store.person(wang)
    assert found is not None
    assert found.erased is None


def test_erasing_needs_no_key(box: Box, wang: str) -> None:
    (box.folder / "identity.key").unlink()
    with Store.open(box.store.path) as store:
        erase(store, Documents(store, box.folder / "documents"), Audit(store), wang, "admin")
        assert store.people() == ()


def test_erasing_while_somebody_reads(box: Box, wang: str) -> None:
    stop, failed = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                box.store.people(), box.audit.rows(10, None)
            except StoreError as error:
                failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        box.erase(wang)
    finally:
        stop.set()
        reader.join()
    assert failed == []
    assert box.found((*PLANTED, *MEASURED)) == []


def test_old_bytes_that_another_program_holds_on_to_are_told(
    box: Box, wang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PRAGMAS", ("PRAGMA busy_timeout = 50", *database.PRAGMAS[1:]))
    with Store.open(box.store.path) as store:
        reader = sqlite3.connect(store.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchone()
        with pytest.raises(StoreError, match="erased") as told:
            erase(store, Documents(store, box.folder / "documents"), Audit(store), wang, "admin")
        assert "-wal" in told.value.message("zh")
        reader.close()
        store.forget_deleted()
        assert box.found((*PLANTED, *MEASURED)) == []


def test_many_people_come_and_go_and_no_byte_of_those_who_went_is_left(box: Box) -> None:
    """Rows of all sizes move between pages: what was moved must not be left behind either."""
    rng, there = random.Random(7), {}  # noqa: S311
    for number in range(60):
        mark = f"<<{number:04d}>>"
        person = box.store.add_person(birth_year=1950, sex="male")
        visit = box.store.add_visit(person)
        notes = {"lab": mark * rng.randint(1, 300)}
        box.store.add_values(
            visit,
            [
                Value(f"v{n}", mark * rng.randint(1, 40), "", "t", notes=notes)
                for n in range(rng.randint(1, 20))
            ],
        )
        there[number] = person
        if number % 2:
            box.erase(there.pop(rng.choice(sorted(there))))
    held = box.bytes()
    assert {int(found) for found in re.findall(rb"(\d{4})>>", held)} == set(there)
