"""A value that somebody typed, uploaded or answered, as an Observation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from osteogait.clinic.intake.moment import in_its_zone
from osteogait.clinic.values import UNKNOWN
from osteogait.report.fhir import codes
from osteogait.report.fhir.codes import LOINC, SNOMED, Terms
from osteogait.report.fhir.element import (
    Resource,
    absent,
    by_identifier,
    category,
    concept,
    moment,
    quantity,
    reference,
    without_empty,
)
from osteogait.report.withheld import is_genotype

if TYPE_CHECKING:
    from osteogait.storage.records import Value

NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?", re.ASCII)
GROUP_CATEGORIES = {
    "bmd": "imaging",
    "microarchitecture": "imaging",
    "turnover": "laboratory",
    "snp": "laboratory",
}
YES_NO = {0.0: False, 1.0: True}
HANDLING = "handling"
CONTAINS_HGR = "contains-hgr"
"""Marks human genetic resource information (China HGR rules of 1 July 2023): never to cross a border unasked."""
METHOD_NOTES = (
    ("brand", "brand"),
    ("model", "model"),
    ("software", "software"),
    ("reference_db", "reference database"),
)


def observation(value: Value, person: str, terms: Terms) -> Resource:
    """The Observation of a value, under the id of its record; a withdrawn one is `entered-in-error`."""
    status = "final" if value.withdrawn is None else "entered-in-error"
    when = value.taken_at or value.created
    return without_empty(
        {
            "resourceType": "Observation",
            "id": value.id,
            "meta": _handling(value, terms),
            "status": status,
            "category": category(_category(value.variable)),
            **_coded(value, terms),
            "subject": reference(person),
            "effectiveDateTime": None if when is None else _effective(value, when),
            "bodySite": _body_site(value, terms),
            "method": _method(value.notes),
            "performer": _performers(value, terms),
            "referenceRange": _reference_range(value),
            "note": _notes(value),
        }
    )


def _handling(value: Value, terms: Terms) -> Resource:
    return {"tag": [terms.local(HANDLING, CONTAINS_HGR)]} if is_genotype(value.variable) else {}


def _category(variable: str) -> str:
    if variable in codes.BODY_LENGTH:
        return "vital-signs"
    if codes.dxa_part(variable) is not None:
        return "imaging"
    if variable in codes.tables()["laboratory"]:
        return "laboratory"
    feature = _features().get(variable)
    if feature is not None and feature.group == "sensor":
        return "exam"
    return "survey" if feature is None else GROUP_CATEGORIES.get(feature.group, "survey")


def _features() -> Mapping[str, Any]:
    from osteofusion.schema import load_schema

    return load_schema().by_id


def label(variable: str, lang: str) -> str:
    """What people call a variable."""
    feature = _features().get(variable)
    if feature is not None:
        return str(feature.label[lang])
    from osteogait.clinic.intake.variable import variables

    typed = codes.tables()["typed_tools"].get(variable)
    if typed is not None:
        return str(typed["text"][lang])
    known = variables().get(variable)
    return variable if known is None else known.label.message(lang)


def _coded(value: Value, terms: Terms) -> Resource:
    """Code and value; the code follows the unit in which the value is given."""
    local = terms.local("measure", value.variable, label(value.variable, "en"))
    if is_genotype(value.variable):
        return _genotype(value, terms)
    held, number, unit = _laboratory(value)
    codings = terms.coding(LOINC, held) if held else _other_codings(value, terms)
    code = concept(*codings, *([] if codings else [local]), text=label(value.variable, terms.lang))
    return {"code": code, **_content(value, number, unit)}


def _laboratory(value: Value) -> tuple[Mapping[str, Any] | None, float | None, str]:
    """Code entry, number and unit: as written where the written unit has a code, else as stored."""
    number = value.value if isinstance(value.value, float) else None
    if number is not None and value.written_unit and value.written_value:
        held = codes.laboratory(value.variable, value.written_unit)
        if held is not None and NUMBER.fullmatch(value.written_value):
            return held, float(Decimal(value.written_value)), value.written_unit
    return codes.laboratory(value.variable, value.unit), number, value.unit


def _other_codings(value: Value, terms: Terms) -> list[Resource]:
    if codes.dxa_part(value.variable) is not None:
        return codes.dxa_coding(value.variable, codes.side_of(value.notes.get("side")))
    tables = codes.tables()
    return terms.coding(
        LOINC, tables["body"].get(value.variable) or tables["typed_tools"].get(value.variable)
    )


def _content(value: Value, number: float | None, unit: str) -> Resource:
    if value.value == UNKNOWN:
        return {"dataAbsentReason": absent("asked-unknown", "asked, not known")}
    feature = _features().get(value.variable)
    if feature is not None and feature.kind == "bool" and number in YES_NO:
        return {"valueBoolean": YES_NO[number]}
    if number is not None:
        return {"valueQuantity": quantity(number, unit, value.comparator)}
    return {"valueCodeableConcept": concept(text=_text(value.value))}


def _text(held: object) -> str:
    try:
        parts = json.loads(str(held))
    except ValueError:
        return str(held)
    return ", ".join(map(str, parts)) if isinstance(parts, list) else str(held)


def _genotype(value: Value, terms: Terms) -> Resource:
    table = codes.tables()["genotype"]
    number = value.value if isinstance(value.value, float) else None
    named = {
        "code": concept({"system": LOINC, "code": table["component"], "display": table["component_display"]}),
        "valueCodeableConcept": concept({"system": table["system"], "code": value.variable}),
    }
    counted = {
        "code": concept(terms.local("measure", "effect_allele_count")),
        **({"valueString": str(value.value)} if number is None else {"valueInteger": int(number)}),
    }
    alleles = value.notes.get("alleles")
    read = (
        []
        if not alleles
        else [{"code": concept(terms.local("measure", "alleles")), "valueString": str(alleles)}]
    )
    if value.value == UNKNOWN:
        counted = {"code": counted["code"], "dataAbsentReason": absent("asked-unknown", "asked, not known")}
    code = concept(*terms.coding(LOINC, {"code": table["code"]}), text=f"Genotype {value.variable}")
    return {"code": code, "component": [named, counted, *read]}


def _effective(value: Value, when: datetime) -> str:
    """The day alone where the file named no time."""
    return in_its_zone(when, value.notes).date().isoformat() if value.notes.get("day_only") else moment(when)


def _body_site(value: Value, terms: Terms) -> Resource:
    part = codes.dxa_part(value.variable)
    if part is None:
        return {}
    site = codes.tables()["dxa"][part[0]]
    side = codes.side_of(value.notes.get("side"))
    return concept(*terms.coding(SNOMED, site.get("snomed")), text=f"{side} {site['site']}".strip())


def _method(notes: Mapping[str, Any]) -> Resource:
    if "brand" in notes or "reference_db" in notes:
        said = [f"{name} {notes[key]}" for key, name in METHOD_NOTES if notes.get(key)]
        return concept(text="; ".join(["DXA", *said]))
    scanner = notes.get("scanner_generation")
    if scanner:
        return concept(text=f"HR-pQCT, scanner generation {scanner}")
    return concept(text=str(notes["method"])) if notes.get("method") else {}


def _performers(value: Value, terms: Terms) -> list[Resource]:
    if value.notes.get("lab"):
        return [{"type": "Organization", "display": str(value.notes["lab"])}]
    return [by_identifier(terms.base, "account", value.by, "Practitioner")] if value.by else []


def _reference_range(value: Value) -> list[Resource]:
    """The laboratory's own limits as they were printed; none are added."""
    unit = value.written_unit or value.unit
    found: Resource = {}
    for end, key in (("low", "ref_low"), ("high", "ref_high")):
        printed = str(value.notes.get(key) or "")
        if NUMBER.fullmatch(printed):
            found[end] = quantity(float(printed), unit)
    return [{**found, "text": "limits of the laboratory"}] if found else []


def _notes(value: Value) -> list[Resource]:
    """What the record says besides, in fixed words."""
    said = []
    fasting = {"Y": "fasting", "N": "not fasting"}.get(str(value.notes.get("fasting", "")))
    if fasting:
        said.append(fasting)
    if value.written_value is not None and value.variable in codes.tables()["laboratory"]:
        said.append(
            f"as written: {value.comparator or ''}{value.written_value} {value.written_unit or value.unit}"
        )
    if value.variable in codes.tables()["typed_tools"]:
        bone = "with bone density" if value.notes.get("with_bmd") else "without bone density"
        country = value.notes.get("country", "not said")
        said.append(f"FRAX result typed by the clinician; country {country}; {bone}")
    if value.code:
        said.append(f"code in the file: {value.code}")
    if value.withdrawn_reason:
        said.append("withdrawn")
    return [{"text": text} for text in said]
