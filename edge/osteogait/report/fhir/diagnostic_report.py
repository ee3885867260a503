"""The report of a result: preliminary until somebody signs it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import LOINC_NOTICE, Terms
from osteogait.report.fhir.document_reference import Printed, attachment
from osteogait.report.fhir.element import (
    Resource,
    by_identifier,
    concept,
    derived_id,
    moment,
    reference,
    without_empty,
)
from osteogait.report.fhir.judgement import sentences
from osteogait.report.language import load_language

if TYPE_CHECKING:
    from osteogait.storage.records import Result
    from osteogait.storage.signatures import Signature

TITLE = {"en": "Bone, gait and balance report", "zh": "骨骼、步态与平衡报告"}
SAID = {
    "preliminary": {"en": "Preliminary; not signed.", "zh": "初步报告，尚未签署。"},
    "final": {"en": "Signed.", "zh": "已签署。"},
    "amended": {"en": "Signed; amends an earlier report.", "zh": "已签署；修订此前报告。"},
}


def report_id(result: str) -> str:
    """The id of the report of a result."""
    return derived_id(result, "report")


def diagnostic_report(
    result: Result,
    state: str,
    acts: tuple[Signature, ...],
    observations: tuple[str, ...],
    printed: Printed | None,
    terms: Terms,
) -> Resource:
    """The DiagnosticReport over `observations` (ids)."""
    signers = dict.fromkeys(act.account_id for act in acts if act.kind == "sign")
    return without_empty(
        {
            "resourceType": "DiagnosticReport",
            "id": report_id(result.id),
            "identifier": [{"system": f"{terms.base}/result", "value": result.id}],
            "status": state,
            "code": concept(text=TITLE[terms.lang]),
            "subject": reference(result.person_id),
            "effectiveDateTime": moment(result.created),
            "issued": moment(_issued(result, acts)),
            "resultsInterpreter": [
                by_identifier(terms.base, "account", signer, "Practitioner") for signer in signers
            ],
            "result": [reference(one) for one in observations],
            "conclusion": _conclusion(state, acts, terms),
            "presentedForm": [] if printed is None else [attachment(printed)],
        }
    )


def _issued(result: Result, acts: tuple[Signature, ...]) -> datetime:
    signed = [act.created for act in acts if act.kind == "sign"]
    return max(signed, default=result.created)


def _conclusion(state: str, acts: tuple[Signature, ...], terms: Terms) -> str:
    """State, what the clinician wrote, and that this is research software."""
    comments = [act.comment for act in acts if act.comment and act.override is None]
    comments += sentences(acts, terms.lang).values()
    notice = load_language(terms.lang).text("notice")
    return "\n".join([SAID[state][terms.lang], *comments, notice, LOINC_NOTICE])
