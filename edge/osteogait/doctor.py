"""Is this station well? Database, audit, key, files, disk, clock and model are looked at; nothing is mended."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from osteogait.errors import OsteogaitError, StoreError
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteogait.storage.records import Recording
    from osteogait.storage.store import Store

State = Literal["ok", "warn", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found; a `fault` needs somebody now, a `warn` soon."""

    check: str
    state: State
    code: str
    fields: Mapping[str, object]

    def message(self, lang: str) -> str:
        """The finding in words."""
        return sentence(self.code, lang, self.fields)

    def to_json(self, lang: str) -> dict[str, Any]:
        """For programs: which check, its state, the code of the sentence and the sentence."""
        return {"check": self.check, "state": self.state, "code": self.code, "message": self.message(lang)}


def examine(database: Path) -> tuple[Finding, ...]:
    """Every look at the station whose database is `database`, which must be there."""
    first = _database(database)
    return (
        first,
        *(_inside(database) if first.state == "ok" else ()),
        _recordings(database.with_name("recordings")),
        _disk(database.parent),
        _clock(),
        _model(),
    )


def _fault(check: str, error: OsteogaitError) -> Finding:
    return Finding(check, "fault", error.code, error.fields)


def _database(path: Path) -> Finding:
    from osteogait.storage.usable import check_usable, known_versions, store_error

    try:
        check_usable(path)
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except StoreError as error:
        return _fault("database", error)
    except sqlite3.DatabaseError as error:
        return _fault("database", store_error(error, path))
    if answer != "ok":
        return _fault("database", StoreError("store_damaged", path=path, reason=answer))
    if version != known_versions()[-1]:
        return Finding("database", "warn", "doctor_database_older", {"version": version})
    return Finding("database", "ok", "doctor_database", {"path": path})


def _inside(database: Path) -> Iterator[Finding]:
    """What only the opened store shows."""
    from osteogait.storage.store import Store

    try:
        with Store.open(database) as store:
            yield _audit(store)
            key = _key(store)
            yield key
            yield _kept(store, sealed_too=key.state == "ok")
    except StoreError as error:
        yield _fault("database", error)


def _audit(store: Store) -> Finding:
    from osteogait.storage.audit import Audit

    verdict = Audit(store).verify()
    facts = {"rows": verdict.rows, "first_bad": verdict.first_bad, "head": verdict.head}
    return Finding(
        "audit", "ok" if verdict.ok else "fault", "audit_whole" if verdict.ok else "audit_broken", facts
    )


def _key(store: Store) -> Finding:
    from osteogait.storage.identities import Identities

    try:
        people = len(Identities(store, store.site_key.file).all()) if store.site_key.key else 0
    except StoreError as error:
        return _fault("key", error)
    return Finding("key", "ok", "doctor_key", {"people": people})


def _kept(store: Store, *, sealed_too: bool) -> Finding:
    """Every result and every file that the database names; uploads are sealed, and without the key left out."""
    from osteogait.storage.documents import Documents

    documents = Documents(store, store.path.with_name("documents"))
    results = files = 0
    try:
        for person in store.people():
            results += len(store.results_of(person.id))
            for document in documents.of(person.id) if sealed_too else ():
                documents.read(document)
                files += 1
            for recording in store.recordings_of(person.id):
                if not _is_as_it_was(recording):
                    return Finding("files", "fault", "doctor_recording_lost", {"path": recording.path})
                files += 1
    except StoreError as error:
        return _fault("files", error)
    return Finding("files", "ok", "doctor_files", {"results": results, "files": files})


def _is_as_it_was(recording: Recording) -> bool:
    try:
        with Path(recording.path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == recording.sha256
    except OSError:
        return False


def _recordings(folder: Path) -> Finding:
    from osteogait.acquire.unfinished import unfinished

    places = sorted(place for place in folder.glob("*") if place.is_dir())
    count = sum(len(unfinished(place)) for place in places)
    return Finding(
        "recordings",
        "warn" if count else "ok",
        f"doctor_cut_off_{'some' if count else 'none'}",
        {"count": count},
    )


def _disk(folder: Path) -> Finding:
    from osteogait.acquire.limits import Limits

    free, limits = shutil.disk_usage(folder).free, Limits()
    state: State = "ok" if free >= limits.disk_warn_bytes else "warn"
    if free < limits.disk_start_bytes:
        needed = limits.disk_start_bytes / 1e6
        error = StoreError("disk_nearly_full", path=folder, free=round(free / 1e6), needed=needed)
        return _fault("disk", error)
    return Finding("disk", state, "doctor_disk", {"free": round(free / 1e9, 1)})


def _clock() -> Finding:
    from osteogait.storage.audit import SYNCHRONISED
    from osteogait.storage.moment import now

    known = SYNCHRONISED.exists()
    facts = {"now": now().isoformat(timespec="seconds")}
    return Finding("clock", "ok" if known else "warn", f"doctor_clock_{'set' if known else 'unsure'}", facts)


def _model() -> Finding:
    from osteogait.assessment.model import load_model

    try:
        model = load_model()
    except OsteogaitError as error:
        return _fault("model", error)
    if model.predictor is None:
        (remark,) = model.remarks
        return Finding("model", "fault", "no_engine", remark.fields)
    return Finding("model", "ok", "doctor_model", {"engine": model.engine_name})
