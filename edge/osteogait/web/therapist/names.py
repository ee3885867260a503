"""Who a pseudonym is on the screen: the name where it is known, else a short mark; age and sex in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.web.access import Unknown
from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.storage.identity import Identity
    from osteogait.storage.records import Person
    from osteogait.web.call import Call

EXAMPLE = "example_person"
"""The setting that names the made-up person."""
SHORT = 6
SEXES = {"female": N_("woman"), "male": N_("man")}


@dataclass(frozen=True, slots=True)
class Named:
    """A person as pages show them."""

    id: str
    name: str
    about: str
    clinic_id: str | None
    example: bool


def named(call: Call, person: str) -> Named:
    """The person of the address; Unknown when there is none."""
    found = call.station.store.person(person)
    if found is None:
        raise Unknown
    return shown(call, found, call.station.identities.get(person))


def shown(call: Call, person: Person, identity: Identity | None) -> Named:
    """A person that is read already."""
    name = identity.name if identity is not None and identity.name else ""
    return Named(
        person.id,
        name or call.say("No name, %(mark)s", mark=person.id[:SHORT].upper()),
        about(call, person),
        None if identity is None else identity.clinic_id,
        call.setting(EXAMPLE, None) == person.id,
    )


def about(call: Call, person: Person) -> str:
    """Sex and the age reached in this year."""
    age = datetime.now().astimezone().year - person.birth_year
    return call.say("%(sex)s, %(age)s years", sex=call.say(SEXES[person.sex]), age=age)
