"""Whose an Observation is: references inside the bundle resolved to the identifier of a Patient in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from osteogait.clinic.intake.measurement import Persons
from osteogait.clinic.intake.reason import RowRefused, shown


class People:
    """The patients of a bundle by every way an Observation may refer to them."""

    def __init__(self, entries: list[Any], persons: Persons) -> None:
        self._persons = persons
        self._by_reference: dict[str, Mapping[str, Any]] = {}
        self._patients: list[Mapping[str, Any]] = []
        for entry in entries:
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
                self._add(entry.get("fullUrl"), resource)

    def _add(self, full_url: Any, resource: Mapping[str, Any]) -> None:
        self._patients.append(resource)
        if isinstance(full_url, str):
            self._by_reference[full_url] = resource
        if isinstance(resource.get("id"), str):
            self._by_reference.setdefault(f"Patient/{resource['id']}", resource)

    def everybody(self) -> Iterator[list[str]]:
        """The identifiers of each Patient of the bundle."""
        return (list(_names(patient.get("identifier"))) for patient in self._patients)

    def identifier(self, subject: Any) -> str:
        """The identifier of the one person that `subject` means and the clinic knows; RowRefused `unknown-person`."""
        subject = subject if isinstance(subject, dict) else {}
        reference = subject.get("reference")
        patient = self._by_reference.get(reference) if isinstance(reference, str) else None
        if patient is None and isinstance(reference, str) and "identifier" not in subject:
            raise RowRefused("unknown-person", variant="dangling_reference", value=shown(reference))
        listed = patient.get("identifier") if patient is not None else [subject.get("identifier")]
        names = list(_names(listed))
        known = {facts.person: name for name in names if (facts := self._persons(name)) is not None}
        if len(known) != 1:
            variant = "" if names else "no_person"
            raise RowRefused("unknown-person", variant=variant, value=shown(", ".join(names)))
        return next(iter(known.values()))


def logical_names(resource: Mapping[str, Any]) -> list[str]:
    """The identifier by which a resource names somebody outside the bundle."""
    subjects = (resource.get(key) for key in ("subject", "patient"))
    return [name for one in subjects if isinstance(one, dict) for name in _names([one.get("identifier")])]


def _names(listed: Any) -> Iterator[str]:
    for item in listed if isinstance(listed, list) else []:
        value = item.get("value") if isinstance(item, dict) else None
        if isinstance(value, str) and value.strip():
            yield value.strip()
