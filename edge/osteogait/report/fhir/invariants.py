"""What every bundle must hold and what the libraries that check FHIR let through."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from osteogait.clinic.intake.loinc import is_loinc
from osteogait.report.fhir.codes import LOINC, UCUM, unit_rules
from osteogait.report.fhir.element import CONTROL

REPORTED = frozenset({
    "registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled",
    "entered-in-error", "unknown",
})  # fmt: skip
STATUSES: Mapping[str, frozenset[str]] = {
    "Observation": REPORTED - {"partial", "appended"},
    "RiskAssessment": REPORTED - {"partial", "appended"},
    "DiagnosticReport": REPORTED,
    "Device": frozenset({"active", "inactive", "entered-in-error", "unknown"}),
    "DocumentReference": frozenset({"current", "superseded", "entered-in-error"}),
    "Consent": frozenset({"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}),
}
ONE_OF = ("value", "effective", "occurrence", "when", "probability")
"""Elements of which FHIR allows one type at a time: `valueQuantity` or `valueString`."""
TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?P<zone>Z|[+-]\d{2}:\d{2})?")
INSTANTS = frozenset({"issued", "recorded"})
MOST_PERCENT = 100
YOUNGEST = 18
"""Years; the station's hard range of age. A lower start, such as 0, is time from now and no age."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: `rule` is its stable name."""

    rule: str
    place: str
    text: str


def invariants(bundle: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Every breach in `bundle`; nothing when it may leave the box."""
    return tuple(_problems(bundle))


def _problems(bundle: Mapping[str, Any]) -> Iterator[Problem]:
    entries = bundle.get("entry", [])
    known = [entry.get("fullUrl") for entry in entries]
    if len(set(known)) != len(known):
        yield Problem("one_address", "Bundle.entry", "two entries have the same fullUrl")
    for number, entry in enumerate(entries):
        resource = entry["resource"]
        place = f"entry[{number}].{resource.get('resourceType')}"
        for rule in (_status, _basis):
            yield from rule(resource, place)
        yield from _walk(resource, place, frozenset(known))


def _walk(element: Any, place: str, known: frozenset[Any]) -> Iterator[Problem]:
    """Every element inside `element`, the deepest last."""
    if isinstance(element, Mapping):
        for rule in ELEMENT_RULES:
            yield from rule(element, place)
        target = element.get("reference")
        if isinstance(target, str) and target not in known:
            yield Problem("dangling_reference", place, f"{target} is not in the bundle")
        for key, item in element.items():
            yield from _walk(item, f"{place}.{key}", known)
    elif isinstance(element, list):
        for number, item in enumerate(element):
            yield from _walk(item, f"{place}[{number}]", known)
    elif isinstance(element, float) and not math.isfinite(element):
        yield Problem("finite", place, f"{element} is no finite number")
    elif element is None or element == "":
        yield Problem("no_empty", place, "empty elements are not allowed")
    elif isinstance(element, str):
        yield from _text(element, place)
        yield from _zone(element, place)


def _status(resource: Mapping[str, Any], place: str) -> Iterator[Problem]:
    allowed = STATUSES.get(resource.get("resourceType", ""))
    if allowed is not None and resource.get("status") not in allowed:
        yield Problem("status", place, f"{resource.get('status')} is no status of it")


def _basis(resource: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """A number, a reason for its absence or parts: one of them, and never number and absence together."""
    if resource.get("resourceType") != "Observation":
        return
    values = [key for key in resource if key.startswith("value")]
    absent = "dataAbsentReason" in resource
    if values and absent:
        yield Problem("value_or_absent", place, "both a value and a reason for its absence")
    if not values and not absent and not resource.get("component"):
        yield Problem("value_or_absent", place, "neither a value nor a reason for its absence")


def _one_type(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    for stem in ONE_OF:
        found = [key for key in element if re.fullmatch(f"{stem}[A-Z]\\w*", key)]
        if len(found) > 1:
            yield Problem("one_type", place, " and ".join(found))


def _percent(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    chance = element.get("probabilityDecimal")
    if chance is not None and (not _number(chance) or not 0 <= chance <= MOST_PERCENT):
        yield Problem("percent", place, f"probabilityDecimal {chance} is not between 0 and 100")


def _ages(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    ages = element.get("whenRange")
    if ages is None:
        return
    low, high = ages["low"], ages["high"]
    if (low.get("code"), high.get("code")) != ("a", "a") or not low["value"] < high["value"]:
        yield Problem("age_range", place, "whenRange is an age range of the subject in years, low below high")
    elif low["value"] < YOUNGEST:
        yield Problem("age_range", place, f"an age of {low['value']} years: whenRange is no time from now")


def _quantity(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if element.get("system") != UCUM:
        return
    if not _number(element.get("value")):
        yield Problem("number", place, f"{element.get('value')!r} is no number")
    if not element.get("code"):
        yield Problem("unit", place, "a quantity without a UCUM code")


def _unit_fits(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    from osteogait.clinic.intake.variable import family

    unit = element.get("valueQuantity", {}).get("code")
    if unit is None:
        return
    for code in _loinc(element):
        rule = unit_rules().get(code, {})
        if ("family" in rule and family(unit) != rule["family"]) or unit not in rule.get("units", [unit]):
            yield Problem("unit_fits_code", place, f"{code} and {unit}")


def _check_digit(element: Mapping[str, Any], place: str) -> Iterator[Problem]:
    if element.get("system") == LOINC and not is_loinc(str(element.get("code"))):
        yield Problem("check_digit", place, f"{element.get('code')} is no LOINC code")


def _text(text: str, place: str) -> Iterator[Problem]:
    if CONTROL.search(text) or text != text.strip():
        yield Problem("text", place, "control characters or blank ends")


def _zone(text: str, place: str) -> Iterator[Problem]:
    found = TIMES.fullmatch(text)
    if found is not None and found["zone"] is None:
        yield Problem("zone", place, f"{text} names no zone")
    elif found is None and place.rpartition(".")[2] in INSTANTS:
        yield Problem("zone", place, f"{text} is no moment")


def _loinc(element: Mapping[str, Any]) -> Iterator[str]:
    for coding in element.get("code", {}).get("coding", []):
        if coding.get("system") == LOINC:
            yield coding["code"]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ELEMENT_RULES: tuple[Callable[[Mapping[str, Any], str], Iterator[Problem]], ...] = (
    _one_type, _percent, _ages, _quantity, _unit_fits, _check_digit,
)  # fmt: skip
