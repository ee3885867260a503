"""The chances of fracture and falls as RiskAssessment, with every input used and nothing else as their basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from osteogait.report.document import Document
from osteogait.report.fhir import codes
from osteogait.report.fhir.codes import ICD10, SNOMED, Terms
from osteogait.report.fhir.device import device_of
from osteogait.report.fhir.element import (
    Resource,
    concept,
    derived_id,
    moment,
    percent,
    quantity,
    reference,
)
from osteogait.report.fhir.inputs import input_ids
from osteogait.report.fhir.observation import label
from osteogait.report.fhir.prediction import STATUS, reason_for_none
from osteogait.report.judgement import NOT_JUDGED

if TYPE_CHECKING:
    from osteogait.storage.records import Result

KINDS: Mapping[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "fracture": (("mof_10y", "hip_10y"), (0, 10)),
    "falls": (("falls_12m",), (-1, 0)),
}
"""Kind -> outcomes and the years that they speak of, counted from the present age. Falls are those of the past year:
the model learned the answers to a survey; nobody's falls were counted afterwards.
"""
TITLES = {
    "fracture": {"en": "Fracture risk assessment", "zh": "骨折风险评估"},
    "falls": {"en": "Fall risk assessment", "zh": "跌倒风险评估"},
}
SCALE = "probabilityDecimal is a percentage (0-100). whenRange is the age range of the subject: {range}."
RANGES = {
    "fracture": "10 years from the present age",
    "falls": "the year before the present age; an estimate of a survey answer about it, no forecast",
}
REASONS_SHOWN = 3


def risk_assessments(
    result: Result, state: str, terms: Terms, judged: Mapping[str, str] = NOT_JUDGED
) -> tuple[Resource, ...]:
    """One RiskAssessment a kind; `judged`: by outcome, a clinician's other conclusion."""
    return tuple(_risk_assessment(result, kind, state, terms, judged) for kind in KINDS)


def risk_id(result: str, kind: str) -> str:
    """The id of the RiskAssessment of a kind."""
    return derived_id(result, "risk", kind)


def _risk_assessment(
    result: Result, kind: str, state: str, terms: Terms, judged: Mapping[str, str]
) -> Resource:
    outcomes, years = KINDS[kind]
    basis = [result.person_id, *input_ids(result.id, result.assessment, outcomes)]
    return {
        "resourceType": "RiskAssessment",
        "id": risk_id(result.id, kind),
        "status": STATUS[state],
        "code": concept(*terms.coding(SNOMED, codes.tables()["assessment"]), text=TITLES[kind][terms.lang]),
        "subject": reference(result.person_id),
        "occurrenceDateTime": moment(result.created),
        "method": _method(result, terms),
        "performer": reference(device_of(result)),
        "basis": [reference(one) for one in basis],
        "prediction": [_prediction(result, outcome, years, terms) for outcome in outcomes],
        "note": [{"text": text} for text in _notes(result, kind, judged)],
    }


def _method(result: Result, terms: Terms) -> Resource:
    model = result.assessment["model"]
    coding = {**terms.local("model", model["id"]), "version": result.model_version}
    return concept(coding, text="osteogait fusion model; not FRAX; research use")


def _prediction(result: Result, outcome: str, years: tuple[int, int], terms: Terms) -> Resource:
    held = codes.tables()["outcomes"][outcome]
    named = [*terms.coding(SNOMED, held.get("snomed")), *terms.coding(ICD10, held.get("icd10"))]
    found: Resource = {"outcome": concept(*named, text=held["text"][terms.lang])}
    risk = Document.of(result.assessment).risk(outcome)
    if risk is None:
        return {**found, "rationale": reason_for_none(result.assessment)}
    return {
        **found,
        "probabilityDecimal": percent(risk.probability),
        "whenRange": _ages(result.assessment["person"]["age"], years),
        **_rationale(result.assessment, outcome, terms),
    }


def _ages(age: float, years: tuple[int, int]) -> Resource:
    ends = {"low": age + years[0], "high": age + years[1]}
    return {end: {**quantity(value, "a"), "unit": "years"} for end, value in ends.items()}


def _rationale(assessment: Mapping[str, Any], outcome: str, terms: Terms) -> Resource:
    """What moved the number most."""
    parts = assessment["contributions"].get(outcome, {"features": []})["features"]
    moved = sorted((part for part in parts if part["logit"]), key=lambda part: -abs(part["logit"]))
    names = [label(part["feature"], terms.lang) for part in moved[:REASONS_SHOWN]]
    return {"rationale": "; ".join(names)} if names else {}


def _notes(result: Result, kind: str, judged: Mapping[str, str]) -> list[str]:
    outcomes, _ = KINDS[kind]
    said = [SCALE.format(range=RANGES[kind]), *(judged[name] for name in outcomes if name in judged)]
    document = Document.of(result.assessment)
    for outcome in outcomes:
        risk = document.risk(outcome)
        if risk is not None and risk.interval is not None:
            low, high = (percent(end) for end in risk.interval)
            said.append(f"{outcome}: interval {low:.4g}-{high:.4g} %.")
    withheld = result.assessment.get("withheld")
    if withheld:
        said.append(f"{withheld} genotypes that were used are left out here: no consent to pass them on.")
    left_out = [one["path"] for one in document.recordings if not one["usable"]]
    return [*said, *(f"{name} left out: signal quality failed." for name in left_out)]
