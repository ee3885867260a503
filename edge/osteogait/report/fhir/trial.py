"""One try of a test: what the sensor measured, its verdict on the signal, or why there is no number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from osteogait.report.fhir import codes
from osteogait.report.fhir.codes import LOINC, Terms
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

if TYPE_CHECKING:
    from osteogait.storage.records import Recording
    from osteogait.storage.trials import Trial

STATUS = {
    "accepted": "final",
    "open": "preliminary",
    "rejected": "final",
    "repeated": "cancelled",
    "skipped": "cancelled",
}
QUALITY = "signal_quality"
NOT_DONE = "not-performed"
COUNT = "repetitions"


def trial(one: Trial, recording: Recording | None, device: str, terms: Terms) -> Resource:
    """The Observation of a try, under its id: chief measure as the value, all others as components; by `device`.

    A try whose recording failed its gate, was repeated or skipped carries `dataAbsentReason` instead of a number.
    """
    held = dict(_measures(one)) if one.state in ("accepted", "open") and one.usable else {}
    chief = _chief(one.protocol, held)
    return without_empty(
        {
            "resourceType": "Observation",
            "id": one.id,
            "status": STATUS[one.state],
            "category": category("exam"),
            "code": _code(one, chief, terms),
            "subject": reference(one.person_id),
            **_effective(one, recording),
            "method": concept(text=_method(recording)),
            "device": reference(device) if one.recording_id is not None else None,
            "performer": [by_identifier(terms.base, "account", one.by, "Practitioner")],
            **_value(one, held, chief),
            "component": _components(one, held, chief, terms),
            "note": [{"text": text} for text in _notes(one)],
        }
    )


def _measures(one: Trial) -> Mapping[str, Mapping[str, Any]]:
    held: Mapping[str, Mapping[str, Any]] = {} if one.measures is None else one.measures["measures"]
    return held


def _test(protocol: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = codes.tables()["tests"].get(protocol, {})
    return found


def _chief(protocol: str, held: Mapping[str, Any]) -> str | None:
    """The measure that is the value of the whole test."""
    chief: str | None = _test(protocol).get("chief")
    return chief if chief in held else None


def _code(one: Trial, chief: str | None, terms: Terms) -> Resource:
    """The published code where there is one for exactly this test, and always the project's own."""
    local = terms.local("test", one.test, _title(one.test))
    named = [terms.local("measure", chief)] if chief is not None else []
    panel = _test(one.protocol).get("panel")
    return concept(*terms.coding(LOINC, panel), local, *named)


def _title(test: str) -> str:
    return test.replace("_", " ")


def _effective(one: Trial, recording: Recording | None) -> Resource:
    if recording is None or recording.started is None:
        return {"effectiveDateTime": moment(one.created)}
    end = recording.started + timedelta(seconds=recording.samples / recording.fs_hz)
    return {"effectivePeriod": {"start": moment(recording.started), "end": moment(end)}}


def _method(recording: Recording | None) -> str | None:
    return None if recording is None else f"lower-back IMU, {recording.fs_hz:.5g} Hz; osteogait pipeline"


def _value(one: Trial, held: Mapping[str, Any], chief: str | None) -> Resource:
    if chief is not None:
        unit = _test(one.protocol).get("unit") or held[chief]["unit"]
        return {"valueQuantity": quantity(held[chief]["value"], unit)}
    if held:
        return {}
    if one.recording_id is None or one.state == "skipped":
        return {"dataAbsentReason": absent(NOT_DONE, _reason(one, "not done"))}
    return {"dataAbsentReason": absent("error", _reason(one, "signal quality failed"))}


def _reason(one: Trial, otherwise: str) -> str:
    """The sentences of what failed, else the reason that was chosen."""
    flags = [] if one.measures is None else one.measures["flags"]
    said = [flag["message"] for flag in flags if flag["severity"] == "reject"]
    return " ".join(said) or f"{otherwise}: {one.reason}" if one.reason or said else otherwise


def _components(one: Trial, held: Mapping[str, Any], chief: str | None, terms: Terms) -> list[Resource]:
    found = [_component(one.protocol, key, item, terms) for key, item in held.items() if key != chief]
    if one.measures is None:
        return found
    verdict = terms.local("measure", "pass" if one.usable else "fail")
    code = concept(terms.local("measure", QUALITY))
    return [*found, {"code": code, "valueCodeableConcept": concept(verdict)}]


def _component(protocol: str, key: str, item: Mapping[str, Any], terms: Terms) -> Resource:
    published = _test(protocol).get("measures", {}).get(key)
    codings = terms.coding(LOINC, published) or [terms.local("measure", key, _meaning(key))]
    return {"code": concept(*codings), "valueQuantity": quantity(item["value"], item["unit"])}


def _meaning(key: str) -> str | None:
    from gaitsignal.measures.catalogue import catalogue

    entry = catalogue().get(key)
    return None if entry is None else entry.meaning


def _notes(one: Trial) -> list[str]:
    flags = [] if one.measures is None else one.measures["flags"]
    said = [flag["message"] for flag in flags if flag["severity"] != "reject"]
    if one.variant:
        said.append(f"variant: {one.variant}")
    return [*said, f"try {one.attempt}", *([] if one.state == "accepted" else [f"{one.state}"])]
