"""Watches every transaction that a request makes: what it writes stands or falls with a row of the audit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

OF_SIGNING_IN = frozenset({"sessions", "sign_in_failures"})
"""Written at nearly every request, and told by rows of their own where somebody signs in, locks or leaves."""
COUNTED = frozenset({"pin_failures", "password"})
"""Of an account: wrong tries, and the same password hashed anew at a higher cost."""
REMEMBERED = frozenset({"seat_height_cm"})
"""Settings that nobody chooses: what was typed last is offered again."""
WRITTEN = "written tables"
AUDIT = "audit"


@contextmanager
def watched() -> Iterator[list[str]]:
    """Tables, transaction by transaction, that requests wrote to without a row of the audit."""
    without: list[str] = []

    def flushed(session: Session, _context: object) -> None:
        rows = [*session.new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
        _note(session, {row.__tablename__ for row in rows if not _is_exempt(row)})

    def executed(state: Any) -> None:
        if state.is_insert or state.is_update or state.is_delete:
            _note(state.session, {state.bind_mapper.local_table.name})

    def committed(session: Session) -> None:
        tables = session.info.pop(WRITTEN, set()) - OF_SIGNING_IN
        if tables and AUDIT not in tables and threading.current_thread().name.startswith("AnyIO"):
            without.append(", ".join(sorted(tables)))

    def undone(session: Session) -> None:
        session.info.pop(WRITTEN, None)

    listeners = {
        "after_flush": flushed,
        "do_orm_execute": executed,
        "after_commit": committed,
        "after_rollback": undone,
    }
    for name, listener in listeners.items():
        event.listen(Session, name, listener)
    try:
        yield without
    finally:
        for name, listener in listeners.items():
            event.remove(Session, name, listener)


def _note(session: Session, tables: set[str]) -> None:
    session.info.setdefault(WRITTEN, set()).update(tables)


def _is_exempt(row: Any) -> bool:
    if row.__tablename__ == "settings":
        return row.name in REMEMBERED
    changed = {one.key for one in inspect(row).attrs if one.history.has_changes()}
    return row.__tablename__ == "accounts" and changed <= COUNTED
