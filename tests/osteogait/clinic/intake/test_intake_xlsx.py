"""Workbooks: the same rows as CSV; formulas refused; bombs and definitions refused before anything is parsed."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osteogait.clinic.intake.sheet import DXA, GENOTYPE, LAB
from osteogait.clinic.intake.template import KINDS, template
from osteogait.errors import Rejected

ROW = [
    "A-0001",
    "2026-01-05T07:40+08:00",
    "LN",
    "41171-0",
    "CTX",
    0.62,
    None,
    "ng/mL",
    None,
    None,
    None,
    None,
    "Y",
]


def _with(place: int, value: object) -> list[object]:
    return [value if number == place else cell for number, cell in enumerate(ROW)]


def test_a_workbook_is_read_like_a_table(read, workbook) -> None:
    found = read(workbook(LAB, ROW), "labs.xlsx")
    (item,) = found.accepted
    assert (found.kind, item.variable, item.value, item.written_value, item.row) == (
        "lab_xlsx",
        "ctx",
        0.62,
        "0.62",
        2,
    )
    dxa = ["A-0001", "heel", "", 0.5, -1.2, None, "GE", "", "", "GE", datetime(2025, 12, 29, 10, 15)]
    found = read(workbook(DXA, dxa), "dxa.xlsx", zone="+08:00")
    assert found.kind == "dxa_xlsx"
    assert [item.value for item in found.accepted] == [0.5, -1.2]
    assert found.accepted[0].taken_at.isoformat() == "2025-12-29T02:15:00+00:00"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (_with(5, "=0.5+0.12"), "formula"),
        (_with(10, '=HYPERLINK("x")'), "formula"),
        (_with(5, True), "not-a-number"),
        (_with(5, None), "not-a-number"),
        (_with(5, "#N/A"), "not-a-number"),
        (_with(1, 46027), "bad-time"),
        (_with(3, datetime(2000, 8, 1)), "bad-check-digit"),
        ([*ROW, "beyond"], "wrong-cell-count"),
    ],
)
def test_cells_that_are_no_values(read, workbook, reasons, row, reason) -> None:
    found = read(workbook(LAB, row, [*_with(3, "1751-7")[:4], None, 40, None, "g/L"]), "labs.xlsx")
    assert reasons(found) == [(2, reason)]
    assert [item.row for item in found.accepted] == [3]


def test_empty_rows_keep_the_count(read, workbook, reasons) -> None:
    found = read(workbook(LAB, [], ROW, _with(5, "x")), "labs.xlsx")
    assert [item.row for item in found.accepted] == [3]
    assert reasons(found) == [(4, "not-a-number")]


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_bomb_is_refused_at_once_and_in_little_memory(read, workbook) -> None:
    read(workbook(LAB, ROW), "labs.xlsx")  # what reads workbooks is imported now
    bomb = _zip(**{"xl/worksheets/sheet1.xml": b"\x00" * 200_000_000})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(Rejected) as rejected:
        read(bomb, "labs.xlsx")
    seconds, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rejected.value.code == "intake_zip_bomb"
    assert seconds <= 1
    assert peak < 50_000_000


def test_many_parts_and_a_lying_header_are_refused(read) -> None:
    with pytest.raises(Rejected) as rejected:
        read(_zip(**{f"{number}": b"x" for number in range(201)}), "labs.xlsx")
    assert rejected.value.code == "intake_zip_bomb"
    honest = bytearray(_zip(**{"a.xml": b"x" * 3_000_000}))
    at = honest.index(b"PK\x01\x02") + 24  # the size in the central directory
    honest[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Rejected):
        read(bytes(honest), "labs.xlsx")


@pytest.mark.parametrize("encoding", ["ascii", "utf-16"])
def test_a_definition_of_entities_is_refused(read, workbook, encoding) -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook(LAB, ROW)))
    parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/workbook.xml"] = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'.encode(
        encoding
    )
    with pytest.raises(Rejected) as rejected:
        read(_zip(**parts), "labs.xlsx")
    assert rejected.value.code == "intake_zip_dtd"


def test_other_archives_are_no_workbooks(read) -> None:
    for content in (_zip(**{"a.txt": b"x"}), b"PK\x03\x04" + b"\x00" * 100):
        with pytest.raises(Rejected) as rejected:
            read(content, "labs.xlsx")
        assert rejected.value.code == "intake_zip"


@pytest.fixture(scope="module")
def good(workbook) -> bytes:
    return workbook(LAB, ROW)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_is_read_or_rejected(read, good, data) -> None:
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        content[4 + data.draw(st.integers(0, 2**16)) % (len(content) - 4)] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(content), "labs.xlsx")
    except Rejected:
        return
    assert len(found.accepted) + len(found.refused) + sum(found.ignored.values()) >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_the_exact_header_and_its_example_is_never_read(read, kind) -> None:
    found = read(template(kind), kind)
    assert found.kind == kind
    assert dict(found.ignored) == {"example-row": 1}
    assert not found.accepted
    assert not found.refused


def test_the_example_of_each_template_would_be_a_good_row(read) -> None:
    for name in ("lab", "dxa", "genotype"):
        content = template(f"{name}_csv").replace(b"EXAMPLE", b"A-0001")
        found = read(content)
        assert found.accepted
        assert not found.refused
        assert not any(item.warnings for item in found.accepted)
    assert GENOTYPE[0] == "patient_id"


def test_a_template_of_another_kind_does_not_exist() -> None:
    with pytest.raises(KeyError):
        template("lab_pdf")


def test_a_code_that_became_a_date_is_told(read, workbook) -> None:
    (item,) = read(workbook(LAB, _with(3, datetime(2000, 8, 1))), "labs.xlsx").refused
    assert "turned the code into the date 2000-08-01" in item.said.message("en")
