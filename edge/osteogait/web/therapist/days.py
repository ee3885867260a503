"""Days and times as a person of the clinic says them, in the time of this box."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteogait.web.call import Call


def day(call: Call, when: datetime) -> str:
    """`today`, or the date."""
    return call.say("today") if is_today(when) else date(call, when)


def date(call: Call, when: datetime) -> str:
    """The date in the order of the language."""
    from osteogait.report.language import load_language
    from osteogait.report.quantities import date_text

    return date_text(when.astimezone().isoformat(), load_language(call.lang))


def day_and_time(call: Call, when: datetime) -> str:
    """The day with hours and minutes."""
    return call.say("%(day)s, %(time)s", day=day(call, when), time=f"{when.astimezone():%H:%M}")


def is_today(when: datetime) -> bool:
    """True within the day of this box."""
    return when.astimezone().date() == datetime.now().astimezone().date()
