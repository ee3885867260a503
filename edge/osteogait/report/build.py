"""From an assessment document to the report's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from osteogait.model.in_use import active_schema
from osteogait.report.data import ClinicPages, Fact, RecordingLine, ReportData
from osteogait.report.document import SEVERITIES, Document
from osteogait.report.function import function_part
from osteogait.report.judgement import NOT_JUDGED
from osteogait.report.language import Language, load_language
from osteogait.report.outcomes import (
    COUNTRY_REMARKS,
    bone_status,
    reasons,
    result_axis,
    result_notes,
    result_rows,
)
from osteogait.report.person_page import SEPARATOR, age_and_sex, country_words, person_page
from osteogait.report.quantities import date_text, fixed, plain, time_text, with_unit
from osteogait.report.remarks import remarks
from osteogait.report.sureness import sureness
from osteogait.report.values import missing_facts, value_columns
from osteogait.storage.records import canonical_json, text_sha256
from osteogait.words import sentence

if TYPE_CHECKING:
    from osteofusion.schema import Schema

# said elsewhere on the page, with more room
TOLD_ELSEWHERE = {"recording_unusable", "recording_caution", "no_dxa", *COUNTRY_REMARKS}
DIGEST_SHOWN = 12
NO_ENGINE = "none"  # in the place of an engine, when none passed its check
MARK = "◆"  # of a value that a recording gave


def build_report(
    assessment: Mapping[str, Any],
    *,
    lang: str,
    sha256: str | None = None,
    endorsement: Sequence[str] = (),
    judged: Mapping[str, str] = NOT_JUDGED,
    audit_head: str | None = None,
) -> ReportData:
    """The report of `assessment` in `lang`, every word resolved.

    The sentences of its flags are printed as they are, so the assessment must have been made in `lang`. `sha256` is
    that of the stored document where this one is its translation; `endorsement`: who signed or remarked what; `judged`:
    by outcome, what a clinician concluded otherwise (`higher`, `lower`, `other`, `not_usable`); `audit_head`: on paper,
    it shows later whether the end of the audit was cut off.
    """
    language, schema = load_language(lang), active_schema()
    document = Document(
        person=assessment["person"],
        values=assessment["values"],
        recordings=assessment["recordings"],
        content=assessment,
    )
    digest = text_sha256(canonical_json(assessment)) if sha256 is None else sha256
    return ReportData(
        lang=lang,
        words=language.table("clinic")
        | {"person": language.table("person"), "mark": MARK, **_page_words(language)},
        notice=language.text("notice"),
        made=date_text(assessment.get("created"), language),
        digest=digest[:DIGEST_SHOWN],
        person=person_page(document, schema, language, judged),
        clinic=_clinic(document, schema, language, digest, tuple(endorsement), audit_head),
    )


def _page_words(language: Language) -> dict[str, Any]:
    return {
        name: language.table(name) for name in ("title", "page", "report_id", "colon", "between_sentences")
    }


def _clinic(
    document: Document,
    schema: Schema,
    language: Language,
    digest: str,
    endorsement: tuple[str, ...],
    audit_head: str | None,
) -> ClinicPages:
    axis = result_axis(document)
    function = function_part(document, schema, language)
    return ClinicPages(
        about=_about(document, language),
        endorsement=endorsement,
        alerts=(language.text("clinic.no_engine"),) if document.has_flag("no_engine") else (),
        results=result_rows(document, axis, language),
        axis=axis,
        notes=result_notes(document, language),
        bone=bone_status(document, language),
        reasons=reasons(document, schema, language),
        sureness=sureness(document, schema, language),
        function=function.rows,
        function_note=function.note,
        sources=function.sources,
        values_note=_values_note(document, language),
        columns=value_columns(document, schema, language),
        missing=missing_facts(document, schema, language),
        recordings=tuple(_recording(recording, language) for recording in document.recordings),
        remarks=_remarks(document, language),
        provenance=_provenance(document, language, digest, audit_head),
    )


def _about(document: Document, language: Language) -> str:
    parts = [age_and_sex(document, language)]
    for name, unit in (("height", "cm"), ("weight", "kg")):
        value = document.person.get(name)
        if value is not None:
            parts.append(with_unit(plain(value, language), unit, language))
    parts += _body_mass_index(document, language)
    parts.append(date_text(document.content.get("created"), language))
    parts += country_words(document, language)
    return SEPARATOR.join(parts)


def _body_mass_index(document: Document, language: Language) -> list[str]:
    height, weight = document.person.get("height"), document.person.get("weight")
    if height is None or weight is None:
        return []
    return [language.text("clinic.bmi", value=fixed(weight / (height / 100) ** 2, 1, language))]


def _values_note(document: Document, language: Language) -> str:
    made = date_text(document.content.get("created"), language)
    return language.text("clinic.values_note", date=made, mark=MARK)


def _recording(recording: Mapping[str, Any], language: Language) -> RecordingLine:
    usable = bool(recording["usable"])
    flags = sorted(recording["flags"], key=lambda flag: SEVERITIES.index(flag["severity"]))
    said = [flag["message"] for flag in flags]
    return RecordingLine(
        path=recording["path"],
        protocol=language.either("clinic.protocols", recording["protocol"]),
        usable=usable,
        verdict=language.text("clinic.usable" if usable else "clinic.not_usable"),
        remarks=tuple(said) or (language.text("clinic.no_remark"),),
    )


def _remarks(document: Document, language: Language) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By severity, the gravest first, what was remarked."""
    flags = [flag for flag in document.content["flags"] if flag["code"] not in TOLD_ELSEWHERE]
    told = remarks(flags, language)
    groups = {
        severity: tuple(text for gravity, text in told if gravity == severity) for severity in SEVERITIES
    }
    return tuple((language.text(f"clinic.severity.{name}"), said) for name, said in groups.items() if said)


def _made(content: Mapping[str, Any], language: Language) -> str:
    created = content.get("created")
    if created is None:
        return language.text("no_date")
    return language.text("clinic.made", date=date_text(created, language), time=time_text(created))


def _provenance(
    document: Document, language: Language, digest: str, audit_head: str | None
) -> tuple[Fact, ...]:
    content = document.content
    model = content["model"]
    versions = [release_words(model, language), engine_words(model, language), _made(content, language)]
    if "software" in content:
        versions.insert(0, f"osteogait {content['software']['version']}")
    facts = {
        "versions": SEPARATOR.join(versions),
        "model_hash": model["sha256"],
        "hash_of_report": digest,
    }
    if audit_head is not None:
        facts["audit_head"] = audit_head
    if model.get("signed_by"):
        facts = {"versions": facts.pop("versions"), "signed_by": key_words(model, language), **facts}
    return tuple(Fact(language.text(f"clinic.{key}"), text) for key, text in facts.items())


def key_words(model: Mapping[str, Any], language: Language) -> str:
    """Whose key signed the model, and what that key is for."""
    key = model["signed_by"]
    use = sentence(f"key_use_{key['use']}", language.code, {})
    return sentence("model_key", language.code, {**key, "use": use, "gone": ""})


def release_words(model: Mapping[str, Any], language: Language) -> str:
    """Name, version and counter of the model."""
    name = f"{model.get('id', 'osteofusion')} {model['version']}"
    return name if "counter" not in model else language.text("clinic.release", model=name, n=model["counter"])


def engine_words(model: Mapping[str, Any], language: Language) -> str:
    """The engine that answered, or that none did."""
    return language.text("clinic.without_engine") if model["engine"] == NO_ENGINE else str(model["engine"])
