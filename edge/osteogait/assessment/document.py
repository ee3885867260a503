"""An assessment as the document of the contract (docs/contracts/assessment-1.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from osteogait.assessment.assess import Assessment
from osteogait.assessment.inputs import KnownValue, MeasuredRecording
from osteogait.assessment.model import Model
from osteogait.assessment.partial import estimate
from osteogait.assessment.remarks import Remark
from osteogait.assessment.scope import MODEL_AGE
from osteogait.assessment.tools import osta
from osteogait.assessment.verdicts import rule_values, verdict_part, verdicts
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteofusion.explain import Contributions
    from osteofusion.predict import Prediction
    from osteofusion.schema import Schema

SCHEMA = "osteogait.assessment/1"
DIGITS = 6  # of a probability or a log-odds; the engine's own noise is larger


def to_document(assessment: Assessment, model: Model, lang: str) -> dict[str, Any]:
    """The document of `assessment`, its sentences in `lang`."""
    prediction = assessment.prediction
    return {
        "schema": SCHEMA,
        "osteoporosis": _osteoporosis(assessment, model),
        "fracture_10y": {"mof": _risk(prediction, "mof_10y"), "hip": _risk(prediction, "hip_10y")},
        "falls_12m": _risk(prediction, "falls_12m"),
        "contributions": _contributions(assessment.contributions, model.schema),
        "tools": _tools(assessment),
        "verdicts": _verdicts(assessment, lang),
        "missing": _missing(assessment.inputs.values, model.schema),
        "flags": [_flag(remark, lang) for remark in _remarks(assessment, model)],
        "model": {
            "version": model.bundle.version,
            "sha256": model.bundle.sha256,
            "engine": model.engine_name,
            "data_tier": dict(model.bundle.metadata["data_tier"]),
        },
        "person": _person(assessment),
        "values": {name: _known(known) for name, known in assessment.inputs.known.items()},
        "recordings": [_recording(recording, lang) for recording in assessment.recordings],
        "software": {"version": version("osteogait")},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "notice": sentence("notice", lang, {}),
    }


def _osteoporosis(assessment: Assessment, model: Model) -> dict[str, Any]:
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
    if status.basis == "model" and assessment.prediction is not None and model.predictor is not None:
        found = estimate(assessment.prediction, model.predictor, assessment.inputs.values)
        document |= _rounded(found.probability, found.interval) | {"method": found.method}
    return document


def _risk(prediction: Prediction | None, outcome: str) -> dict[str, Any]:
    if prediction is None:
        return {"probability": None, "interval": None}
    return _rounded(prediction.probabilities[outcome], prediction.intervals[outcome])


def _rounded(probability: float, interval: tuple[float, float]) -> dict[str, Any]:
    return {
        "probability": round(probability, DIGITS),
        "interval": [round(bound, DIGITS) for bound in interval],
    }


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
        }
        for outcome, found in contributions.items()
    }


def _tools(assessment: Assessment) -> dict[str, Any]:
    person = assessment.case.person
    if person.weight is None:
        return {"osta": None}
    found = osta(person.age, person.weight)
    return {"osta": {"score": found.score, "class": found.risk_class}}


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


def _remarks(assessment: Assessment, model: Model) -> Iterable[Remark]:
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
        for name in assessment.prediction.outside_training_range:
            yield Remark("outside_training_range", "warn", {"feature": name})


def _flag(remark: Remark, lang: str) -> dict[str, str]:
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
