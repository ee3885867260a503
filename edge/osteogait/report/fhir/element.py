"""The small parts that resources are made of: references, quantities, concepts, moments, ids."""

from __future__ import annotations

import math
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from osteogait.report.fhir.codes import UCUM, ucum

Resource = dict[str, Any]

NAMESPACE = uuid.UUID("5b7c1f0e-6a53-4f0e-9c5e-8f5c1d0f2a77")
"""Ids that follow from others are version 5 in this space: the same content, the same id, so a PUT repeats safely."""
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
NOTHING: tuple[Any, ...] = (None, "", [], {})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def derived_id(*parts: str) -> str:
    """The id that follows from `parts`."""
    return str(uuid.uuid5(NAMESPACE, "|".join(parts)))


def urn(identifier: str) -> str:
    """The address of an entry inside a bundle."""
    return f"urn:uuid:{identifier}"


def reference(identifier: str) -> Resource:
    """A reference to another entry of the bundle."""
    return {"reference": urn(identifier)}


def by_identifier(base: str, kind: str, value: str, resource: str) -> Resource:
    """A reference to somebody who is not in the bundle, by their id at this station; never by name."""
    return {"type": resource, "identifier": {"system": f"{base}/{kind}", "value": value}}


def moment(when: datetime) -> str:
    """A time with its zone."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def quantity(value: float, unit: str, comparator: str | None = None) -> Resource:
    """A number with its unit, in UCUM; ValueError for what is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"{value} {unit} is no finite number")
    sign = {"comparator": comparator} if comparator in ("<", "<=", ">", ">=") else {}
    return {"value": value, **sign, "unit": unit, "system": UCUM, "code": ucum(unit)}


def percent(probability: float) -> float:
    """A probability of 0 to 1 in percent, without the noise of binary digits."""
    return round(probability * 100, 4)


def concept(*codings: Resource, text: str | None = None) -> Resource:
    """A concept by its codes, its text, or both."""
    found: Resource = {"coding": list(codings)} if codings else {}
    return found if text is None else {**found, "text": text}


def category(code: str) -> list[Resource]:
    """The category of an observation."""
    return [concept({"system": OBSERVATION_CATEGORY, "code": code})]


def absent(code: str, text: str) -> Resource:
    """Why there is no value."""
    return concept({"system": ABSENT, "code": code}, text=text)


def tidy(part: Any) -> Any:
    """`part` as FHIR allows it: texts without control characters and blank ends, no element that holds nothing."""
    if isinstance(part, dict):
        inside = {key: tidy(item) for key, item in part.items()}
        return {key: item for key, item in inside.items() if item not in NOTHING}
    if isinstance(part, list):
        return [item for item in map(tidy, part) if item not in NOTHING]
    return CONTROL.sub("", part).strip() if isinstance(part, str) else part


def without_empty(resource: Resource) -> Resource:
    """The resource without elements that hold nothing; FHIR allows no empty ones."""
    return {key: item for key, item in resource.items() if item not in NOTHING}
