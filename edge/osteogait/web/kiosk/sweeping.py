"""Strangers who began here, never agreed and walked away while nobody told the box: nothing is kept of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from osteogait.storage.moment import now
from osteogait.web.kiosk.visit import MACHINE

if TYPE_CHECKING:
    from sqlalchemy import Select

    from osteogait.web.call import Call

GONE_S = 2 * 3600.0
"""Longer than any wipe that can be set: then nobody stands before the page of the consent any more."""
MOST = 2
"""At a time: whoever arrives waits for it."""


def sweep(call: Call) -> None:
    """Erases some of them."""
    from osteogait.storage.erase import erase

    station = call.station
    for person in station.store.read(_walked_away().limit(MOST)):
        erase(station.store, station.documents, station.audit, person, MACHINE)


def _walked_away() -> Select[str]:
    """People of visits begun here long ago, of whom nobody else knows."""
    from sqlalchemy import select

    from osteogait.storage.access_tables import ConsentRow, IdentityRow, SlipRow
    from osteogait.storage.tables import PersonRow, VisitRow

    begun = select(VisitRow.person_id).where(VisitRow.by == MACHINE)
    lately = select(VisitRow.person_id).where(VisitRow.started > now() - timedelta(seconds=GONE_S))
    elsewhere = select(VisitRow.person_id).where(VisitRow.by.is_(None) | (VisitRow.by != MACHINE))
    known = [select(table.person_id) for table in (ConsentRow, IdentityRow, SlipRow)]
    return select(PersonRow.id).where(
        PersonRow.erased.is_(None),
        PersonRow.id.in_(begun),
        *(PersonRow.id.not_in(found) for found in (lately, elsewhere, *known)),
    )
