"""Whom nobody knows: begun by a machine, never agreed, never named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.storage.access_tables import ConsentRow, IdentityRow, SlipRow
from osteogait.storage.moment import now
from osteogait.storage.tables import PersonRow, VisitRow

if TYPE_CHECKING:
    from osteogait.storage.store import Store


def walked_away(store: Store, by: str, *, after_s: float, limit: int) -> tuple[str, ...]:
    """People whose every visit was begun by `by` and longer ago than `after_s`, of whom nobody else knows."""
    begun = select(VisitRow.person_id).where(VisitRow.by == by)
    lately = select(VisitRow.person_id).where(VisitRow.started > now() - timedelta(seconds=after_s))
    elsewhere = select(VisitRow.person_id).where(VisitRow.by.is_(None) | (VisitRow.by != by))
    known = [select(table.person_id) for table in (ConsentRow, IdentityRow, SlipRow)]
    query = select(PersonRow.id).where(
        PersonRow.erased.is_(None),
        PersonRow.id.in_(begun),
        *(PersonRow.id.not_in(found) for found in (lately, elsewhere, *known)),
    )
    return tuple(store.read(query.limit(limit)))
