"""The time zone of the clinic: what a time in a file means that names none."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALTIME = Path("/etc/localtime")
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


def is_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA list, such as Asia/Shanghai, or an offset such as +08:00."""
    if OFFSET.fullmatch(name):
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone_of_this_box() -> str | None:
    """The zone that the system is set to; None where it does not say."""
    if not LOCALTIME.is_symlink():
        return None
    name = str(LOCALTIME.resolve()).partition("zoneinfo/")[2]
    return name if name and is_zone(name) else None
