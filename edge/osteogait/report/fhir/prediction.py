"""An answer of an assessment as an Observation in percent with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from osteogait.report.document import OUTCOMES, Document
from osteogait.report.fhir import codes
from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.device import device_of
from osteogait.report.fhir.element import (
    Resource,
    absent,
    category,
    concept,
    derived_id,
    moment,
    percent,
    quantity,
    reference,
    without_empty,
)
from osteogait.report.fhir.inputs import input_ids
from osteogait.report.judgement import NOT_JUDGED

if TYPE_CHECKING:
    from osteogait.storage.records import Result

STATUS = {"preliminary": "preliminary", "final": "final", "amended": "amended"}
NO_ENGINE = "no model passed its check"


def predictions(
    result: Result, state: str, terms: Terms, judged: Mapping[str, str] = NOT_JUDGED
) -> tuple[Resource, ...]:
    """One Observation an outcome, in the order of the report; `judged`: by outcome, a clinician's other conclusion."""
    return tuple(_prediction(result, outcome, state, terms, judged.get(outcome)) for outcome in OUTCOMES)


def prediction_id(result: str, outcome: str) -> str:
    """The id of the Observation of an outcome."""
    return derived_id(result, "outcome", outcome)


def _prediction(result: Result, outcome: str, state: str, terms: Terms, judged: str | None) -> Resource:
    held = codes.tables()["outcomes"][outcome]
    return without_empty(
        {
            "resourceType": "Observation",
            "id": prediction_id(result.id, outcome),
            "status": STATUS[state],
            "category": category("survey"),
            "code": concept(terms.local("measure", outcome, held["display"]), text=held["text"][terms.lang]),
            "subject": reference(result.person_id),
            "effectiveDateTime": moment(result.created),
            "device": reference(device_of(result)),
            "method": concept(text=_method(result, outcome)),
            "derivedFrom": [reference(one) for one in input_ids(result.id, result.assessment, [outcome])],
            **_answer(result, outcome, terms),
            "note": [] if judged is None else [{"text": judged}],
        }
    )


def _method(result: Result, outcome: str) -> str:
    bone = result.assessment["osteoporosis"]
    if outcome == "osteoporosis" and bone["basis"] != "model":
        return f"rule set {bone['rule_set']}, {bone['basis']}; research use"
    return (
        f"osteogait model {result.assessment['model']['id']} {result.model_version}; not FRAX; research use"
    )


def _answer(result: Result, outcome: str, terms: Terms) -> Resource:
    document = Document.of(result.assessment)
    decided = outcome == "osteoporosis" and document.bone["basis"] != "model"
    if decided and document.bone["status"] != "not_assessed":
        return {"valueCodeableConcept": concept(terms.local("bone-status", document.bone["status"]))}
    risk = document.risk(outcome)
    if risk is None:
        return {"dataAbsentReason": absent("error", reason_for_none(result.assessment))}
    ends = () if risk.interval is None else zip(("interval_low", "interval_high"), risk.interval, strict=True)
    limits = [
        {"code": concept(terms.local("measure", name)), "valueQuantity": quantity(percent(end), "%")}
        for name, end in ends
    ]
    return {"valueQuantity": quantity(percent(risk.probability), "%"), "component": limits}


def reason_for_none(assessment: Mapping[str, Any]) -> str:
    """Why there is no number, in the sentences of the assessment."""
    said = [flag["message"] for flag in assessment["flags"] if flag["severity"] in ("reject", "warn")]
    if assessment["model"]["engine"] == "none":
        said.insert(0, NO_ENGINE)
    return " ".join(dict.fromkeys(said)) or "not computed"
