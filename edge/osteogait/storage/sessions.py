"""Sessions: who is signed in where, for how long, and whether the screen is locked."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from osteogait.clinic.roles import Role
from osteogait.storage.access_tables import AccountRow, SessionRow
from osteogait.storage.moment import now, seconds_since
from osteogait.storage.settings import Settings

if TYPE_CHECKING:
    from osteogait.storage.accounts import Account
    from osteogait.storage.store import Store

ABSOLUTE_S = 12 * 3600.0
"""A working day; then everybody signs in again."""
LOCK_AFTER_S, KIOSK_LOCK_AFTER_S = 120, 60
SERVICE = "service"
"""Kind of a session of another program: its token holds until it is replaced or the account is switched off."""
TOUCH_S = 1.0
"""A session's last touch is written at most so often: a page has several requests, and no form may come too late."""


@dataclass(frozen=True, slots=True)
class Session:
    """A valid session; a guest's has a person and a visit instead of an account."""

    id: str
    account_id: str | None
    role: Role
    kind: str
    csrf: str
    person: str | None
    visit: str | None
    created: datetime
    last_seen: datetime
    locked: bool


class Sessions:
    """All sessions of a box; a token exists outside only in its browser."""

    def __init__(self, store: Store) -> None:
        self._store, self._settings = store, Settings(store)

    def begin(
        self,
        account: Account | None,
        role: Role,
        kind: str,
        person: str | None = None,
        visit: str | None = None,
    ) -> tuple[str, Session]:
        """A new session and its token; `kind` is `staff`, `kiosk` or `service`."""
        token = secrets.token_urlsafe(32)
        row = SessionRow(
            token_sha256=_hash(token), account_id=None if account is None else account.id, role=str(role),
            kind=kind, csrf=secrets.token_urlsafe(24), person_id=person, visit_id=visit,
        )  # fmt: skip
        with self._store.session() as session:
            yesterday = now() - timedelta(seconds=2 * ABSOLUTE_S)
            session.execute(
                delete(SessionRow).where(SessionRow.kind != SERVICE, SessionRow.created < yesterday)
            )
            session.add(row)
            session.flush()
            return token, _session(row)

    def find(self, token: str) -> Session | None:
        """The session of this token while it is valid; staff who did nothing for long find it locked, guests ended."""
        rows = self._store.read(select(SessionRow).where(SessionRow.token_sha256 == _hash(token)))
        if not rows or rows[0].ended or self._over(rows[0]):
            return None
        session = _session(rows[0])
        idle_s = seconds_since(session.last_seen)
        if session.kind == SERVICE or session.locked or idle_s <= self.idle_s(session):
            return session
        if session.role is Role.GUEST:
            self.end(session)
            return None
        self.lock(session)
        return replace(session, locked=True)

    def idle_s(self, session: Session) -> int:
        """Seconds without a touch after which this session locks, or ends at the kiosk."""
        if session.kind == "kiosk":
            return int(self._settings.get("kiosk_lock_after_s", KIOSK_LOCK_AFTER_S))
        return int(self._settings.get("lock_after_s", LOCK_AFTER_S))

    def touch(self, session: Session) -> None:
        """Somebody is there."""
        if session.locked or seconds_since(session.last_seen) < TOUCH_S:
            return
        self._change(session, last_seen=now())

    def lock(self, session: Session) -> None:
        """From now on only the way to unlock is open."""
        self._change(session, locked=True)

    def unlock(self, session: Session) -> str:
        """Open again, under a new token; the old one is dead."""
        token = secrets.token_urlsafe(32)
        self._change(session, locked=False, last_seen=now(), token_sha256=_hash(token))
        return token

    def end(self, session: Session) -> None:
        """The token is dead."""
        self._change(session, ended=True)

    def end_all(self, account: str) -> None:
        """Every session of this account is dead."""
        with self._store.session() as session:
            session.execute(update(SessionRow).where(SessionRow.account_id == account).values(ended=True))

    def _change(self, session: Session, **values: object) -> None:
        with self._store.session() as database:
            database.execute(update(SessionRow).where(SessionRow.id == session.id).values(**values))

    def _over(self, row: SessionRow) -> bool:
        """Past its day, or of an account that was switched off or has another role now."""
        if row.kind != SERVICE and seconds_since(row.created) > ABSOLUTE_S:
            return True
        if row.account_id is None:
            return False
        accounts = self._store.read(select(AccountRow).where(AccountRow.id == row.account_id))
        return [(one.active, one.role) for one in accounts] != [(True, row.role)]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: SessionRow) -> Session:
    return Session(
        row.id, row.account_id, Role(row.role), row.kind, row.csrf, row.person_id, row.visit_id, row.created,
        row.last_seen, row.locked,
    )  # fmt: skip
