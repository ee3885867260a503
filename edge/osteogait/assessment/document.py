"""An assessment as the document of the contract (docs/contracts/assessment-1.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from osteogait.assessment.assess import Assessment
from osteogait.assessment.doubt import DIGITS, doubt_part, rounded
from osteogait.assessment.identity import model_part
from osteogait.assessment.inputs import KnownValue, MeasuredRecording
from osteogait.assessment.missing_tests import missing_groups, missing_tests
from osteogait.assessment.model import Model
from osteogait.assessment.outside import outside_part, outside_remarks
from osteogait.assessment.partial import EQUATIONS, Estimate, estimate
from osteogait.assessment.remarks import ModelRemark, Remark
from osteogait.assessment.scope import MODEL_AGE
from osteogait.assessment.tools import WOMEN_FROM, orai, osta, score
from osteogait.assessment.verdicts import rule_values, verdict_part, verdicts
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteofusion.explain import Contributions
    from osteofusion.schema import Schema
    from osteogait.clinic.case import Case

SCHEMA = "osteogait.assessment/1"
BY_MODEL = ("mof_10y", "hip_10y", "falls_12m")  # no rule ever answers for these


def to_document(assessment: Assessment, model: Model, lang: str) -> dict[str, Any]:
    """The document of `assessment`, its sentences in `lang`."""
    partial, outcomes = _estimate(assessment, model), _answered(assessment)
    return {
        "schema": SCHEMA,
        "osteoporosis": _osteoporosis(assessment, model, partial),
        "fracture_10y": {
            "mof": _risk(assessment, model, "mof_10y"),
            "hip": _risk(assessment, model, "hip_10y"),
        },
        "falls_12m": _risk(assessment, model, "falls_12m"),
        "contributions": _contributions(assessment.contributions, model.schema),
        "tools": _tools(assessment),
        "verdicts": _verdicts(assessment, lang),
        "missing": _missing(assessment.inputs.values, model.schema),
        "missing_tests": missing_tests(assessment.information, outcomes, model.schema, lang),
        "missing_groups": missing_groups(assessment.information, outcomes, model.schema, lang),
        "outside": outside_part(assessment.prediction),
        "flags": [_flag(remark, lang) for remark in _remarks(assessment, model, partial)],
        "country": assessment.setting.part(lang),
        "model": model_part(model),
        "person": _person(assessment),
        "values": {name: _known(known) for name, known in assessment.inputs.known.items()},
        "recordings": [_recording(recording, lang) for recording in assessment.recordings],
        "software": {"version": version("osteogait")},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "notice": sentence("notice", lang, {}),
    }


def _answered(assessment: Assessment) -> tuple[str, ...]:
    """The outcomes for which the model gives a number."""
    if assessment.prediction is None:
        return ()
    return ("osteoporosis", *BY_MODEL) if assessment.status.basis == "model" else BY_MODEL


def _estimate(assessment: Assessment, model: Model) -> Estimate | None:
    """The model's word on osteoporosis; None where a rule has the word, or nobody."""
    if assessment.status.basis != "model" or assessment.prediction is None or model.predictor is None:
        return None
    return estimate(assessment.prediction, model.predictor, assessment.inputs.values)


def _osteoporosis(assessment: Assessment, model: Model, found: Estimate | None) -> dict[str, Any]:
    status = assessment.status
    document: dict[str, Any] = {
        "basis": status.basis,
        "status": "estimate" if status.status == "partial" else status.status,
        "probability": None,
        "interval": None,
        "site": status.site,
        "t_score": status.t_score,
        "sites_measured": list(status.sites_measured),
        "measured_status": status.measured_status,
        "method": None,
        "rule_set": status.rule_set,
    }
    if found is None:
        return document
    if found.method == EQUATIONS:  # the network's doubt is not the doubt of an equation
        return document | _number(found.probability, found.interval) | {"method": found.method}
    return document | _risk(assessment, model, "osteoporosis") | {"method": found.method}


def _risk(assessment: Assessment, model: Model, outcome: str) -> dict[str, Any]:
    prediction = assessment.prediction
    if prediction is None or model.predictor is None:
        return {"probability": None, "interval": None}
    number = _number(prediction.probabilities[outcome], prediction.intervals[outcome])
    doubt = doubt_part(prediction, model.predictor, outcome, assessment.case.person)
    return number | {"doubt": doubt}


def _number(probability: float, interval: tuple[float, float]) -> dict[str, Any]:
    return {"probability": round(probability, DIGITS), "interval": rounded(interval)}


