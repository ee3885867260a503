"""Which records an answer of an assessment rests on: every input that was used and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from osteogait.report.fhir.element import derived_id

if TYPE_CHECKING:
    from osteogait.storage.records import Result, Value

PERSON = ("age", "sex")
RULES = ("dxa_rule", "fracture_rule", "none")
RECORDING = "recording:"


def input_id(result: str, assessment: Mapping[str, Any], feature: str) -> str | None:
    """The record behind a value: that of the store, the try of the test; one that follows from the result itself
    where the assessment names none; None for what the Patient says.
    """
    held = assessment["values"].get(feature)
    if held is None or feature in PERSON:
        return None
    if held["source"].startswith(RECORDING):
        name = held["source"].removeprefix(RECORDING)
        for recording in assessment["recordings"]:
            if recording["path"] == name and "trial" in recording:
                return str(recording["trial"])
    return str(held.get("record") or derived_id(result, feature))


def used(assessment: Mapping[str, Any], outcome: str) -> tuple[str, ...]:
    """The features that went into `outcome`, from the model's contributions or the rule that decided."""
    if outcome == "osteoporosis" and assessment["osteoporosis"]["basis"] in RULES:
        return tuple(_of_rule(assessment))
    parts = assessment["contributions"].get(outcome, {"features": []})
    return tuple(part["feature"] for part in parts["features"] if part["feature"] in assessment["values"])


def _of_rule(assessment: Mapping[str, Any]) -> Iterable[str]:
    bone = assessment["osteoporosis"]
    sites = [*bone.get("sites_measured", ()), *([bone["site"]] if bone.get("site") else [])]
    names = [f"{site}_{score}" for site in dict.fromkeys(sites) for score in ("t", "z")]
    if bone["basis"] == "fracture_rule" or bone["status"] == "severe_osteoporosis":
        names += ["fragility_fracture_sites", "prior_fracture"]
    return (name for name in (*names, *PERSON) if name in assessment["values"])


def input_ids(result: str, assessment: Mapping[str, Any], outcomes: Iterable[str]) -> tuple[str, ...]:
    """The records behind `outcomes`, each once."""
    found = (
        input_id(result, assessment, feature) for outcome in outcomes for feature in used(assessment, outcome)
    )
    return tuple(dict.fromkeys(identifier for identifier in found if identifier is not None))


def told_alone(result: Result) -> tuple[Value, ...]:
    """Values that the assessment alone tells of, because no record of the store stands behind them."""
    from osteogait.storage.records import values_of_assessment

    held = result.assessment["values"]
    alone = {
        name: item
        for name, item in held.items()
        if input_id(result.id, result.assessment, name) == derived_id(result.id, name)
    }
    told = values_of_assessment({"values": alone}, taken_at=result.created)
    return tuple(replace(value, id=derived_id(result.id, value.variable)) for value in told)
