"""Which code leaves the box for which variable, and which are left out: codes.yaml read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

BASE = "https://example.org/osteogait"
"""Where the project's own codes and identifiers live; a site that has an address of its own gives it to `Terms`."""
LOINC, UCUM, SNOMED = "http://loinc.org", "http://unitsofmeasure.org", "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
LOINC_NOTICE = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. and "
    "the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the "
    "license at http://loinc.org/license. LOINC is a registered United States trademark of Regenstrief Institute, Inc."
)
SIDES = ("", "left", "right")
SIDE_SIGNS = {
    "": "",
    "left": "left",
    "right": "right",
    "l": "left",
    "r": "right",
    "左": "left",
    "右": "right",
}
BODY_LENGTH = frozenset({"height", "weight"})


@dataclass(frozen=True, slots=True)
class Terms:
    """Which terminologies may be used: SNOMED CT with a licence, `unverified` codes once somebody has checked them."""

    base: str = BASE
    snomed: bool = False
    unverified: bool = False
    lang: str = "en"

    def local(self, system: str, code: str, display: str | None = None) -> dict[str, Any]:
        """A code of the project's own."""
        found = {"system": f"{self.base}/CodeSystem/{system}", "code": code.replace("_", "-")}
        return found if display is None else {**found, "display": display}

    def coding(self, system: str, held: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """The coding of an entry of codes.yaml, none where it may not be used."""
        if held is None or (system == SNOMED and not self.snomed):
            return []
        if held.get("status", "p") != "p" and not self.unverified:
            return []
        shown = {"display": held["display"]} if "display" in held else {}
        return [{"system": system, "code": held["code"], **shown}]


@cache
def tables() -> Mapping[str, Any]:
    """What codes.yaml says."""
    import yaml

    text = files("osteogait.report.fhir").joinpath("codes.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def ucum(unit: str) -> str:
    """The UCUM code of a unit as the tables of the app write it."""
    found: str = tables()["ucum"].get(unit, unit)
    return found


def dxa_part(variable: str) -> tuple[str, str] | None:
    """Site and measure (`bmd`, `t`, `z`) of a DXA variable such as `fn_t`; None for any other."""
    site, _, measure = variable.rpartition("_")
    held = tables()["dxa"].get(site)
    return (site, measure) if held is not None and measure in held else None


def dxa_coding(variable: str, side: str) -> list[dict[str, Any]]:
    """The code of a bone density: that of the side where there is one; none where LOINC has none."""
    part = dxa_part(variable)
    if part is None:
        return []
    by_side = tables()["dxa"][part[0]][part[1]]
    place = SIDES.index(side) if side in SIDES else 0
    code = by_side[place] if place < len(by_side) else by_side[0]
    if code is None:
        return []
    display = tables()["dxa_displays"].get(code)
    return [{"system": LOINC, "code": code} | ({} if display is None else {"display": display})]


def side_of(text: object) -> str:
    """`left`, `right` or nothing, as a note of a value says it."""
    return SIDE_SIGNS.get(str(text or "").strip().lower(), "")


def laboratory(variable: str, unit: str) -> Mapping[str, Any] | None:
    """The entry of a laboratory variable whose family of units is that of `unit`."""
    from osteogait.clinic.intake.variable import family

    for held in tables()["laboratory"].get(variable, ()):
        if held["family"] == family(unit):
            found: Mapping[str, Any] = held
            return found
    return None


@cache
def unit_rules() -> Mapping[str, Mapping[str, Any]]:
    """Code -> which units fit it: `family` or a list of `units`."""
    found: dict[str, Mapping[str, Any]] = {}
    for entries in tables()["laboratory"].values():
        found |= {held["code"]: {"family": held["family"]} for held in entries}
    for held in (*tables()["body"].values(), *tables()["typed_tools"].values()):
        found[held["code"]] = {"units": held["units"]}
    for test in tables()["tests"].values():
        inside = (*test.get("measures", {}).values(), test.get("panel", {}))
        found |= {held["code"]: {"units": held["units"]} for held in inside if "units" in held}
    units = {"bmd": ["g/cm2"], "t": ["{T-score}"], "z": ["{Z-score}"]}
    for site in tables()["dxa"].values():
        for measure, allowed in units.items():
            found |= {code: {"units": allowed} for code in site[measure] if code is not None}
    return found
