"""What people agreed to, purpose by purpose, and what they took back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.clinic.purposes import PURPOSES, TEXT_VERSION
from osteogait.errors import NotPermitted
from osteogait.storage.access_tables import ConsentRow
from osteogait.storage.moment import now

if TYPE_CHECKING:
    from osteogait.storage.store import Store

SIGNER = "signer"
"""The signature is a name as a rule: sealed like one."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent: which text in which language, who signed, who witnessed (`by`), when; and when taken back."""

    purpose: str
    text_version: str
    lang: str
    signer: str
    by: str
    given: datetime
    withdrawn: datetime | None

    @property
    def holds(self) -> bool:
        """True until it is taken back."""
        return self.withdrawn is None


class Consents:
    """The consents of everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def give(
        self, person: str, purpose: str, *, lang: str, signer: str, by: str, text: str = TEXT_VERSION
    ) -> None:
        """`signer` agreed; ValueError for a purpose that there is not. Given twice it stands once."""
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose} is no purpose")
        with self._store.session() as session:
            if purpose in self.held(person):
                return
            sealed = self._store.site_key.seal_text(SIGNER, signer, person)
            session.add(
                ConsentRow(
                    person_id=person, purpose=purpose, text_version=text, lang=lang, signer=sealed, by=by
                )
            )

    def withdraw(self, person: str, purpose: str, by: str) -> None:
        """Taken back: from now on nothing is done or exported for it."""
        with self._store.session() as session:
            query = select(ConsentRow).where(
                ConsentRow.person_id == person, ConsentRow.purpose == purpose, ConsentRow.withdrawn.is_(None)
            )
            for row in session.scalars(query):
                row.withdrawn, row.withdrawn_by = now(), by

    def of(self, person: str) -> Mapping[str, Consent]:
        """The newest consent of each purpose, also when taken back."""
        query = select(ConsentRow).where(ConsentRow.person_id == person).order_by(ConsentRow.given)
        return {row.purpose: self._consent(row) for row in self._store.read(query)}

    def held(self, person: str) -> frozenset[str]:
        """The purposes that `person` agrees to now."""
        query = select(ConsentRow.purpose).where(
            ConsentRow.person_id == person, ConsentRow.withdrawn.is_(None)
        )
        return frozenset(self._store.read(query))

    def agreeing(self, purpose: str) -> frozenset[str]:
        """Everybody who agrees to `purpose` now."""
        query = select(ConsentRow.person_id).where(
            ConsentRow.purpose == purpose, ConsentRow.withdrawn.is_(None)
        )
        return frozenset(self._store.read(query))

    def require(self, person: str, purpose: str) -> None:
        """NotPermitted (`no_consent`) unless `person` agrees to `purpose` now."""
        if purpose not in self.held(person):
            raise NotPermitted("no_consent", purpose=purpose)

    def _consent(self, row: ConsentRow) -> Consent:
        signer = self._store.site_key.open_text(SIGNER, row.signer, row.person_id)
        return Consent(row.purpose, row.text_version, row.lang, signer, row.by, row.given, row.withdrawn)
