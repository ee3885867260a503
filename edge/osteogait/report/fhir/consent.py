"""What the person agreed to, one Consent a purpose; who signed stays in the station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.report.fhir import codes
from osteogait.report.fhir.codes import LOINC, Terms
from osteogait.report.fhir.element import Resource, concept, derived_id, moment, reference

if TYPE_CHECKING:
    from osteogait.storage.consents import Consent

SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
SCOPES = {"research": "research"}
REASONS = {"research": "HRESCH"}  # v3 ActReason: healthcare research; all others are for treatment
ABOUT = {
    "test": "tests, questions and their assessment",
    "research": "use for research, without name",
    "cloud": "sending to a server outside the clinic",
    "genetics": "genotypes, human genetic resource information",
}


def consent(held: Consent, person: str, terms: Terms) -> Resource:
    """The Consent of a purpose; `inactive` once taken back."""
    return {
        "resourceType": "Consent",
        "id": derived_id(person, "consent", held.purpose, held.given.isoformat()),
        "status": "active" if held.holds else "inactive",
        "scope": concept({"system": SCOPE, "code": SCOPES.get(held.purpose, "patient-privacy")}),
        "category": [
            concept(
                *terms.coding(LOINC, codes.tables()["consent"]), text=f"{held.purpose}: {ABOUT[held.purpose]}"
            )
        ],
        "patient": reference(person),
        "dateTime": moment(held.given),
        "policyRule": concept(
            text=f"separate consent; text version {held.text_version}, language {held.lang}"
        ),
        "provision": _provision(held),
    }


def _provision(held: Consent) -> Resource:
    found: Resource = {
        "type": "permit",
        "period": {"start": moment(held.given)},
        "purpose": [{"system": REASON, "code": REASONS.get(held.purpose, "TREAT")}],
    }
    if held.withdrawn is not None:
        found["period"]["end"] = moment(held.withdrawn)
    if held.purpose == "cloud":
        found["action"] = [concept({"system": ACTION, "code": "disclose"})]
    if held.purpose == "genetics":
        found["code"] = [concept(text="genotypes")]
    return found
