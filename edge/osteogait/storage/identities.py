"""Who a pseudonym is: sealed apart from everything measured, under a key a person that the key of the site wraps."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.errors import CaseError, StoreError
from osteogait.storage.access_tables import IdentityRow
from osteogait.storage.database import sync_folder
from osteogait.storage.tables import now

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    from osteogait.storage.store import Store

KEY_BYTES, NONCE_BYTES = 32, 12
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies somebody; every part may be unknown. `clinic_id` is the number the clinic knows them by."""

    name: str = ""
    clinic_id: str | None = None
    contact: str | None = None


class Identities:
    """The identities of a box; without the file of the site's key none of them can be read."""

    def __init__(self, store: Store, key_file: Path) -> None:
        self._store, self._file = store, key_file

    def put(self, person: str, identity: Identity) -> None:
        """What is known of `person` from now on; CaseError when another has the same clinic number."""
        identity = _tidy(identity)
        key = os.urandom(KEY_BYTES)
        mark = None if identity.clinic_id is None else self._mark(identity.clinic_id)
        with self._store.session() as session:
            if mark is not None:
                query = select(IdentityRow.person_id).where(IdentityRow.clinic_id_hmac == mark)
                if session.scalars(query).first() not in (None, person):
                    raise CaseError("clinic_id_taken", value=identity.clinic_id)
            session.merge(
                IdentityRow(
                    person_id=person,
                    sealed=_seal(key, json.dumps(asdict(identity), ensure_ascii=False).encode(), person),
                    wrapped_key=_seal(self._wrapping_key, key, person),
                    clinic_id_hmac=mark,
                    changed=now(),
                )
            )

    def get(self, person: str) -> Identity | None:
        """Who `person` is; None when nobody wrote it down or it was erased."""
        rows = self._store.read(select(IdentityRow).where(IdentityRow.person_id == person))
        return self._opened(rows[0]) if rows else None

    def all(self) -> dict[str, Identity]:
        """Everybody by pseudonym."""
        return {row.person_id: self._opened(row) for row in self._store.read(select(IdentityRow))}

    def find(self, text: str) -> tuple[tuple[str, Identity], ...]:
        """Whose name contains `text`, or whose clinic number begins with it; by name."""
        wanted = text.strip().casefold()
        found = [
            (person, one)
            for person, one in self.all().items()
            if wanted in one.name.casefold() or (one.clinic_id or "").casefold().startswith(wanted)
        ]
        return tuple(sorted(found, key=lambda pair: pair[1].name.casefold()))

    def by_clinic_id(self, clinic_id: str) -> str | None:
        """The pseudonym of whom the clinic knows by this number."""
        query = select(IdentityRow.person_id).where(
            IdentityRow.clinic_id_hmac == self._mark(clinic_id.strip())
        )
        rows = self._store.read(query)
        return str(rows[0]) if rows else None

    def erase(self, person: str) -> None:
        """Nobody can tell any more who `person` was: what was sealed goes, and its key with it."""
        with self._store.session() as session:
            row = session.get(IdentityRow, person)
            if row is not None:
                session.delete(row)

    # --- inside -------------------------------------------------------------------------------------------------

    def _opened(self, row: IdentityRow) -> Identity:
        from cryptography.exceptions import InvalidTag

        try:
            key = _open(self._wrapping_key, row.wrapped_key, row.person_id)
            return Identity(**json.loads(_open(key, row.sealed, row.person_id)))
        except InvalidTag as error:
            raise StoreError("identity_sealed", file=str(self._file)) from error

    def _mark(self, clinic_id: str) -> str:
        return hmac.new(self._derived(b"clinic number"), clinic_id.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _wrapping_key(self) -> bytes:
        return self._derived(b"wrapping")

    def _derived(self, purpose: bytes) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"osteogait identity " + purpose).derive(
            self._site_key
        )

    @cached_property
    def _site_key(self) -> bytes:
        """The key of the site; made, for its owner's eyes alone, when there are no identities yet."""
        if not self._file.exists():
            if self._store.read(select(IdentityRow.person_id).limit(1)):
                raise StoreError("identity_key_missing", file=str(self._file))
            _write_key(self._file)
        key = self._file.read_bytes()
        if len(key) != KEY_BYTES:
            raise StoreError("identity_key_missing", file=str(self._file))
        return key


def _write_key(path: Path) -> None:
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, os.urandom(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    part.rename(path)
    sync_folder(path.parent)


def _tidy(identity: Identity) -> Identity:
    texts = {name: " ".join((text or "").split()) for name, text in asdict(identity).items()}
    for name, text in texts.items():
        if len(text) > LONGEST:
            raise CaseError("too_long", key=name, limit=LONGEST)
    return Identity(texts["name"], texts["clinic_id"] or None, texts["contact"] or None)


def _cipher(key: bytes) -> ChaCha20Poly1305:
    # without AES instructions, as on a Raspberry Pi 4, ChaCha20 is the faster one
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key)


def _seal(key: bytes, content: bytes, person: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, content, person.encode())


def _open(key: bytes, sealed: bytes, person: str) -> bytes:
    return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], person.encode())
