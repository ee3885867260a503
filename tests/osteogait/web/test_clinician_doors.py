"""A good file of every kind on its whole way: chosen, looked at, kept with its rows, used by the next report."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from by_path import load_module
from visitors import Visitor, Visitors

from osteogait.clinic.intake.template import template
from osteogait.clinic.roles import Role
from osteogait.web.station import Station

WHO = "C-1001"
URN = "urn:uuid:00000000-0000-4000-8000-000000000001"
INTAKE = Path(__file__).parents[1] / "clinic" / "intake"


def filled(kind: str, suffix: str) -> bytes:
    """The template of the clinic, its example row turned into a row of the person."""
    content = template(f"{kind}_{suffix}")
    if suffix == "csv":
        header, example = content.decode("utf-8-sig").splitlines()
        return "\n".join([header, ",".join([WHO, *example.split(",")[1:]]), ""]).encode()
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    book.active.cell(2, 1, WHO)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def fhir() -> bytes:
    patient = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": WHO}]}
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "41171-0"}]},
        "subject": {"reference": URN},
        "effectiveDateTime": "2026-01-05T07:40:00+08:00",
        "valueQuantity": {
            "value": 620,
            "unit": "pg/mL",
            "system": "http://unitsofmeasure.org",
            "code": "pg/mL",
        },
    }
    entries = [{"fullUrl": URN, "resource": patient}, {"resource": observation}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def hl7() -> bytes:
    lines = [
        "MSH|^~\\&|LIS|LAB|OG|CLINIC|20260105080000+0800||ORU^R01^ORU_R01|1|P|2.5.1",
        f"PID|1||{WHO}^^^CLINIC^MR||Doe^Jane",
        "OBR|1|||PANEL|||202601050740+0800",
        "OBX|1|NM|41171-0^CTX^LN||620|pg/mL|104-1008||||F",
    ]
    return "\r".join([*lines, ""]).encode()


def dicom() -> bytes:
    """A report as the tests of the intake write it."""
    pytest.importorskip("pydicom")
    module: ModuleType = load_module(INTAKE / "test_intake_dicom.py")
    neck = module._region(
        "Femoral neck",
        module._number("BMD", "0.546", "g/cm2"),
        module._number("T-score", "-2.6", "{T-score}"),
    )
    content: bytes = module._report(neck, PatientID=WHO)
    return content


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "lab_csv": (lambda: filled("lab", "csv"), "ctx"),
    "dxa_csv": (lambda: filled("dxa", "csv"), "fn_t"),
    "genotype_csv": (lambda: filled("genotype", "csv"), "rs4355801"),
    "lab_xlsx": (lambda: filled("lab", "xlsx"), "ctx"),
    "dxa_xlsx": (lambda: filled("dxa", "xlsx"), "fn_t"),
    "genotype_xlsx": (lambda: filled("genotype", "xlsx"), "rs4355801"),
    "fhir": (fhir, "ctx"),
    "hl7": (hl7, "ctx"),
    "dicom_sr": (dicom, "fn_t"),
}


@pytest.fixture
def clinician(visitors: Visitors, known: Any, station: Station) -> Visitor:
    station.consents.give(known.person, "genetics", lang="en", signer="herself", by="test")
    visitor = visitors.signed_in(Role.CLINICIAN)
    visitor.get("/uploads")
    return visitor


@pytest.mark.parametrize("kind", FILES)
def test_a_good_file_of_every_kind(clinician: Visitor, known: Any, station: Station, kind: str) -> None:
    make, variable = FILES[kind]
    content = make()
    page = clinician.post("/uploads", files={"file": ("upload.bin", content)})
    word = re.search(r'name="word" value="([^"]+)"', page.text)
    assert word, re.sub(r"<[^>]+>|\s+", " ", page.text)
    clinician.post("/uploads/confirm", {"word": word[1]})
    document = station.documents.of(known.person)[-1]
    assert (document.kind, station.documents.read(document)) == (kind, content)
    (value,) = station.store.values_of(known.person, variable)
    assert (value.document_id, value.source) == (document.id, f"upload:{kind}")
    assert "from a file, row" in clinician.get(f"/people/{known.person}/values").text
    report = clinician.post(f"/visits/{known.visit}/assess")
    result = station.store.result(report.url.path.rsplit("/", 1)[1])
    assert result is not None
    assert result.assessment["values"][variable]["record"] == value.id


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_of_every_kind_keeps_nothing(
    clinician: Visitor, known: Any, station: Station, kind: str
) -> None:
    content = FILES[kind][0]()
    damaged = content[: len(content) * 2 // 3]
    page = clinician.post("/uploads", files={"file": ("upload.bin", damaged)})
    assert page.status_code in (200, 422)
    assert station.store.values_of(known.person) == ()
    assert len(station.documents.of(known.person)) == 1
