"""Empty tables to fill in, as CSV or XLSX: the exact header and one example row that is never read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from osteogait.clinic.intake.sheet import DXA, EXAMPLE, GENOTYPE, LAB
from osteogait.errors import MissingExtra

ROWS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lab": (
        LAB,
        (
            EXAMPLE,
            "2026-01-05T07:40+08:00",
            "LN",
            "41171-0",
            "CTX",
            "0.62",
            "",
            "ng/mL",
            "0.104",
            "1.008",
            "ECLIA",
            "central laboratory",
            "Y",
        ),
    ),
    "dxa": (
        DXA,
        (
            EXAMPLE,
            "femoral_neck",
            "left",
            "0.546",
            "-2.6",
            "-0.9",
            "Hologic",
            "Horizon A",
            "5.6",
            "NHANES III",
            "2025-12-29T10:15+08:00",
        ),
    ),
    "genotype": (
        GENOTYPE,
        (EXAMPLE, "rs4355801", "A", "G", "+", "GRCh38", "sequencing laboratory", "2025-12-29T10:15+08:00"),
    ),
}
KINDS = tuple(f"{name}_{suffix}" for name in ROWS for suffix in ("csv", "xlsx"))


def template(kind: str) -> bytes:
    """The file of `kind` (`lab_csv`, `dxa_xlsx`, ...); KeyError for another word."""
    name, _, suffix = kind.rpartition("_")
    header, example = ROWS[name]
    if suffix == "xlsx":
        return _xlsx(name, header, example)
    if suffix != "csv":
        raise KeyError(kind)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, example])
    return out.getvalue().encode("utf-8-sig")  # with the mark that spreadsheets need to show Chinese


def _xlsx(name: str, header: tuple[str, ...], example: tuple[str, ...]) -> bytes:
    """All cells as text, so that no program turns a code or a date into something else."""
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise MissingExtra("xlsx") from error
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(name)
    for row, texts in enumerate((header, example), 1):
        for column, text in enumerate(texts, 1):
            cell = sheet.cell(row, column, text)
            cell.number_format = "@"
    for letter in "ABCDEFGHIJKLM":
        sheet.column_dimensions[letter].width = 18
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
