"""Files: the printed report with its bytes, uploaded originals by hash alone."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from osteogait.report.fhir.codes import Terms
from osteogait.report.fhir.element import Resource, concept, derived_id, moment, reference, urn

if TYPE_CHECKING:
    from osteogait.storage.documents import Document
    from osteogait.storage.records import Result

LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
PDF = "application/pdf"
DOC_STATUS = {"preliminary": "preliminary", "final": "final", "amended": "amended"}


@dataclass(frozen=True, slots=True)
class Printed:
    """The report of a result as PDF, in a language."""

    result: str
    lang: str
    content: bytes

    @property
    def binary_id(self) -> str:
        """The id of the entry that holds the bytes."""
        return derived_id(self.result, "pdf", self.lang, hashlib.sha256(self.content).hexdigest())


def attachment(printed: Printed) -> Resource:
    """Where the bytes are; FHIR wants SHA-1 here, which proves no more than that they came whole."""
    sha1 = hashlib.sha1(printed.content, usedforsecurity=False).digest()
    return {
        "contentType": PDF,
        "language": LANGUAGE_TAGS[printed.lang],
        "title": "report.pdf",
        "url": urn(printed.binary_id),
        "size": len(printed.content),
        "hash": base64.b64encode(sha1).decode("ascii"),
    }


def binary(printed: Printed) -> Resource:
    """The bytes of the printed report."""
    return {
        "resourceType": "Binary",
        "id": printed.binary_id,
        "contentType": PDF,
        "data": base64.b64encode(printed.content).decode("ascii"),
    }


def printed_reference(printed: Printed, result: Result, state: str, terms: Terms) -> Resource:
    """The printed report as a document."""
    return {
        "resourceType": "DocumentReference",
        "id": derived_id(result.id, "document", printed.lang),
        "status": "current",
        "docStatus": DOC_STATUS[state],
        "type": concept(text="Bone, gait and balance report (PDF)"),
        "subject": reference(result.person_id),
        "date": moment(result.created),
        "content": [{"attachment": attachment(printed)}],
    }


def original_reference(document: Document, terms: Terms) -> Resource:
    """An uploaded file by its SHA-256; its name may name people and its bytes stay in the station."""
    return {
        "resourceType": "DocumentReference",
        "id": document.id,
        "identifier": [{"system": f"{terms.base}/sha256", "value": document.sha256}],
        "status": "current",
        "type": concept(text=f"uploaded file ({document.kind})"),
        "subject": reference(document.person_id),
        "date": moment(document.created),
        "content": [{"attachment": {"title": document.kind, "size": document.size}}],
    }
