"""Codes on paper: each opens the kiosk once, for one person, within a day."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.clinic.purposes import SLIP_HOURS
from osteogait.storage.access_tables import SlipRow
from osteogait.storage.moment import now

if TYPE_CHECKING:
    from osteogait.storage.store import Store

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Nothing that looks like something else: no 0 and O, no 1 and I."""
LENGTH = 8
"""40 bits: with one try a second, half of all codes in 17,000 years."""


class Slips:
    """The slips of a box; of a code only the hash is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, person: str, by: str) -> str:
        """A new code for `person`."""
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        with self._store.session() as session:
            expires = now() + timedelta(hours=SLIP_HOURS)
            session.add(SlipRow(code_sha256=_hash(code), person_id=person, by=by, expires=expires))
        return code

    def use(self, code: str) -> str | None:
        """The person behind `code`, once; None for a code that is unknown, spent or past its day."""
        with self._store.session() as session:
            row = session.scalars(select(SlipRow).where(SlipRow.code_sha256 == _hash(code))).first()
            if row is None or row.used is not None or row.expires < now():
                return None
            row.used = now()
            return row.person_id

    def knows(self, person: str) -> bool:
        """Whether one was ever made for `person`: then staff know them, and they are not the kiosk's to erase."""
        return bool(self._store.read(select(SlipRow).where(SlipRow.person_id == person).limit(1)))


def _hash(code: str) -> str:
    """Of the code as it is read aloud: without blanks and dashes, small letters as capitals."""
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()
