"""Strangers who began here, never agreed and walked away while nobody told the box: nothing is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.kiosk.visit import MACHINE

if TYPE_CHECKING:
    from osteogait.web.call import Call

GONE_S = 2 * 3600.0
"""Longer than any wipe that can be set: then nobody stands before the page of the consent any more."""
MOST = 2
"""At a time: whoever arrives waits for it."""


def sweep(call: Call) -> None:
    """Erases some of them; not within a transaction."""
    from osteogait.storage.erase import erase
    from osteogait.storage.strangers import walked_away

    station = call.station
    for person in walked_away(station.store, MACHINE, after_s=GONE_S, limit=MOST):
        erase(station.store, station.documents, station.audit, person, MACHINE)
