"""Everything of one person as one FHIR R4 bundle: to be sent, or as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from osteogait.report.document import OUTCOMES
from osteogait.report.fhir import provenance
from osteogait.report.fhir.audit_event import audit_event
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.consent import consent
from osteogait.report.fhir.device import assessing_device, measuring_device
from osteogait.report.fhir.diagnostic_report import diagnostic_report, report_id
from osteogait.report.fhir.document_reference import Printed, binary, original_reference, printed_reference
from osteogait.report.fhir.element import Resource, tidy, urn
from osteogait.report.fhir.facts import Facts
from osteogait.report.fhir.inputs import input_ids, told_alone
from osteogait.report.fhir.judgement import sentences
from osteogait.report.fhir.observation import CONTAINS_HGR, HANDLING, observation
from osteogait.report.fhir.patient import patient
from osteogait.report.fhir.prediction import predictions
from osteogait.report.fhir.risk_assessment import risk_assessments
from osteogait.report.fhir.trial import trial
from osteogait.report.withheld import without_genotypes

if TYPE_CHECKING:
    from osteogait.storage.records import Result

Purpose = Literal["collection", "transaction"]


def bundle(
    facts: Facts,
    terms: Terms | None = None,
    *,
    purpose: Purpose = "collection",
    printed: Mapping[str, Printed] | None = None,
) -> Resource:
    """The bundle of `facts`: a `collection` as a file, a `transaction` for a server (repeatable: PUT by id).

    `printed`: the report of a result as PDF, by the id of the result.
    """
    terms = Terms() if terms is None else terms
    station = measuring_device(version("osteogait"), terms)
    resources = {one["id"]: one for one in _resources(facts, terms, station, printed or {})}
    inside = frozenset(resources)
    for event in facts.events:
        row = audit_event(event, station["id"], terms, inside)
        resources[row["id"]] = row
    tag = {"meta": {"tag": [terms.local(HANDLING, CONTAINS_HGR)]}} if facts.has_genotypes else {}
    entries = [_entry(tidy(one), purpose) for one in resources.values()]
    return {"resourceType": "Bundle", **tag, "type": purpose, "entry": entries}


def _resources(
    facts: Facts, terms: Terms, station: Resource, printed: Mapping[str, Printed]
) -> Iterator[Resource]:
    person = facts.person.id
    yield patient(facts.person, terms)
    yield station
    for value in facts.values:
        yield observation(value, person, terms)
    for one in facts.trials:
        yield trial(one, facts.recordings.get(one.recording_id or ""), station["id"], terms)
    for result in facts.results:
        yield from _of_result(facts, result, terms, printed.get(result.id))
    for document in facts.documents:
        yield from _of_document(facts, document.id, terms)
    for held in facts.consents:
        yield consent(held, person, terms)


def _of_result(facts: Facts, result: Result, terms: Terms, printed: Printed | None) -> Iterator[Resource]:
    """Device, answers, risk, report, print and acts of a result."""
    state, acts = facts.states[result.id], facts.acts[result.id]
    result = _shown(facts, result)
    judged = sentences(acts, terms.lang)
    answers = predictions(result, state, terms, judged)
    risks = risk_assessments(result, state, terms, judged)
    inputs = input_ids(result.id, result.assessment, OUTCOMES)
    tests = tuple(one.id for one in facts.trials if one.visit_id == result.visit_id)
    told = tuple(dict.fromkeys([*inputs, *tests, *(one["id"] for one in answers)]))
    report = diagnostic_report(result, state, acts, told, printed, terms)
    yield assessing_device(result, terms)
    yield from (observation(value, result.person_id, terms) for value in told_alone(result))
    yield from (*answers, *risks, report)
    if printed is not None:
        yield from (printed_reference(printed, result, state, terms), binary(printed))
    targets = (report_id(result.id), *(one["id"] for one in (*risks, *answers)))
    yield provenance.of_result(result, targets, terms)
    for act in acts:
        yield provenance.of_act(act, (report_id(result.id),), terms)


def _shown(facts: Facts, result: Result) -> Result:
    """The result without genotypes that must not leave; how many were left out stands in its place."""
    if not facts.withheld:
        return result
    shown = without_genotypes(result.assessment)
    withheld = len(result.assessment["values"]) - len(shown["values"])
    return replace(result, assessment={**shown, "withheld": withheld})


def _of_document(facts: Facts, document: str, terms: Terms) -> Iterator[Resource]:
    (held,) = (one for one in facts.documents if one.id == document)
    yield original_reference(held, terms)
    values = tuple(value.id for value in facts.values if value.document_id == document)
    if values:
        yield provenance.of_document(held, values, terms)


def _entry(resource: Resource, purpose: Purpose) -> Resource:
    entry = {"fullUrl": urn(resource["id"]), "resource": resource}
    if purpose == "collection":
        return entry
    kind, identifier = resource["resourceType"], resource["id"]
    if kind == "Patient":
        known = resource["identifier"][0]
        sought = f"identifier={known['system']}|{known['value']}"
        sent = {key: item for key, item in resource.items() if key != "id"}
        return {**entry, "resource": sent, "request": {"method": "POST", "url": kind, "ifNoneExist": sought}}
    return {**entry, "request": {"method": "PUT", "url": f"{kind}/{identifier}"}}
