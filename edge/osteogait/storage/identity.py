"""Who somebody is, apart from how it is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies somebody; every part may be unknown. `clinic_id` is the number the clinic knows them by."""

    name: str = ""
    clinic_id: str | None = None
    contact: str | None = None
