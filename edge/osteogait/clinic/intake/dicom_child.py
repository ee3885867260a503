"""Runs alone in a process with limits: DICOM bytes on standard input, the named contents as JSON on standard output.

Only the attributes named here are looked at; private ones and pixels are never touched.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

MEMORY = 400_000_000  # bytes of address space; a small report takes 140 MB of it, 51 MB of them in memory

CPU_SECONDS = 10
DEEPEST, MOST_ITEMS, LONGEST = 20, 5_000, 300
REPORTS = {  # SOP classes: Enhanced and Comprehensive SR
    "1.2.840.10008.5.1.4.1.1.88.22",
    "1.2.840.10008.5.1.4.1.1.88.33",
}
HEADER = (
    "PatientID",
    "StudyDate",
    "StudyTime",
    "ContentDate",
    "ContentTime",
    "TimezoneOffsetFromUTC",
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "CompletionFlag",
)


def main() -> int:
    """Exit code 0 with a JSON object, 3 for an object of another class, 4 for one that cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        found = contents(content)
    except Exception:  # a report that no parser understands; its words may name a person and go nowhere
        return 4
    json.dump(found, sys.stdout)
    return 3 if "refused" in found else 0


def contents(content: bytes) -> dict[str, Any]:
    """Header and content items of the report in `content`."""
    from pydicom import config, dcmread

    config.settings.reading_validation_mode = config.IGNORE
    dataset = dcmread(io.BytesIO(content), stop_before_pixels=True)
    sop_class = str(getattr(dataset, "SOPClassUID", ""))
    if not sop_class:
        raise ValueError("no class")
    if sop_class not in REPORTS:
        return {"refused": sop_class[:LONGEST]}
    header = {name: _text(dataset.get(name, "")) for name in HEADER}
    items: list[dict[str, Any]] = []
    _walk(dataset, (), items)
    return {"header": header, "items": items}


def _walk(parent: Any, above: tuple[int, ...], items: list[dict[str, Any]]) -> None:
    """Every content item below `parent` in order, each with the items above it."""
    if len(above) > DEEPEST:
        raise ValueError("too deep")
    for item in parent.get("ContentSequence", None) or ():
        if len(items) >= MOST_ITEMS:
            raise ValueError("too many")
        number = len(items)
        own = {
            "type": _text(item.get("ValueType", "")),
            "relation": _text(item.get("RelationshipType", "")),
            **{f"name_{key}": text for key, text in _concept(item, "ConceptNameCodeSequence").items()},
        }
        items.append({**own, **_value(item), "above": list(above)})
        _walk(item, (*above, number), items)


def _value(item: Any) -> dict[str, str]:
    measured = next(iter(item.get("MeasuredValueSequence", None) or ()), None)
    coded = {f"value_{key}": text for key, text in _concept(item, "ConceptCodeSequence").items()}
    texts = {
        key: _text(item.get(key, ""))
        for key in ("TextValue", "DateTime", "Date", "Time")
        if item.get(key, "")
    }
    if measured is None:
        return {**coded, **texts}
    unit = _concept(measured, "MeasurementUnitsCodeSequence")
    return {
        **coded,
        **texts,
        "number": _text(measured.get("NumericValue", "")),
        "unit": unit["code"] if unit["scheme"] in ("UCUM", "") else "",
    }


def _concept(item: Any, name: str) -> dict[str, str]:
    found = next(iter(item.get(name, None) or ()), None)
    if found is None:
        return {"code": "", "scheme": "", "meaning": ""}
    return {
        "code": _text(found.get("CodeValue", "")),
        "scheme": _text(found.get("CodingSchemeDesignator", "")),
        "meaning": _text(found.get("CodeMeaning", "")),
    }


def _text(value: Any) -> str:
    several = not isinstance(value, str | bytes) and hasattr(value, "__iter__")
    text = "\\".join(str(part) for part in value) if several else str(value)
    return text[:LONGEST]


if __name__ == "__main__":
    sys.exit(main())
