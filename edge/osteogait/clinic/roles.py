"""Who people are to this box, and what each may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Roles of sessions and accounts.

    guest           at the kiosk: the own visit, nothing else
    therapist       people, tests, trends
    clinician       all of that, and values, reports, signatures
    administrator   accounts, sensors, settings, audit; sees no results
    owner           of a one-person practice: clinician and administrator in one
    service         another program: reads results
    """

    GUEST = "guest"
    THERAPIST = "therapist"
    CLINICIAN = "clinician"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"
    SERVICE = "service"
