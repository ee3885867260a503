"""The time of a value: ISO 8601 with zone, or with the clinic's zone that is then marked as assumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.errors import Rejected

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_HL7 = re.compile(r"(?P<day>\d{8})(?P<time>\d{4}(?:\d{2}(?:\.\d{1,4})?)?)?(?P<zone>[+-]\d{4})?", re.ASCII)
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{2}):?(\d{2})", re.ASCII)
NOON = timedelta(hours=12)
WIDEST_OFFSET = timedelta(hours=14)  # the farthest zone of the world


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC; warnings tell what was assumed.

    `day_only` where only the day was written: `at` is then its noon in its zone, so that the day stays the same day
    wherever it is read.
    """

    at: datetime
    day_only: bool
    warnings: tuple[Said, ...] = ()
    notes: Mapping[str, str] | None = None


def read_moment(text: str, zone: tzinfo | None, now: datetime, birth_year: int | None = None) -> Moment:
    """The time that `text` writes; RowRefused `bad-time` or `no-zone`. `zone` is the clinic's, if it set one."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise RowRefused("bad-time", value=shown(text))
    try:
        naive = datetime.fromisoformat(f"{found['day']}T{_seconds(found['time'])}")
        local, warnings = _placed(naive, found["zone"], zone, text)
        begun = local.astimezone(UTC)
        day_only = found["time"] is None
        at = (local + NOON).astimezone(UTC) if day_only else begun
    except (ValueError, OverflowError) as error:
        raise RowRefused("bad-time", value=shown(text)) from error
    _plausible(begun, local.year, text, now, birth_year)
    return Moment(at, day_only, warnings, {"zone": local.strftime("%z")})


def _seconds(time: str | None) -> str:
    """A time of day with at most the microseconds that a datetime holds."""
    clock, _, fraction = (time or "00:00").partition(".")
    return f"{clock}.{fraction[:6].ljust(6, '0')}" if fraction else clock


def _placed(
    naive: datetime, written: str | None, zone: tzinfo | None, text: str
) -> tuple[datetime, tuple[Said, ...]]:
    if written is not None:
        return naive.replace(tzinfo=_offset(written)), ()
    if zone is None:
        raise RowRefused("no-zone", value=shown(text))
    local = naive.replace(tzinfo=zone)
    return local, (Said("assumed-zone", {"zone": str(zone)}),)


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, minutes = int(found[2]), int(found[3])
    size = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or size > WIDEST_OFFSET:
        raise ValueError(text)
    return timezone(size if found[1] == "+" else -size)


def _plausible(at: datetime, year: int, text: str, now: datetime, birth_year: int | None) -> None:
    if at > now:
        raise RowRefused("bad-time", variant="bad_time_future", value=shown(text))
    if birth_year is not None and year < birth_year:
        raise RowRefused("bad-time", variant="bad_time_birth", value=shown(text), year=birth_year)


def in_its_zone(when: datetime, notes: Mapping[str, object]) -> datetime:
    """`when` on the clock of the place where it was written (note `zone`), else on that of this box.

    Blood of 07:40 in Shanghai is of that day, wherever and in whatever zone it is read.
    """
    try:
        zone = datetime.strptime(str(notes.get("zone", "")), "%z").tzinfo
    except ValueError:
        zone = None
    return when.astimezone(zone)


def iso_from_hl7(text: str) -> str:
    """An HL7 time (YYYYMMDD[HHMM[SS]][+ZZZZ]) as ISO 8601; what is none is given back as it is."""
    found = _HL7.fullmatch(text.strip())
    if found is None:
        return text
    day, time = found["day"], found["time"]
    clock = f"T{time[:2]}:{time[2:4]}" if time else ""
    clock += f":{time[4:]}" if time and len(time) > 4 else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}{clock}{found['zone'] or ''}"


def clinic_zone(name: str | None) -> tzinfo | None:
    """The zone `name` (`Asia/Shanghai`, `+08:00`); None for none; Rejected when there is no such zone."""
    if not name:
        return None
    try:
        return _offset(name) if _OFFSET.fullmatch(name) or name == "Z" else ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise Rejected("intake_zone", zone=name) from error
