"""Identities: sealed on the disk, found again, gone when erased."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from osteogait.errors import CaseError, StoreError
from osteogait.storage.audit import Audit
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.erase import erase
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.records import Recording
from osteogait.storage.store import Store
from osteogait.storage.trials import Trials

WANG = Identity("王秀兰 Wang Xiulan", "C-771-绿", "139 0000 1234")
PLANTED = ("王秀兰", "Xiulan", "C-771", "139 0000 1234")


@pytest.fixture
def identities(opened: Store) -> Identities:
    return Identities(opened, opened.path.parent / "identity.key")


def _bytes_of(folder: Path) -> bytes:
    return b"".join(
        path.read_bytes() + path.name.encode() for path in sorted(folder.rglob("*")) if path.is_file()
    )


def test_who_somebody_is_comes_back(identities: Identities, somebody: str) -> None:
    identities.put(somebody, WANG)
    assert identities.get(somebody) == WANG
    assert identities.by_clinic_id(" C-771-绿 ") == somebody
    assert identities.by_clinic_id("C-771") is None


@pytest.mark.parametrize("text", ["王秀", "xiulan", "WANG", "c-771"])
def test_people_are_found_by_a_part_of_name_or_number(
    identities: Identities, opened: Store, somebody: str, text: str
) -> None:
    identities.put(somebody, WANG)
    identities.put(opened.add_person(birth_year=1950, sex="male"), Identity("Li Bo", "D-5"))
    assert [person for person, _ in identities.find(text)] == [somebody]


def test_nothing_on_the_disk_names_anybody(identities: Identities, opened: Store, somebody: str) -> None:
    identities.put(somebody, WANG)
    identities.put(somebody, Identity("Zhao Guiying", "C-771-绿"))
    held = _bytes_of(opened.path.parent)
    for text in (*PLANTED, "Zhao", "Guiying"):
        assert text.encode() not in held
        assert text.encode("utf-16-le") not in held


def test_one_clinic_number_is_one_person(identities: Identities, opened: Store, somebody: str) -> None:
    identities.put(somebody, WANG)
    identities.put(somebody, Identity("Wang X.", WANG.clinic_id))
    other = opened.add_person(birth_year=1950, sex="female")
    with pytest.raises(CaseError, match="C-771"):
        identities.put(other, Identity("Somebody", WANG.clinic_id))
    assert identities.get(other) is None


def test_the_key_is_for_its_owner_alone(identities: Identities, opened: Store, somebody: str) -> None:
    identities.put(somebody, WANG)
    key = opened.path.parent / "identity.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32


def test_without_the_right_key_nobody_can_be_read(
    identities: Identities, opened: Store, somebody: str
) -> None:
    identities.put(somebody, WANG)
    key = opened.path.parent / "identity.key"
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(StoreError, match="missing"):
        Identities(opened, key).get(somebody)
    assert not key.exists(), "a new key in the place of a lost one would hide the loss"
    key.write_bytes(bytes(32))
    with pytest.raises(StoreError, match="does not fit"):
        Identities(opened, key).get(somebody)
    key.write_bytes(kept)
    assert Identities(opened, key).get(somebody) == WANG


def test_a_lost_key_is_told_wherever_something_is_sealed(opened: Store, somebody: str) -> None:
    documents = Documents(opened, opened.path.parent / "documents")
    kept = documents.keep(somebody, None, "lab.csv", "lab_csv", b"a,b", {}, "test")
    Consents(opened).give(somebody, "test", lang="zh", signer="王", by="test")
    key = opened.path.parent / "identity.key"
    key.unlink()
    with Store.open(opened.path) as store:
        asks: tuple[Callable[[], object], ...] = (
            lambda: Documents(store, opened.path.parent / "documents").read(kept),
            lambda: Documents(store, opened.path.parent / "documents").of(somebody),
            lambda: Consents(store).of(somebody),
            lambda: Consents(store).give(somebody, "cloud", lang="zh", signer="王", by="test"),
        )
        for ask in asks:
            with pytest.raises(StoreError) as lost:
                ask()
            assert lost.value.code == "identity_key_missing"
        assert Consents(store).held(somebody) == {"test"}, "tests go on without names"
    assert not key.exists()


def test_a_sealed_identity_cannot_be_given_to_another(
    identities: Identities, opened: Store, somebody: str
) -> None:
    other = opened.add_person(birth_year=1950, sex="female")
    identities.put(somebody, WANG)
    identities.put(other, Identity("Li Bo"))
    with sqlite3.connect(opened.path) as database:
        database.execute(
            "UPDATE identities SET (sealed, wrapped_key) ="
            " (SELECT sealed, wrapped_key FROM identities WHERE person_id = ?) WHERE person_id = ?",
            (somebody, other),
        )
    database.close()
    with pytest.raises(StoreError):
        identities.get(other)


def test_erasing_leaves_a_pseudonym_and_the_audit(
    identities: Identities, opened: Store, somebody: str, tmp_path: Path
) -> None:
    documents, audit = Documents(opened, opened.path.parent / "documents"), Audit(opened)
    other = opened.add_person(birth_year=1940, sex="male")
    recording = tmp_path / "data" / "walk.ogrec"
    recording.write_bytes(b"samples of somebody")
    for person, text in ((somebody, "shared bytes"), (other, "shared bytes"), (somebody, "Xiulan's own")):
        visit = opened.add_visit(person, battery="quick", by="test")
        documents.keep(person, visit, "lab.csv", "lab_csv", text.encode(), {}, "test")
    identities.put(somebody, WANG)
    Consents(opened).give(somebody, "test", lang="zh", signer=WANG.name, by="test")
    row = opened.add_recording(visit, Recording(str(recording), "b" * 64, "walk", 100.0, 10))
    Trials(opened).add(visit, "walk", "walk", state="accepted", by="test", recording=row)
    erase(opened, documents, audit, somebody, "admin")
    found = opened.person(somebody)
    assert found is not None
    assert found.erased is not None
    assert opened.people() == (opened.person(other),)
    assert not recording.exists()
    assert documents.read(documents.of(other)[0]) == b"shared bytes"
    held = _bytes_of(opened.path.parent)
    for text in (*PLANTED, "Xiulan's own", "samples of somebody"):
        assert text.encode() not in held
    assert [event.action for event in audit.rows(1, None)] == ["erase"]
    assert audit.verify().ok
    with pytest.raises(StoreError):
        opened.add_visit(somebody)
