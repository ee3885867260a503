"""A clinic with two persons; files written in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from osteogait.clinic.intake.door import read_upload
from osteogait.clinic.intake.measurement import Intake, PersonFacts
from osteogait.clinic.intake.sheet import DXA, GENOTYPE, LAB

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
AGREED = frozenset({"test", "genetics"})
PEOPLE = {
    "A-0001": PersonFacts("person-1", 1955, "female", AGREED),
    "B-0002": PersonFacts("person-2", 1948, "male", frozenset({"test"})),
    "C-0003": PersonFacts("person-3", 1950, "female", frozenset()),
}

Read = Callable[..., Intake]


@pytest.fixture(scope="session")
def read() -> Read:
    """`read(content, name="x.csv", zone=None, stored=None)` in the clinic."""

    def reads(content: bytes, name: str = "x.csv", zone: str | None = None, stored=None) -> Intake:
        return read_upload(name, content, default_zone=zone, persons=PEOPLE.get, now=NOW, stored=stored)

    return reads


def _table(header: tuple[str, ...], rows: Iterable[dict[str, str]], defaults: dict[str, str]) -> bytes:
    lines = [",".join(header)]
    for row in rows:
        cells = dict.fromkeys(header, "") | defaults | row
        lines.append(",".join(cells[name] for name in header))
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="session")
def lab() -> Callable[..., bytes]:
    """A lab table; each row is what it changes of a good one."""
    good = {
        "patient_id": "A-0001",
        "collected_at": "2026-01-05T07:40+08:00",
        "code_system": "LN",
        "code": "41171-0",
        "name": "CTX",
        "value": "0.62",
        "unit": "ng/mL",
        "fasting": "Y",
    }
    return lambda *rows: _table(LAB, rows, good)


@pytest.fixture(scope="session")
def dxa() -> Callable[..., bytes]:
    """A DXA table; each row is what it changes of a good one."""
    good = {
        "patient_id": "A-0001",
        "site": "femoral_neck",
        "side": "left",
        "bmd_g_cm2": "0.546",
        "t_score": "-2.6",
        "brand": "Hologic",
        "reference_db": "NHANES III",
        "scan_date": "2025-12-29T10:15+08:00",
    }
    return lambda *rows: _table(DXA, rows, good)


@pytest.fixture(scope="session")
def genotypes() -> Callable[..., bytes]:
    """A genotype table; each row is what it changes of a good one."""
    good = {
        "patient_id": "A-0001",
        "rsid": "rs4355801",
        "allele1": "A",
        "allele2": "G",
        "strand": "+",
        "build": "GRCh38",
        "collected_at": "2025-12-29T10:15+08:00",
    }
    return lambda *rows: _table(GENOTYPE, rows, good)


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """An XLSX file of rows of cells."""
    openpyxl = pytest.importorskip("openpyxl")

    def made(*rows: Iterable[object]) -> bytes:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return made


@pytest.fixture(scope="session")
def reasons() -> Callable[[Intake], list[tuple[int, str]]]:
    """Row and reason of every refusal; each one can be said in both languages."""

    def listed(intake: Intake) -> list[tuple[int, str]]:
        for item in intake.refused:
            assert item.said.message("en")
            assert item.said.message("zh")
        return [(item.row, item.reason) for item in intake.refused]

    return listed
