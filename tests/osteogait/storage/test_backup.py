"""A backup holds everything, opens with the key alone, and comes back whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from osteogait.clinic.roles import Role
from osteogait.errors import StoreError
from osteogait.storage import backup as backup_module
from osteogait.storage import restore as restore_module
from osteogait.storage.accounts import Accounts
from osteogait.storage.audit import Audit
from osteogait.storage.backup import BACKUP, Backup, back_up
from osteogait.storage.consents import Consents
from osteogait.storage.documents import Documents
from osteogait.storage.erase import erase
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.records import Recording
from osteogait.storage.restore import restore
from osteogait.storage.sealed_stream import PIECE, SealedReader, SealedWriter
from osteogait.storage.sessions import Sessions
from osteogait.storage.site_key import derive
from osteogait.storage.store import Store

NAME, SAMPLES, UPLOAD = "王秀兰 Planted-Backup", b"samples-planted " * 5000, b"upload-planted " * 100
PASSWORD = "a sentence nobody uses"  # noqa: S105 - of tests alone


@dataclass(frozen=True)
class Box:
    """A box with one person, a recording, an uploaded file, an account and its session."""

    store: Store
    folder: Path
    person: str
    visit: str
    token: str

    @property
    def key(self) -> bytes:
        return self.store.site_key.key

    def back_up(self, target: Path) -> Backup:
        target.mkdir(exist_ok=True)
        return back_up(self.store, Audit(self.store), target, "test")


@pytest.fixture
def box(opened: Store, somebody: str) -> Box:
    folder = opened.path.parent
    Identities(opened, folder / "identity.key").put(somebody, Identity(NAME, "C-1"))
    Consents(opened).give(somebody, "test", lang="zh", signer=NAME, by="test")
    visit = opened.add_visit(somebody)
    path = folder / "recordings" / visit / "walk.1.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(SAMPLES)
    opened.add_recording(visit, Recording(str(path), "a" * 64, "walk", 100.0, 6000))
    Documents(opened, folder / "documents").keep(somebody, visit, "lab.csv", "lab_csv", UPLOAD, {}, "test")
    account = Accounts(opened).add("mei", "Mei", Role.OWNER, PASSWORD, "test")
    token, _ = Sessions(opened).begin(account, Role.OWNER, "staff")
    return Box(opened, folder, somebody, visit, token)


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(StoreError) as error:
        call()
    assert error.value.message("en") != error.value.message("zh")
    return error.value.code


def test_everything_comes_back_in_another_place(box: Box, tmp_path: Path) -> None:
    made = box.back_up(tmp_path / "stick")
    assert (made.documents, made.recordings, made.missing) == (1, 1, ())
    new = tmp_path / "new box"
    found = restore(made.path, new, box.key, "test")
    assert (found.people, found.documents, found.recordings, found.head) == (1, 1, 1, made.head)
    with Store.open(new / "osteogait.sqlite") as store:
        identity = Identities(store, new / "identity.key").get(box.person)
        assert identity == Identity(NAME, "C-1")
        assert Consents(store).of(box.person)["test"].signer == NAME
        (recording,) = store.recordings_of(box.person)
        assert recording.path == str(new / "recordings" / box.visit / "walk.1.sqlite")
        assert Path(recording.path).read_bytes() == SAMPLES
        documents = Documents(store, new / "documents")
        assert [documents.read(one) for one in documents.of(box.person)] == [UPLOAD]
        assert Accounts(store).check_password("mei", PASSWORD, "here") is not None
        assert Sessions(store).find(box.token) is None, "everybody signs in again"
        assert Audit(store).verify().ok
        assert Audit(store).contains(made.head)
        assert [event.details for event in Audit(store).rows(1, None)] != []
    assert sorted(path.name for path in new.iterdir()) == [
        "documents", "identity.key", "osteogait.sqlite", "recordings",
    ]  # fmt: skip
    assert {path.stat().st_mode & 0o077 for path in [new, *new.rglob("*")]} == {0}


def test_nothing_of_a_person_can_be_read_in_it(box: Box, tmp_path: Path) -> None:
    made = box.back_up(tmp_path / "stick")
    held = made.path.read_bytes()
    for word in (
        NAME.encode(),
        b"Planted-Backup",
        SAMPLES[:16],
        UPLOAD[:15],
        b"SQLite format",
        box.person.encode(),
    ):
        assert word not in held
    assert box.key not in held
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert NAME not in made.path.name
    assert list((tmp_path / "stick").iterdir()) == [made.path]
    assert not list(box.folder.glob("*.backup-*")), "no open copy stays behind"


def test_it_is_made_while_others_write(box: Box, tmp_path: Path) -> None:
    with Store.open(box.store.path) as other, other.transaction():
        other.add_person(birth_year=1940, sex="male")
        copy = tmp_path / "copy.sqlite"
        backup_module.copy_database(box.store.path, copy)  # nobody waits for the transaction
    with sqlite3.connect(copy) as database:
        assert database.execute("SELECT count(*) FROM people").fetchone() == (1,)
    database.close()


@pytest.mark.parametrize("at", [0, 5, 20, 44, 48, 3000, -1, -20])
def test_one_changed_byte_and_nothing_is_restored(box: Box, tmp_path: Path, at: int) -> None:
    made = box.back_up(tmp_path / "stick")
    content = bytearray(made.path.read_bytes())
    content[at] ^= 1
    made.path.write_bytes(content)
    new = tmp_path / "new"
    assert _code(lambda: restore(made.path, new, box.key, "test")) in {"backup_damaged", "backup_other_key"}
    assert not new.exists() or list(new.iterdir()) == []


def test_another_key_opens_nothing(box: Box, tmp_path: Path) -> None:
    made = box.back_up(tmp_path / "stick")
    assert _code(lambda: restore(made.path, tmp_path / "new", bytes(32), "test")) == "backup_other_key"


@pytest.mark.parametrize("name", ["osteogait.sqlite", "documents", "recordings"])
def test_a_box_that_is_there_is_never_overwritten(box: Box, tmp_path: Path, name: str) -> None:
    made = box.back_up(tmp_path / "stick")
    there = tmp_path / "new" / name
    there.parent.mkdir()
    there.write_text("mine")
    assert _code(lambda: restore(made.path, there.parent, box.key, "test")) == "restore_not_empty"
    assert there.read_text() == "mine"


def test_a_restore_that_was_cut_off_can_be_done_again(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, new = box.back_up(tmp_path / "stick"), tmp_path / "new"

    def cut(place: Path, folder: Path) -> None:
        (place / "documents").rename(folder / "documents")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restore_module, "_put_in_place", cut)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # nobody is left to tidy up
        with pytest.raises(KeyboardInterrupt):
            restore(made.path, new, box.key, "test")
    assert sorted(path.name for path in new.iterdir()) == ["documents", "restoring"]
    assert restore(made.path, new, box.key, "test").people == 1


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "documents/../../evil",
        "documents/x",
        "recordings/a/../b",
        "sub/osteogait.sqlite",
    ],
)
def test_a_name_that_is_not_ours_is_never_a_path(box: Box, tmp_path: Path, name: str) -> None:
    forged = tmp_path / "forged.backup"
    with forged.open("wb") as file:
        sealed = SealedWriter(file, derive(box.key, BACKUP))
        with tarfile.open(fileobj=sealed, mode="w|") as archive:  # type: ignore[call-overload]
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        sealed.close()
    new = tmp_path / "new"
    assert _code(lambda: restore(forged, new, box.key, "test")) == "backup_damaged"
    assert not (tmp_path / "evil").exists()
    assert list(new.iterdir()) == []


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_only_plain_files_are_taken(box: Box, tmp_path: Path, kind: bytes) -> None:
    forged, member = tmp_path / "forged.backup", tarfile.TarInfo("osteogait.sqlite")
    member.type, member.linkname = kind, "/etc/passwd"
    with forged.open("wb") as file:
        sealed = SealedWriter(file, derive(box.key, BACKUP))
        with tarfile.open(fileobj=sealed, mode="w|") as archive:  # type: ignore[call-overload]
            archive.addfile(member)
        sealed.close()
    assert _code(lambda: restore(forged, tmp_path / "new", box.key, "test")) == "backup_damaged"


def test_a_file_that_is_gone_is_named(box: Box, tmp_path: Path) -> None:
    (recording,) = box.store.recordings_of(box.person)
    Path(recording.path).unlink()
    made = box.back_up(tmp_path / "stick")
    assert made.missing == (f"recordings/{box.visit}/walk.1.sqlite",)


def test_a_stick_that_cannot_be_written_is_said(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert _code(lambda: box.back_up(tmp_path / "stick")) == "output_unwritable"
    monkeypatch.undo()
    assert list((tmp_path / "stick").iterdir()) == []
    assert not list(box.folder.glob("*.backup-*"))


def test_what_a_backup_that_was_cut_off_left_goes_with_an_erasure(box: Box) -> None:
    left = box.store.path.with_name("osteogait.sqlite.backup-4242")
    shutil.copyfile(box.store.path, left)
    erase(box.store, Documents(box.store, box.folder / "documents"), Audit(box.store), box.person, "test")
    assert not left.exists()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_stream_of_any_length_comes_back(size: int) -> None:
    content, key, file = os.urandom(size), os.urandom(32), io.BytesIO()
    writer = SealedWriter(file, key)
    for at in range(0, size, 300_000):
        writer.write(content[at : at + 300_000])
    writer.close()
    reader = SealedReader(io.BytesIO(file.getvalue()), key)
    assert b"".join(iter(lambda: reader.read(70_000), b"")) == content


@pytest.mark.parametrize("harm", ["cut", "longer", "swapped", "unfinished", "short", "empty"])
def test_a_stream_that_is_not_as_it_was_sealed_does_not_open(harm: str) -> None:
    key, file = os.urandom(32), io.BytesIO()
    writer = SealedWriter(file, key)
    writer.write(bytes(3 * PIECE))
    if harm != "unfinished":
        writer.close()
    sealed, header, piece = file.getvalue(), 48, PIECE + 16
    changed = {
        "cut": sealed[: header + 2 * piece],
        "longer": sealed + sealed[-100:],
        "swapped": sealed[:header] + sealed[header + piece : header + 2 * piece] + sealed[header : header + piece]
        + sealed[header + 2 * piece :],
        "unfinished": sealed,
        "short": sealed[:30],
        "empty": b"",
    }[harm]  # fmt: skip

    def read() -> None:
        reader = SealedReader(io.BytesIO(changed), key)
        while reader.read(PIECE):
            pass

    assert _code(read) == "backup_damaged"
