"""Who a pseudonym is: sealed apart from everything measured, under a key a person that the key of the site wraps."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.errors import CaseError, StoreError
from osteogait.storage.access_tables import IdentityRow
from osteogait.storage.identity import Identity
from osteogait.storage.moment import now
from osteogait.storage.site_key import KEY_BYTES, SiteKey, open_sealed, seal

if TYPE_CHECKING:
    from osteogait.storage.store import Store

WRAPPING, CLINIC_NUMBER = "wrapping", "clinic number"
LONGEST = 200


class Identities:
    """The identities of a box; without the file of the site's key none of them can be read."""

    def __init__(self, store: Store, key_file: Path) -> None:
        self._store, self._site = store, SiteKey(store, key_file)

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
                    sealed=seal(key, json.dumps(asdict(identity), ensure_ascii=False).encode(), person),
                    wrapped_key=self._site.seal(WRAPPING, key, person),
                    clinic_id_hmac=mark,
                    changed=now(),
                )
            )

    def get(self, person: str) -> Identity | None:
        """Who `person` is; None when nobody wrote it down or it was erased."""
        rows = self._store.read(select(IdentityRow).where(IdentityRow.person_id == person))
        return self._opened(rows[0]) if rows else None

    def of(self, people: Iterable[str]) -> dict[str, Identity]:
        """Those of `people` that are known, by pseudonym."""
        rows = self._store.read(select(IdentityRow).where(IdentityRow.person_id.in_(list(people))))
        return {row.person_id: self._opened(row) for row in rows}

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
        mark = self._mark(_plain(clinic_id))
        rows = self._store.read(select(IdentityRow.person_id).where(IdentityRow.clinic_id_hmac == mark))
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

        key = self._site.open(WRAPPING, row.wrapped_key, row.person_id)
        try:
            return Identity(**json.loads(open_sealed(key, row.sealed, row.person_id)))
        except InvalidTag as error:
            raise StoreError("identity_sealed", file=str(self._site.file)) from error

    def _mark(self, clinic_id: str) -> str:
        """Finds a clinic number again without keeping it; the same however wide it was typed."""
        typed = unicodedata.normalize("NFKC", clinic_id)
        return hmac.new(self._site.derived(CLINIC_NUMBER), typed.encode(), hashlib.sha256).hexdigest()


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _tidy(identity: Identity) -> Identity:
    texts = {name: _plain(text) for name, text in asdict(identity).items()}
    for name, text in texts.items():
        if len(text) > LONGEST:
            raise CaseError("too_long", key=name, limit=LONGEST)
    return Identity(texts["name"], texts["clinic_id"] or None, texts["contact"] or None)
