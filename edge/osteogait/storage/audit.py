"""The audit: one chain of events, each bound to the one before by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from osteogait.storage.access_tables import AuditRow
from osteogait.storage.clocks import Clocks, read_clocks, seconds_stepped
from osteogait.storage.records import canonical_json

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from osteogait.storage.store import Store

FIRST = "0" * 64
"""What stands for the hash before the first event."""
BOX = "box"
"""Who acts when nobody does: the box noticed it by itself."""
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""Exists once the system clock was set by the network (systemd-timesyncd)."""
AT_A_TIME = 1000
ACTIONS = (
    "login", "logout", "lock", "view", "create", "change", "export", "print", "sign", "consent", "erase", "model",
    "clock",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One row: who (`actor`) did what (`action`) to what (`object`); no personal data in `details`.

    The order is that of `seq`; `utc` is a label, `synchronised` says whether the clock had been set (None: not known).
    """

    seq: int
    boot_id: str
    monotonic_ns: int
    utc: str
    synchronised: bool | None
    actor: str
    action: str
    object: str
    details: str
    previous: str
    sha256: str


HASHED = tuple(name for name in Event.__dataclass_fields__ if name != "sha256")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole chain gone through: `first_bad` is the first row that is not as it was written, None when all are.

    A tail cut off shows only against a `head` kept elsewhere.
    """

    ok: bool
    rows: int
    first_bad: int | None
    head: str


class Audit:
    """The chain of a box."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, actor: str, action: str, object_: str, **details: object) -> None:
        """One more event, in the open transaction if there is one; ValueError for an action that is not in ACTIONS.

        When the clock was set since the event before, that is told first by a row of its own.
        """
        if action not in ACTIONS:
            raise ValueError(f"{action} is no action of the audit")
        with self._store.session() as session:
            last, clocks = self._last(), read_clocks()
            seconds = 0.0 if last is None else _stepped_s(last, clocks)
            if seconds and action != "clock":
                self._append(session, last, clocks, (BOX, "clock", "clock", {"seconds": seconds}))
                last = self._last()
            self._append(session, last, clocks, (actor, action, object_, details))

    def last(self, action: str) -> Event | None:
        """The newest event of this kind."""
        query = select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.seq.desc()).limit(1)
        found = self._store.read(query)
        return _event(found[0]) if found else None

    def rows(self, limit: int | None, before: int | None) -> tuple[Event, ...]:
        """The newest `limit` events (None: all), those before event `before` when it is given."""
        query = select(AuditRow).order_by(AuditRow.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.seq < before)
        return tuple(_event(row) for row in self._store.read(query))

    def head(self) -> str:
        """The hash of the newest event, to be kept elsewhere."""
        found = self._store.read(select(AuditRow.sha256).order_by(AuditRow.seq.desc()).limit(1))
        return str(found[0]) if found else FIRST

    def contains(self, head: str) -> bool:
        """Whether a `head` that was kept elsewhere is still in the chain; if not, its tail was cut off."""
        query = select(AuditRow.seq).where(AuditRow.sha256 == head)
        return head == FIRST or bool(self._store.read(query))

    def verify(self) -> Verdict:
        """Goes through the whole chain."""
        previous, expected = FIRST, 1
        for event in self._in_order():
            facts = {name: getattr(event, name) for name in HASHED}
            if (event.seq, event.previous, event.sha256) != (expected, previous, _hash(facts)):
                return Verdict(False, self._count(), event.seq, self.head())
            previous, expected = event.sha256, expected + 1
        return Verdict(True, expected - 1, None, previous)

    def _last(self) -> Event | None:
        found = self.rows(1, None)
        return found[0] if found else None

    def _append(
        self,
        session: Session,
        last: Event | None,
        clocks: Clocks,
        what: tuple[str, str, str, dict[str, object]],
    ) -> None:
        actor, action, object_, details = what
        facts = {
            "seq": 1 if last is None else last.seq + 1,
            "boot_id": clocks.boot_id,
            "monotonic_ns": clocks.monotonic_ns,
            "utc": clocks.utc.isoformat(timespec="microseconds"),
            "synchronised": SYNCHRONISED.exists() if SYNCHRONISED.parent.exists() else None,
            "actor": actor,
            "action": action,
            "object": object_,
            "details": canonical_json(details),
            "previous": FIRST if last is None else last.sha256,
        }
        session.add(AuditRow(**facts, sha256=_hash(facts)))
        session.flush()

    def _in_order(self) -> Iterator[Event]:
        """All events, oldest first, some at a time: the chain of years does not fit into memory."""
        after = None
        while True:
            query = select(AuditRow).order_by(AuditRow.seq).limit(AT_A_TIME)
            page = self._store.read(query if after is None else query.where(AuditRow.seq > after))
            yield from map(_event, page)
            if len(page) < AT_A_TIME:
                return
            after = page[-1].seq

    def _count(self) -> int:
        return int(self._store.read(select(func.count()).select_from(AuditRow))[0])


def _hash(facts: dict[str, object]) -> str:
    return hashlib.sha256(canonical_json(facts).encode()).hexdigest()


def _stepped_s(last: Event, clocks: Clocks) -> float:
    return seconds_stepped(Clocks(last.boot_id, last.monotonic_ns, datetime.fromisoformat(last.utc)), clocks)


def _event(row: AuditRow) -> Event:
    return Event(**{name: getattr(row, name) for name in Event.__dataclass_fields__})
