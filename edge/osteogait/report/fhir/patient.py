"""The person: pseudonym, year of birth, sex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.element import Resource

if TYPE_CHECKING:
    from osteogait.storage.records import Person

GENDERS = {"female": "female", "male": "male"}


def patient(person: Person, terms: Terms) -> Resource:
    """The Patient under the pseudonym; no name, no day of birth."""
    return {
        "resourceType": "Patient",
        "id": person.id,
        "identifier": [{"system": identifier_system(terms), "value": person.id}],
        "gender": GENDERS[person.sex],
        "birthDate": f"{person.birth_year:04d}",
    }


def identifier_system(terms: Terms) -> str:
    """The system of pseudonyms."""
    return f"{terms.base}/patient"
