"""The station's audit as AuditEvents; each carries its place in the chain and both hashes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.diagnostic_report import report_id
from osteogait.report.fhir.element import Resource, derived_id, moment, reference

if TYPE_CHECKING:
    from osteogait.storage.audit import Event

TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
LOGIN = {"system": DICOM, "code": "110114", "display": "User Authentication"}
LOGINS = {"login": ("110122", "Login"), "logout": ("110123", "Logout")}
INTERACTION = {"view": "read", "create": "create", "change": "update", "erase": "delete"}
ACTIONS = {
    "view": "R",
    "create": "C",
    "change": "U",
    "erase": "D",
    "export": "R",
    "print": "R",
    "sign": "U",
    "consent": "U",
}
SUCCESS, MINOR = "0", "4"


def audit_event(event: Event, device: str, terms: Terms, inside: frozenset[str] = frozenset()) -> Resource:
    """The AuditEvent of a row; `device` is the station, `inside` the ids of resources that it may refer to."""
    return {
        "resourceType": "AuditEvent",
        "id": derived_id("audit", str(event.seq), event.sha256),
        **_kind(event, terms),
        "action": ACTIONS.get(event.action, "E"),
        "recorded": moment(datetime.fromisoformat(event.utc)),
        "outcome": SUCCESS,
        "agent": [
            {
                "who": {"identifier": {"system": f"{terms.base}/account", "value": event.actor}},
                "requestor": True,
            }
        ],
        "source": {"observer": reference(device)},
        "entity": [_entity(event, terms, inside)],
    }


def _kind(event: Event, terms: Terms) -> Resource:
    if event.action in LOGINS:
        code, display = LOGINS[event.action]
        return {"type": LOGIN, "subtype": [{"system": DICOM, "code": code, "display": display}]}
    subtype = INTERACTION.get(event.action)
    coding = {"system": INTERACTIONS, "code": subtype} if subtype else terms.local("audit", event.action)
    return {"type": {"system": TYPES, "code": "rest"}, "subtype": [coding]}


def _entity(event: Event, terms: Terms, inside: frozenset[str]) -> Resource:
    facts = {
        "sequence": str(event.seq), "sha256": event.sha256, "previous": event.previous, "boot": event.boot_id,
        "monotonic_ns": str(event.monotonic_ns), "details": event.details,
        "clock_synchronised": {True: "yes", False: "no", None: "not known"}[event.synchronised],
    }  # fmt: skip
    return {
        "what": _what(event.object, terms, inside),
        "detail": [{"type": name, "valueString": value} for name, value in facts.items() if value],
    }


def _what(object_: str, terms: Terms, inside: frozenset[str]) -> Resource:
    """A reference where the thing is in the bundle, else its id at this station."""
    kind, _, identifier = object_.partition(":")
    target = report_id(identifier) if kind == "result" else identifier
    if target in inside:
        return reference(target)
    return {"identifier": {"system": f"{terms.base}/object", "value": object_}}


def chain(events: tuple[Event, ...], device: Resource, terms: Terms) -> Resource:
    """All rows as one collection, in the order of the chain, with the station that wrote them."""
    resources = [device, *(audit_event(event, device["id"], terms) for event in events)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }
