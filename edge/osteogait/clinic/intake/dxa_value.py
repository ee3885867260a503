"""One DXA row: density, T- and Z-score of one site, with the maker and the reference behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import Site, dxa_variable
from osteogait.clinic.intake.measurement import Measurement, PersonFacts
from osteogait.clinic.intake.moment import Moment
from osteogait.clinic.intake.number import read_number
from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.intake.variable import tables, variables

SITES = ("femoral_neck", "total_hip", "lumbar_spine", "forearm", "heel")
SIDES = ("left", "right", "")
MEASURES = ("bmd", "t", "z")


@dataclass(frozen=True, slots=True)
class WrittenDxa:
    """The texts of one row, exactly as written; `unit` is that of the density."""

    patient_id: str
    site: str
    side: str
    bmd: str
    t: str
    z: str
    brand: str
    model: str
    software: str
    reference_db: str
    scan_date: str
    unit: str = "g/cm2"
    code: str = ""


def read_dxa(written: WrittenDxa, border: Border, row: int) -> tuple[Measurement, ...]:
    """The one to three measurements of a row; RowRefused with the first reason against it: then none goes in."""
    facts = border.person(written.patient_id)
    moment = border.moment(written.scan_date, facts)
    site, side = written.site.strip().lower(), written.side.strip().lower()
    if site not in SITES:
        raise RowRefused(
            "missing-site", variant="unknown_site", value=shown(written.site), allowed=", ".join(SITES)
        )
    if side not in SIDES:
        raise RowRefused("missing-site", variant="unknown_side", value=shown(written.side))
    if not written.brand.strip():
        raise RowRefused("missing-brand")
    if not written.reference_db.strip():
        raise RowRefused("missing-reference-db")
    texts = {"bmd": written.bmd, "t": written.t, "z": written.z}
    given = {measure: text for measure, text in texts.items() if text.strip()}
    if not given:
        raise RowRefused("not-a-number", variant="empty_dxa")
    found = tuple(_measure(written, measure, site, side, facts, moment, row) for measure in given)
    more = (*moment.warnings, *_reference(written, site), *border.age_warning(moment, "dxa"))
    return tuple(replace(item, warnings=(*item.warnings, *more)) for item in found)


def _measure(
    written: WrittenDxa, measure: str, site: str, side: str, facts: PersonFacts, moment: Moment, row: int
) -> Measurement:
    text = {"bmd": written.bmd, "t": written.t, "z": written.z}[measure]
    variable = variables()[dxa_variable(site, measure)]
    unit = written.unit if measure == "bmd" else variable.unit
    stored = variable.convert(read_number(text), unit)
    return Measurement(
        patient_id=written.patient_id.strip(),
        person=facts.person,
        variable=variable.id,
        value=float(stored),
        unit=variable.unit,
        comparator="",
        written_value=text,
        written_unit=unit,
        code=written.code,
        taken_at=moment.at,
        row=row,
        day_only=moment.day_only,
        notes={**_notes(written, site, side), **(moment.notes or {})},
        warnings=variable.check(stored),
    )


def _notes(written: WrittenDxa, site: str, side: str) -> Mapping[str, str]:
    said = {
        "site": site,
        "side": side,
        "brand": written.brand,
        "model": written.model,
        "software": written.software,
        "reference_db": written.reference_db,
    }
    return {key: text.strip() for key, text in said.items() if text.strip()}


def _reference(written: WrittenDxa, site: str) -> tuple[Said, ...]:
    """A warning when a Hologic T-score is not that of its density by the reference that Hologic uses.

    A reference of another population is kept as such: its T-scores are meant to differ.
    """
    rule = tables()["hologic"]
    reference = written.reference_db.casefold()
    other = any(word in reference for word in tables()["other_reference"])
    complete = written.bmd.strip() and written.t.strip()
    if "hologic" not in written.brand.casefold() or site not in rule or other or not complete:
        return ()
    mean, sd = (Decimal(str(number)) for number in rule[site])
    bmd = variables()[dxa_variable(site, "bmd")].convert(read_number(written.bmd), written.unit)
    expected = (bmd - mean) / sd
    if abs(read_number(written.t) - expected) <= Decimal(str(rule["tolerance"])):
        return ()
    fields = {"site": Site(site), "t": written.t.strip(), "expected": f"{expected:.1f}"}
    return (Said("reference-mismatch", fields),)
