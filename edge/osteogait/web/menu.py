"""What stands in the head of every page: the places that a role goes to, in the order of its work."""

from __future__ import annotations

from collections.abc import Mapping

from osteogait.clinic.roles import Role
from osteogait.web.language import N_, translations

PEOPLE = (
    ("therapist.people", N_("People")),
    ("clinician.queue", N_("Reports")),
    ("therapist.sensor", N_("Sensor")),
)
ADMINISTRATION = (
    ("entrance.accounts", N_("Accounts")),
    ("entrance.sensors", N_("Sensors")),
    ("entrance.settings", N_("Settings")),
    ("entrance.audit", N_("Audit")),
)
MENU: Mapping[Role, tuple[tuple[str, str], ...]] = {
    Role.THERAPIST: (PEOPLE[0], PEOPLE[2]),
    Role.CLINICIAN: PEOPLE,
    Role.ADMINISTRATOR: ADMINISTRATION,
    Role.OWNER: (*PEOPLE, ("entrance.more", N_("Administration"))),
}


def menu(role: Role | None, lang: str) -> list[tuple[str, str]]:
    """Name of the place and its words; empty for guests and strangers."""
    say = translations(lang).gettext
    return [] if role is None else [(name, say(text)) for name, text in MENU.get(role, ())]
