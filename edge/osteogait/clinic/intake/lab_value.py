"""One laboratory value as a file or a form writes it, checked and converted into a measurement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import LabCode, check_family, check_name, lab_code
from osteogait.clinic.intake.measurement import Measurement
from osteogait.clinic.intake.number import read_comparator, read_number
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.intake.variable import Variable, tables, variables

_SCANNER = re.compile(r"xtreme\s*ct[\s-]*(ii|i|2|1)\b", re.IGNORECASE)
_GENERATION = {"i": "1", "1": "1", "ii": "2", "2": "2"}
FASTING = ("Y", "N", "")


@dataclass(frozen=True, slots=True)
class WrittenLab:
    """The texts of one row, exactly as written."""

    patient_id: str
    collected_at: str
    code_system: str
    code: str
    name: str
    value: str
    comparator: str
    unit: str
    ref_low: str = ""
    ref_high: str = ""
    method: str = ""
    lab: str = ""
    fasting: str = ""


def read_lab(written: WrittenLab, border: Border, row: int) -> Measurement:
    """The measurement behind `written`; RowRefused with the first reason against it."""
    facts = border.person(written.patient_id)
    moment = border.moment(written.collected_at, facts)
    code = lab_code(written.code_system.strip(), written.code.strip())
    check_name(code.variable, written.name)
    check_family(code, written.unit)
    variable = variables()[code.variable]
    comparator = read_comparator(written.comparator)
    number = read_number(written.value)
    scanner = _scanner(variable, written.method)
    sign: tuple[Said, ...] = ()
    if variable.id in tables()["negative_by_convention"] and number < 0:
        number, sign = -number, (Said("sign-dropped", {"value": shown(written.value)}),)
    stored = variable.convert(number, written.unit)
    warnings = (
        *moment.warnings,
        *sign,
        *variable.check(stored),
        *_censored(comparator, written),
        *_fasting(variable, written.fasting),
        *((Said("d3-only", {"code": code.code}),) if code.part == "d3" else ()),
        *border.age_warning(moment, "laboratory"),
    )
    return Measurement(
        patient_id=written.patient_id.strip(),
        person=facts.person,
        variable=variable.id,
        value=float(stored),
        unit=variable.unit,
        comparator=comparator,
        written_value=written.value,
        written_unit=written.unit,
        code=code.code,
        taken_at=moment.at,
        row=row,
        day_only=moment.day_only,
        usable=not comparator,
        notes={**_notes(written, code), **scanner, **(moment.notes or {})},
        warnings=warnings,
    )


def _censored(comparator: str, written: WrittenLab) -> tuple[Said, ...]:
    return (Said("censored", {"value": f"{comparator}{written.value.strip()}"}),) if comparator else ()


def _fasting(variable: Variable, fasting: str) -> tuple[Said, ...]:
    plain = fasting.strip().upper()
    if plain not in FASTING:
        raise RowRefused("bad-fasting", value=shown(fasting))
    if variable.id not in tables()["fasting"] or plain == "Y":
        return ()
    return (Said("not-fasting" if plain == "N" else "fasting-unknown", {"variable": variable.label}),)


def _scanner(variable: Variable, method: str) -> Mapping[str, str]:
    """The generation of the HR-pQCT scanner: values of one do not fit the other."""
    if not variable.needs_scanner:
        return {}
    found = {_GENERATION[match.lower()] for match in _SCANNER.findall(method)}
    if len(found) != 1:
        raise RowRefused("missing-scanner", variable=variable.label, value=shown(method))
    return {"scanner_generation": found.pop()}


def _notes(written: WrittenLab, code: LabCode) -> Mapping[str, str]:
    said = {
        "name": written.name,
        "method": written.method,
        "lab": written.lab,
        "fasting": written.fasting.upper(),
        "ref_low": written.ref_low,
        "ref_high": written.ref_high,
        "part": code.part,
    }
    return {key: text.strip() for key, text in said.items() if text.strip()}
