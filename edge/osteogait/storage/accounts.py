"""People who sign in: their names, roles, and the hashes of their passwords and PINs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from osteogait.clinic import passwords
from osteogait.clinic.roles import Role
from osteogait.errors import CaseError, NotPermitted, StoreError
from osteogait.storage.access_tables import AccountRow, FailureRow
from osteogait.storage.moment import now, seconds_since

if TYPE_CHECKING:
    from osteogait.storage.store import Store

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
FREE_TRIES = 5
"""Wrong passwords in a row before anybody has to wait."""
WAIT_S, LONGEST_WAIT_S = 15.0, 900.0
"""The first wait; it doubles with every further wrong try."""
FORGOTTEN_S = 24 * 3600.0
"""After a day without another try a mistake no longer counts."""
PIN_TRIES = 5
LONGEST_DISPLAY = 80


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with access; `name` is typed to sign in, `display` is what people call them."""

    id: str
    name: str
    display: str
    role: Role
    lang: str | None
    active: bool
    has_pin: bool
    created: datetime


class Accounts:
    """All accounts of a box."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, display: str, role: Role, password: str, by: str) -> Account:
        """A new account; CaseError for a bad name, a taken one or a weak password."""
        name, display = name.lower(), " ".join(display.split())
        if not NAME.fullmatch(name):
            raise CaseError("account_name", name=name)
        if not 1 <= len(display) <= LONGEST_DISPLAY:
            raise CaseError("account_display", limit=LONGEST_DISPLAY)
        passwords.check_password_rules(password, name, *display.split())
        kept = passwords.hashed(password)
        with self._store.session() as session:
            if session.scalars(select(AccountRow).where(AccountRow.name == name)).first() is not None:
                raise CaseError("account_taken", name=name)
            row = AccountRow(name=name, display=display, role=str(role), password=kept, by=by)
            session.add(row)
            session.flush()
            return _account(row)

    def add_first(self, name: str, display: str, role: Role, password: str, by: str) -> Account:
        """The account that the box begins with; NotPermitted (`box_has_owner`) once anybody has one.

        Asked under the lock of the store: of several who begin at once, one becomes the owner.
        """
        with self._store.session() as session:
            if session.scalars(select(AccountRow.id).limit(1)).first() is not None:
                raise NotPermitted("box_has_owner")
            return self.add(name, display, role, password, by)

    def get(self, account: str) -> Account | None:
        """The account with this id."""
        rows = self._store.read(select(AccountRow).where(AccountRow.id == account))
        return _account(rows[0]) if rows else None

    def by_name(self, name: str) -> Account | None:
        """The account that signs in under `name`."""
        rows = self._store.read(select(AccountRow).where(AccountRow.name == name.lower()))
        return _account(rows[0]) if rows else None

    def all(self) -> tuple[Account, ...]:
        """Everybody, the oldest account first."""
        return tuple(
            _account(row) for row in self._store.read(select(AccountRow).order_by(AccountRow.created))
        )

    def set_password(self, account: str, password: str) -> None:
        """Another password; a forgotten PIN goes with it, and waits end."""
        known = self.get(account)
        passwords.check_password_rules(
            password, *(() if known is None else (known.name, *known.display.split()))
        )
        kept = passwords.hashed(password)
        with self._store.session():
            row = self._row(account)
            row.password, row.pin, row.pin_failures = kept, None, 0
            self._forget(_subject("name", row.name))

    def set_pin(self, account: str, pin: str) -> None:
        """Another PIN; CaseError unless it has four to six digits."""
        passwords.check_pin_rules(pin)
        kept = passwords.hashed(pin)
        with self._store.session():
            row = self._row(account)
            row.pin, row.pin_failures = kept, 0

    def set_active(self, account: str, active: bool) -> None:
        """Switches the account on or off; NotPermitted for the last one that can administer."""
        with self._store.session():
            row = self._row(account)
            row.active = active
            self._keep_one_administrator()

    def set_role(self, account: str, role: Role) -> None:
        """Another role; NotPermitted when nobody could administer any more."""
        with self._store.session():
            self._row(account).role = str(role)
            self._keep_one_administrator()

    def check_password(self, name: str, password: str, address: str) -> Account | None:
        """The active account behind name and password, else None, after the same time whichever is wrong.

        NotPermitted (`try_later`) while the name or the address must wait after wrong tries, or too many try at once.
        """
        with passwords.place():
            return self._checked(name, password, address)

    def _checked(self, name: str, password: str, address: str) -> Account | None:
        subjects = [_subject("name", name.lower()), _subject("address", address)]
        nobodys = passwords.nobodys()
        with self._store.session():  # counted before it is known: a hundred tries at once are a hundred tries
            self._must_not_wait(subjects)
            for subject in subjects:
                self._count(subject)
        rows = self._store.read(select(AccountRow).where(AccountRow.name == name.lower()))
        kept = rows[0].password if rows else nobodys
        right = passwords.matches(password[: passwords.LONGEST], kept) and bool(rows) and rows[0].active
        if not right:
            return None
        outdated = passwords.hashed(password) if passwords.is_outdated(kept) else None
        with self._store.session():
            for subject in subjects:
                self._forget(subject)
            row = self._row(rows[0].id)
            row.pin_failures, row.password = 0, outdated or row.password
        return _account(rows[0])

    def check_pin(self, account: str, pin: str) -> bool:
        """Whether this is the PIN; NotPermitted (`pin_spent`) after five wrong ones until the password was given."""
        with passwords.place():
            return self._pin_is(account, pin)

    def _pin_is(self, account: str, pin: str) -> bool:
        with self._store.session() as session:
            row = session.get(AccountRow, account)
            if row is None or row.pin is None or not row.active:
                return False
            if row.pin_failures >= PIN_TRIES:
                raise NotPermitted("pin_spent", tries=PIN_TRIES)
            row.pin_failures, kept = row.pin_failures + 1, row.pin
        right = passwords.matches(pin[: passwords.LONGEST], kept)
        if right:
            with self._store.session():
                self._row(account).pin_failures = 0
        return right

    def must_wait_s(self, address: str) -> int:
        """Seconds until somebody at `address` may try again; 0: at once."""
        try:
            self._must_not_wait([_subject("address", address)])
        except NotPermitted as wait:
            return int(str(wait.fields["seconds"]))
        return 0

    def failed(self, address: str) -> None:
        """Somebody at `address` tried a code that there is not."""
        self._count(_subject("address", address))

    def succeeded(self, address: str) -> None:
        """Somebody at `address` had a code that there is: the wrong ones before it no longer count."""
        self._forget(_subject("address", address))

    # --- inside -------------------------------------------------------------------------------------------------

    def _row(self, account: str) -> AccountRow:
        with self._store.session() as session:
            row = session.get(AccountRow, account)
            if row is None:
                raise StoreError("store_no_account", account=account)
            return row

    def _keep_one_administrator(self) -> None:
        with self._store.session() as session:
            session.flush()
            roles = (str(Role.ADMINISTRATOR), str(Role.OWNER))
            query = select(AccountRow).where(AccountRow.active, AccountRow.role.in_(roles))
            if session.scalars(query).first() is None:
                raise NotPermitted("last_administrator")

    def _must_not_wait(self, subjects: list[str]) -> None:
        for row in self._store.read(select(FailureRow).where(FailureRow.subject.in_(subjects))):
            if row.count < FREE_TRIES:
                continue
            wait_s = min(LONGEST_WAIT_S, WAIT_S * 2.0 ** (row.count - FREE_TRIES))
            left_s = wait_s - seconds_since(row.last)
            if left_s > 0:
                raise NotPermitted("try_later", seconds=round(left_s) + 1)

    def _count(self, subject: str) -> None:
        with self._store.session() as session:
            long_ago = now() - timedelta(seconds=FORGOTTEN_S)
            session.execute(delete(FailureRow).where(FailureRow.last < long_ago))
            row = session.get(FailureRow, subject)
            if row is None:
                session.add(FailureRow(subject=subject, count=1, last=now()))
            else:
                row.count, row.last = row.count + 1, now()

    def _forget(self, subject: str) -> None:
        with self._store.session() as session:
            row = session.get(FailureRow, subject)
            if row is not None:
                session.delete(row)


def _subject(kind: str, text: str) -> str:
    """What wrong tries are counted under: nothing that was typed is kept."""
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


def _account(row: AccountRow) -> Account:
    return Account(
        row.id, row.name, row.display, Role(row.role), row.lang, row.active, row.pin is not None, row.created
    )
