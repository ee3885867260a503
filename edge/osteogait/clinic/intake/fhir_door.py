"""A FHIR R4 Bundle in JSON: its Observations with codes we know; everything else is counted, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import DxaCode, dxa_code, dxa_site, known_lab_codes, site_of
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.dxa_value import WrittenDxa, read_dxa
from osteogait.clinic.intake.fhir_patient import People, logical_names
from osteogait.clinic.intake.lab_value import WrittenLab, read_lab
from osteogait.clinic.intake.loinc import is_loinc
from osteogait.clinic.intake.measurement import Kind, Measurement
from osteogait.clinic.intake.number import read_comparator
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.intake.strict_json import read_json
from osteogait.clinic.intake.variable import variables
from osteogait.errors import Rejected

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
FINAL = ("final", "amended", "corrected")
OTHER_STATUS = ("registered", "preliminary", "cancelled", "entered-in-error", "unknown")
MOST_ENTRIES = 20_000
_ABOUT_DXA = re.compile(r"\b(brand|reference database|model|software)\s+([^;]+)", re.IGNORECASE)
_FASTING = {"fasting": "Y", "not fasting": "N", "空腹": "Y", "非空腹": "N"}

Json = Mapping[str, Any]


def read_fhir(content: bytes, border: Border, collector: Collector) -> Kind:
    """Every Observation of the bundle into `collector`; a row is the number of the entry, from 1."""
    bundle = read_json(content)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Rejected("intake_not_bundle")
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise Rejected("intake_bundle_entries", limit=MOST_ENTRIES)
    people = People(entries, border.persons)
    for names in people.everybody():
        collector.meet(border.whose(names))
    for number, entry in enumerate(entries, 1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and (names := logical_names(resource)):
            collector.meet(border.whose(names))
        if not isinstance(resource, dict) or resource.get("resourceType") != "Observation":
            collector.ignore("other-resource")
            continue
        _take(resource, number, people, border, collector)
    return "fhir"


def _take(resource: Json, number: int, people: People, border: Border, collector: Collector) -> None:
    try:
        ignored = _ignored(resource)
    except RowRefused as refusal:
        collector.refuse(number, refusal.said)
        return
    if ignored:
        collector.ignore(ignored)
        return
    collector.take(number, lambda: _read(resource, number, people, border))


def _ignored(resource: Json) -> str:
    """Why an Observation is passed over; nothing when it is to be read."""
    code = _code(resource)
    if not code:
        return "other-code"
    status = resource.get("status")
    if status in OTHER_STATUS:
        return "not-final"
    if status not in FINAL:
        raise RowRefused("bad-status", value=shown(status))
    if "dataAbsentReason" in resource and not _values(resource):
        return "no-value"
    return ""


def _code(resource: Json) -> str:
    """The one LOINC code that we know; RowRefused when a LOINC code is malformed or two known ones stand there."""
    codes = [
        str(item.get("code", ""))
        for item in _list(_dict(resource.get("code")).get("coding"))
        if item.get("system") == LOINC
    ]
    for code in codes:
        if not is_loinc(code):
            raise RowRefused("bad-check-digit", value=shown(code))
    known = [code for code in dict.fromkeys(codes) if code in known_lab_codes() or dxa_code(code)]
    if len(known) > 1:
        raise RowRefused("name-code-mismatch", variant="two_codes", value=shown(", ".join(known)))
    return known[0] if known else ""


def _read(resource: Json, number: int, people: People, border: Border) -> tuple[Measurement, ...]:
    code, quantity = _code(resource), _quantity(resource)
    patient_id = people.identifier(resource.get("subject"))
    meant = dxa_code(code)
    if meant is not None:
        return _dxa(resource, meant, code, quantity, patient_id, number, border)
    reference = _dict(next(iter(_list(resource.get("referenceRange"))), None))
    written = WrittenLab(
        patient_id=patient_id,
        collected_at=_time(resource),
        code_system="LN",
        code=code,
        name=_name(resource),
        value=quantity.value,
        comparator=quantity.comparator,
        unit=quantity.unit,
        ref_low=_bound(reference.get("low")),
        ref_high=_bound(reference.get("high")),
        method=_text(_dict(resource.get("method"))),
        lab=", ".join(
            str(item["display"]) for item in _list(resource.get("performer")) if item.get("display")
        ),
        fasting=_fasting(resource),
    )
    return (read_lab(written, border, number),)


@dataclass(frozen=True, slots=True)
class _Quantity:
    value: str
    comparator: str
    unit: str


def _quantity(resource: Json) -> _Quantity:
    """The valueQuantity; RowRefused for another value, several, or none; booleans and texts are no numbers."""
    values = _values(resource)
    if values != ["valueQuantity"] or "dataAbsentReason" in resource:
        raise RowRefused("not-a-number", variant="one_quantity", value=shown(", ".join(values)))
    quantity = _dict(resource["valueQuantity"])
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise RowRefused("not-a-number", value=shown(value))
    comparator = quantity.get("comparator", "")
    if not isinstance(comparator, str) or comparator == "=":
        raise RowRefused("bad-comparator", value=shown(comparator))
    coded = quantity.get("code") if quantity.get("system") == UCUM else None
    return _Quantity(str(value), read_comparator(comparator), str(coded or quantity.get("unit") or ""))


def _values(resource: Json) -> list[str]:
    return [key for key in resource if key.startswith("value")]


def _dxa(
    resource: Json,
    meant: DxaCode,
    code: str,
    quantity: _Quantity,
    patient_id: str,
    number: int,
    border: Border,
) -> tuple[Measurement, ...]:
    site, warnings = _site(resource, meant, code)
    about = {key.lower(): text.strip() for key, text in _ABOUT_DXA.findall(_about(resource))}
    if quantity.comparator:
        raise RowRefused("bad-comparator", value=shown(quantity.comparator))
    expected = "g/cm2" if meant.measure == "bmd" else {"t": "{T-score}", "z": "{Z-score}"}[meant.measure]
    if meant.measure != "bmd":
        variables()["fn_t" if meant.measure == "t" else "fn_z"].convert(Decimal(0), quantity.unit)
    written = WrittenDxa(
        patient_id=patient_id,
        site=site,
        side=meant.side,
        bmd=quantity.value if meant.measure == "bmd" else "",
        t=quantity.value if meant.measure == "t" else "",
        z=quantity.value if meant.measure == "z" else "",
        brand=about.get("brand", ""),
        model=about.get("model", ""),
        software=about.get("software", ""),
        reference_db=about.get("reference database", ""),
        scan_date=_time(resource),
        unit=quantity.unit if meant.measure == "bmd" else expected,
        code=code,
    )
    found = read_dxa(written, border, number)
    return tuple(replace(item, warnings=(*item.warnings, *warnings)) for item in found)


def _site(resource: Json, meant: DxaCode, code: str) -> tuple[str, tuple[Said, ...]]:
    """The body site, else the words of the code's own text: a display is the code's name, not the report's."""
    place = _dict(resource.get("bodySite"))
    codes = tuple(str(item.get("code")) for item in _list(place.get("coding")))
    words = " ".join([_text(place), *(str(item.get("display", "")) for item in _list(place.get("coding")))])
    said = site_of(codes, words) or site_of((), str(_dict(resource.get("code")).get("text", "")))
    return dxa_site(meant, said, code)


def _about(resource: Json) -> str:
    notes = [str(item.get("text", "")) for item in _list(resource.get("note"))]
    return "; ".join([_text(_dict(resource.get("method"))), *notes])


def _time(resource: Json) -> str:
    period = _dict(resource.get("effectivePeriod"))
    for found in (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), period.get("start")):
        if found is not None:
            return str(found)
    return ""


def _fasting(resource: Json) -> str:
    said = {
        _FASTING.get(str(item.get("text", "")).strip().casefold(), "") for item in _list(resource.get("note"))
    }
    said.discard("")
    return said.pop() if len(said) == 1 else ""


def _name(resource: Json) -> str:
    """The text of the code and its displays: all of them name what was measured."""
    code = _dict(resource.get("code"))
    return str(
        code.get("text")
        or next((str(item["display"]) for item in _list(code.get("coding")) if item.get("display")), "")
    )


def _bound(quantity: Any) -> str:
    value = _dict(quantity).get("value")
    return "" if value is None or isinstance(value, bool) else str(value)


def _text(concept: Json) -> str:
    return str(concept.get("text") or "")


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