def _contributions(contributions: Contributions | None, schema: Schema) -> dict[str, Any]:
    if contributions is None:
        return {}
    return {
        outcome: {
            "baseline_logit": round(found.baseline_logit, DIGITS),
            "total_logit": round(found.total_logit, DIGITS),
            "groups": [
                {"group": name, "logit": round(logit, DIGITS)} for name, logit in found.groups.items()
            ],
            "features": [
                {"feature": name, "group": schema.by_id[name].group, "logit": round(logit, DIGITS)}
                for name, logit in found.features.items()
            ],
            "trace": [
                {"group": step.group, "probability": round(step.probability, DIGITS)} for step in found.trace
            ],
        }
        for outcome, found in contributions.items()
    }


def _tools(assessment: Assessment) -> dict[str, Any]:
    """What other tools say: OSTA, ORAI and SCORE computed here, FRAX as the clinician typed it in."""
    person, frax = assessment.case.person, assessment.case.frax
    found = None if person.weight is None else osta(person.age, person.weight)
    return {
        "osta": None if found is None else {"score": found.score, "class": found.risk_class},
        **_tools_of_women(assessment.case),
        "frax": None if frax is None else {**asdict(frax), "source": "typed"},
    }


def _tools_of_women(case: Case) -> dict[str, Any]:
    person = case.person
    if person.sex != "female" or person.age < WOMEN_FROM or person.weight is None:
        return {}
    found = {rule.__name__: rule(person.age, person.weight, case.entries) for rule in (orai, score)}
    return {name: {**asdict(points), "refer": points.refer} for name, points in found.items()}


def _verdicts(assessment: Assessment, lang: str) -> list[dict[str, Any]]:
    values = rule_values(assessment.inputs.known, assessment.recordings, assessment.case.person)
    return [verdict_part(verdict, lang) for verdict in verdicts(values)]


def _missing(values: Mapping[str, float], schema: Schema) -> list[dict[str, Any]]:
    """Per group, the model inputs that are not known, in the order of the schema."""
    missing = []
    for group in schema.groups:
        names = [feature.id for feature in schema.inputs if feature.group == group.id]
        lacking = [name for name in names if name not in values]
        if lacking:
            missing.append(
                {"group": group.id, "features": lacking, "whole_group": len(lacking) == len(names)}
            )
    return missing


def _remarks(
    assessment: Assessment, model: Model, partial: Estimate | None
) -> Iterable[Remark | ModelRemark]:
    yield from model.remarks
    yield from assessment.inputs.remarks
    status = assessment.status
    yield from (Remark(code, "warn") for code in status.flags)
    if status.basis == "fracture_rule":
        yield Remark("confirm_low_trauma", "warn")
    if status.basis == "model":
        yield Remark("partial_dxa" if status.sites_measured else "no_dxa", "info")
    if assessment.case.person.age < MODEL_AGE:
        yield Remark("age_out_of_scope", "warn", {"age": assessment.case.person.age, "limit": MODEL_AGE})
    if assessment.prediction is not None:
        yield from outside_remarks(assessment.prediction, assessment.case.entries)
    yield from _country_remarks(assessment, partial)


def _country_remarks(assessment: Assessment, partial: Estimate | None) -> Iterable[Remark]:
    """What has to be said of a country other than the one the model was trained in."""
    setting = assessment.setting
    if assessment.prediction is None or setting.at_home:
        return
    yield Remark("country_scaled", "info", {"country": setting})
    if partial is not None and partial.method == EQUATIONS:
        yield Remark("equations_home_country", "info", {"country": setting})


def _flag(remark: Remark | ModelRemark, lang: str) -> dict[str, str]:
    return {"code": remark.code, "severity": remark.severity, "message": remark.message(lang)}


def _person(assessment: Assessment) -> dict[str, Any]:
    person = assessment.case.person
    return {"age": person.age, "sex": person.sex, "height": person.height, "weight": person.weight}


def _known(known: KnownValue) -> dict[str, Any]:
    value = list(known.value) if isinstance(known.value, tuple) else known.value
    shown = {"value": value, "unit": known.unit, "source": known.source}
    if known.source == "typed":
        shown["as_written"] = {"value": known.written_value, "unit": known.written_unit}
    return shown


def _recording(recording: MeasuredRecording, lang: str) -> dict[str, Any]:
    measures = recording.measures
    return {
        "path": recording.name,
        "protocol": recording.protocol,
        "usable": measures.usable,
        "flags": [
            {"code": f.code, "severity": f.severity, "message": f.message(lang)} for f in measures.flags
        ],
        "measures": {key: {"value": v.value, "unit": v.unit} for key, v in measures.values.items()},
    }
