"""A DXA report as DICOM structured report: read in a process of its own with limits, mapped by site and measure."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import dxa_code, site_of
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.dxa_value import WrittenDxa, read_dxa
from osteogait.clinic.intake.measurement import Kind, Measurement
from osteogait.clinic.intake.reason import Said, shown
from osteogait.clinic.intake.strict_json import read_json
from osteogait.errors import MissingExtra, Rejected

SECONDS = 20
_MEASURES = (  # in the words of reports; the first that fits counts
    ("t", re.compile(r"\bt[\s-]*score\b", re.IGNORECASE)),
    ("z", re.compile(r"\bz[\s-]*score\b", re.IGNORECASE)),
    ("bmd", re.compile(r"\bbmd\b|bone (mineral )?density", re.IGNORECASE)),
)
_REFERENCE = re.compile(r"reference (database|population|data)", re.IGNORECASE)
_SIDES = {
    "24028007": "right",
    "7771000": "left",
    "R": "right",
    "L": "left",
    "G-A100": "right",
    "G-A101": "left",
}
_PLACE = re.compile(r"site|region|location|area|laterality", re.IGNORECASE)
PROPERTIES = ("HAS CONCEPT MOD", "HAS OBS CONTEXT", "HAS PROPERTIES")
_WHOLE_SPINE = re.compile(r"\bL1\s*[-–]\s*L?4\b", re.IGNORECASE)
_VERTEBRA = re.compile(r"\bL[1-5]\b", re.IGNORECASE)

Item = Mapping[str, Any]


class _Report:
    """Header and content items, with the properties that hang on each item."""

    def __init__(self, header: Mapping[str, str], items: Sequence[Item]) -> None:
        self.header, self.items = header, items
        self._properties: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            if item["above"] and _is_property(item):
                self._properties[item["above"][-1]].append(item)

    def around(self, number: int) -> list[Item]:
        """The items that say where item `number` belongs: itself, those above it, and the properties of all of them."""
        chain = [*self.items[number]["above"], number]
        return [
            *(self.items[place] for place in chain),
            *(item for place in chain for item in self._properties[place]),
        ]


def read_dicom(content: bytes, border: Border, collector: Collector) -> Kind:
    """Every density, T- and Z-score of the report into `collector`; a row is the number of the content item."""
    found = _contents(content)
    report = _Report(found["header"], found["items"])
    collector.meet(border.whose([report.header["PatientID"]]))
    if report.header["CompletionFlag"] not in ("COMPLETE", ""):
        collector.ignore("not-final")
        return "dicom_sr"
    for number, item in enumerate(report.items):
        if item["type"] != "NUM":
            continue
        written = _written(report, item, report.around(number))
        if written is None:
            collector.ignore("other-content")
        else:
            _take(written, number + 1, border, collector)
    return "dicom_sr"


def _take(written: WrittenDxa, number: int, border: Border, collector: Collector) -> None:
    if written.bmd and not written.unit:
        collector.refuse(
            number, Said("unknown-unit", {"value": "", "variable": "BMD", "allowed": "g/cm2, mg/cm2"})
        )
        return

    def read() -> tuple[Measurement, ...]:
        return read_dxa(written, border, number)

    collector.take(number, read, f"{written.site} {written.bmd}{written.t}{written.z}")


def _contents(content: bytes) -> Any:
    """What the child process says; Rejected when it fails, takes too long, or the object is no report."""
    if importlib.util.find_spec("pydicom") is None:
        raise MissingExtra("dicom")
    command = [sys.executable, "-I", "-m", "osteogait.clinic.intake.dicom_child"]
    lean = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, env=lean, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Rejected("intake_dicom") from error
    if done.returncode not in (0, 3):
        raise Rejected("intake_dicom")
    found = read_json(done.stdout)
    if "refused" in found:
        raise Rejected("intake_dicom_class", value=shown(found["refused"]))
    return found


def _written(report: _Report, item: Item, near: Sequence[Item]) -> WrittenDxa | None:
    """The DXA row behind a number; None when it is no bone density of a site that is used here."""
    meant = dxa_code(item["name_code"]) if item["name_scheme"] == "LN" else None
    measure = meant.measure if meant else _measure(item["name_meaning"])
    site = _site(near) or (meant.region if meant and meant.region != "femur" else "")
    if not measure or not site:
        return None
    header = report.header
    return WrittenDxa(
        patient_id=header["PatientID"],
        site=site,
        side=(meant.side if meant else "") or _side(near),
        bmd=item.get("number", "") if measure == "bmd" else "",
        t=item.get("number", "") if measure == "t" else "",
        z=item.get("number", "") if measure == "z" else "",
        brand=header["Manufacturer"],
        model=header["ManufacturerModelName"],
        software=header["SoftwareVersions"],
        reference_db=_reference(report, near),
        scan_date=_time(header),
        unit=item.get("unit", "") if measure == "bmd" else "g/cm2",
        code=item["name_code"] if meant else "",
    )


def _measure(words: str) -> str:
    return next((measure for measure, pattern in _MEASURES if pattern.search(words)), "")


def _is_property(item: Item) -> bool:
    return item["relation"] in PROPERTIES and item["type"] in ("CODE", "TEXT")


def _site(near: Sequence[Item]) -> str:
    """The one site that headings and site properties name; of the spine L1-L4, no single vertebrae or other ranges."""
    placing = [item for item in near if not _is_property(item) or _PLACE.search(item["name_meaning"])]
    words = [
        " ".join(item.get(key, "") for key in ("name_meaning", "value_meaning", "TextValue"))
        for item in placing
    ]
    if any(_VERTEBRA.search(_WHOLE_SPINE.sub("", text)) for text in words):
        return ""
    codes = tuple(item["value_code"] for item in placing if item.get("value_scheme") in ("SCT", "SRT"))
    return site_of(codes, "; ".join(words))


def _side(near: Sequence[Item]) -> str:
    sides = {_SIDES[item["value_code"]] for item in near if item.get("value_code") in _SIDES}
    return sides.pop() if len(sides) == 1 else ""


def _reference(report: _Report, near: Sequence[Item]) -> str:
    """The reference population, from the surroundings of the value, else from the whole report if it names just one."""
    for items in (near, report.items):
        named = {
            item.get("TextValue", "") or item.get("value_meaning", "")
            for item in items
            if _REFERENCE.search(item["name_meaning"])
        } - {""}
        if len(named) == 1:
            return str(named.pop())
    return ""


def _time(header: Mapping[str, str]) -> str:
    """The time of the study as ISO 8601; the zone only where the report gives it."""
    day, clock = header["StudyDate"], header["StudyTime"]
    if not re.fullmatch(r"\d{8}", day, re.ASCII):
        return day
    time = f"T{clock[:2]}:{clock[2:4]}" if re.match(r"\d{4}", clock, re.ASCII) else ""
    zone = header["TimezoneOffsetFromUTC"]
    known = zone if re.fullmatch(r"[+-]\d{4}", zone, re.ASCII) else ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}{time}{known}"
