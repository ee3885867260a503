"""People who began alone and never agreed to anything: nobody may keep them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from osteogait.storage.access_tables import ConsentRow, IdentityRow, SlipRow
from osteogait.storage.tables import PersonRow, VisitRow

if TYPE_CHECKING:
    from osteogait.storage.store import Store


def never_agreed(store: Store, by: str, before: datetime, limit: int) -> tuple[str, ...]:
    """At most `limit` people whose visits were all begun by `by`, before `before`: without name, slip or consent."""
    begun = select(VisitRow.person_id).where(VisitRow.by == by)
    lately = select(VisitRow.person_id).where(VisitRow.started >= before)
    elsewhere = select(VisitRow.person_id).where(VisitRow.by.is_(None) | (VisitRow.by != by))
    known = [select(table.person_id) for table in (ConsentRow, IdentityRow, SlipRow)]
    query = select(PersonRow.id).where(
        PersonRow.erased.is_(None),
        PersonRow.id.in_(begun),
        *(PersonRow.id.not_in(found) for found in (lately, elsewhere, *known)),
    )
    return tuple(store.read(query.limit(limit)))
