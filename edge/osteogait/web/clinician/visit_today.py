"""The visit to which values belong that come today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.therapist.days import is_today

if TYPE_CHECKING:
    from osteogait.web.call import Call

VALUES_ONLY = "values"
"""In the place of a battery: a visit at which nothing is tested."""


def visit_today(call: Call, person: str) -> str:
    """The last visit of today, or a new one without tests."""
    store = call.station.store
    today = [visit for visit in store.visits_of(person) if is_today(visit.started)]
    return today[-1].id if today else store.add_visit(person, battery=VALUES_ONLY, by=call.actor)
