"""An uploaded file of any kind: which kind it is, and what it says; bytes in, the account of every row out."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePosixPath

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.measurement import Intake, Kind, Persons, Stored
from osteogait.clinic.intake.moment import clinic_zone
from osteogait.clinic.intake.reason import Said
from osteogait.errors import Rejected

MOST_BYTES = {
    "csv": 10_000_000,
    "xlsx": 10_000_000,
    "fhir": 20_000_000,
    "hl7": 5_000_000,
    "dicom": 20_000_000,
}
_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_BOM = b"\xef\xbb\xbf"


def read_upload(
    name: str,
    content: bytes,
    *,
    default_zone: str | None,
    persons: Persons,
    now: datetime,
    stored: Stored | None = None,
) -> Intake:
    """What the file `content` says, row by row.

    Parameters
    ----------
    name, content
        As uploaded; the name is never a path, and never decides what the bytes are.
    default_zone
        Zone of times that name none (`Asia/Shanghai`, `+08:00`); None: such times are refused.
    persons
        Whom a clinic identifier means; None for nobody.
    now
        With zone; nothing may be taken later.
    stored
        What is already stored at a person, variable, time and side; None: not asked.

    Raises
    ------
    Rejected
        The file as a whole cannot be read: then no row of it was.
    MissingExtra
        The part of the product that reads this kind is not installed.
    """
    door = door_of(name, content)
    if len(content) > MOST_BYTES[door]:
        raise Rejected("intake_too_large", size=len(content), limit=MOST_BYTES[door])
    border = Border(persons, clinic_zone(default_zone), now)
    collector = Collector(stored)
    kind, encoding = _read(door, content, border, collector)
    accepted, refused = collector.result()
    digest = hashlib.sha256(content).hexdigest()
    remarks = list(collector.remarks)
    if encoding not in ("utf-8", "binary"):
        remarks.append(Said("encoding", {"encoding": encoding}, "remark_encoding"))
    people = frozenset(collector.people)
    return Intake(kind, digest, encoding, accepted, refused, dict(collector.ignored), tuple(remarks), people)


def door_of(name: str, content: bytes) -> str:
    """The door a file goes through, told by its content: csv, xlsx, fhir, hl7 or dicom; Rejected for other files."""
    start = content[:4096].removeprefix(_BOM).lstrip()
    if content[128:132] == b"DICM":
        return "dicom"
    if content.startswith(_ZIP):
        return "xlsx"
    if content.startswith((_OLE, _PDF, *_PICTURES)):
        raise Rejected("intake_other_file", suffix=_suffix(name))
    if start.startswith((b"{", b"[")):
        return "fhir"
    if start.startswith(b"<"):
        raise Rejected("intake_xml")
    if start.lstrip(b"\x0b").startswith((b"MSH", b"FHS", b"BHS")):
        return "hl7"
    if _suffix(name) in ("dcm", "dicom"):
        raise Rejected("intake_not_dicom")
    return "csv"


def _suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")[:8]


def _read(door: str, content: bytes, border: Border, collector: Collector) -> tuple[Kind, str]:
    """Reads through the one door; each is imported when it is first used."""
    if door == "csv":
        from osteogait.clinic.intake.csv_door import read_csv

        return read_csv(content, border, collector)
    if door == "xlsx":
        from osteogait.clinic.intake.xlsx_door import read_xlsx

        return read_xlsx(content, border, collector), "binary"
    if door == "fhir":
        from osteogait.clinic.intake.fhir_door import read_fhir

        return read_fhir(content, border, collector), "utf-8"
    if door == "hl7":
        from osteogait.clinic.intake.hl7_door import read_hl7

        return "hl7", read_hl7(content, border, collector)
    from osteogait.clinic.intake.dicom_door import read_dicom

    return read_dicom(content, border, collector), "binary"
