"""Who or what made a thing out of what: results, signatures, values read from a file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.device import device_of
from osteogait.report.fhir.element import Resource, by_identifier, concept, derived_id, moment, reference

if TYPE_CHECKING:
    from osteogait.storage.documents import Document
    from osteogait.storage.records import Result
    from osteogait.storage.signatures import Signature

ROLES = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ACTS = {"sign": "verifier", "comment": "informant", "override": "author"}


def of_result(result: Result, targets: tuple[str, ...], terms: Terms) -> Resource:
    """A result was made by software and model; the document behind it is named by its SHA-256."""
    agents = [{"type": _role("assembler"), "who": reference(device_of(result))}]
    entities = [_source(terms, "sha256", result.sha256)]
    if result.supersedes is not None:
        entities.append({**_source(terms, "result", result.supersedes), "role": "revision"})
    return _provenance(derived_id(result.id, "made"), targets, result.created, "assessment", agents, entities)


def of_act(act: Signature, targets: tuple[str, ...], terms: Terms) -> Resource:
    """A clinician signed, commented or overrode exactly the assessment with this SHA-256."""
    who = by_identifier(terms.base, "account", act.account_id, "Practitioner")
    agents = [{"type": _role(ACTS[act.kind]), "who": who}]
    entities = [_source(terms, "sha256", act.assessment_sha256)]
    return _provenance(act.id, targets, act.created, act.kind, agents, entities)


def of_document(document: Document, values: tuple[str, ...], terms: Terms) -> Resource:
    """Values were read from an uploaded file."""
    who = by_identifier(terms.base, "account", document.by, "Practitioner")
    agents = [{"type": _role("enterer"), "who": who}]
    entities = [{"role": "source", "what": reference(document.id)}]
    identifier = derived_id(document.id, "read")
    return _provenance(identifier, values, document.created, "read from a file", agents, entities)


def _provenance(
    identifier: str,
    targets: tuple[str, ...],
    when: datetime,
    activity: str,
    agents: list[Resource],
    entities: list[Resource],
) -> Resource:
    return {
        "resourceType": "Provenance",
        "id": identifier,
        "target": [reference(one) for one in targets],
        "recorded": moment(when),
        "activity": concept(text=activity),
        "agent": agents,
        "entity": entities,
    }


def _role(code: str) -> Resource:
    return concept({"system": ROLES, "code": code})


def _source(terms: Terms, kind: str, value: str) -> Resource:
    return {"role": "source", "what": {"identifier": {"system": f"{terms.base}/{kind}", "value": value}}}
