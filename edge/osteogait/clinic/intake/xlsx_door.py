"""An XLSX workbook: unpacked with a counter before anything parses it; values only, formulas refused."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.collect import Collector
from osteogait.clinic.intake.measurement import Kind
from osteogait.clinic.intake.sheet import read_sheet, sheet_of
from osteogait.clinic.intake.text_table import MOST_ROWS
from osteogait.errors import MissingExtra, Rejected

MOST_PARTS = 200  # a workbook of values has about ten
MOST_UNPACKED = 20_000_000  # bytes of all parts together; 20,000 rows take 12 MB
MOST_RATIO = 100  # unpacked to packed; real sheets reach about 30
FREE = 1_000_000  # unpacked bytes below which the ratio means nothing
STEP = 65_536
MOST_COLUMNS = 40
KINDS: dict[str, Kind] = {"lab": "lab_xlsx", "dxa": "dxa_xlsx", "genotype": "genotype_xlsx"}
_DTD = (b"<!DOCTYPE", b"<!ENTITY")


def read_xlsx(content: bytes, border: Border, collector: Collector) -> Kind:
    """Every row of the first sheet into `collector`; further sheets are counted."""
    check_zip(content)
    rows = _rows(content, collector)
    number, header = next(rows, (0, ()))
    if not header:
        raise Rejected("intake_empty")
    while header and not header[-1].strip():
        header = header[:-1]
    sheet = sheet_of(header)
    width = len(header)
    fitted = ((line, _fit(cells, width)) for line, cells in rows)
    read_sheet(sheet, tuple(name.strip() for name in header), fitted, border, collector, number)
    return KINDS[sheet.name]


def _fit(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """The cells under the header; filled ones beyond it stay, so that the row is refused and not cut."""
    if any(cell.strip() for cell in cells[width:]):
        return cells
    return (*cells[:width], *("" for _ in range(width - len(cells))))


def check_zip(content: bytes) -> None:
    """Rejected unless every part unpacks within the caps, counted while unpacking, and holds no DTD."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or len({part.filename for part in parts}) < len(parts):
                raise Rejected("intake_zip_bomb")
            total = 0
            for part in parts:
                with archive.open(part) as handle:
                    total = _unpack(handle, total, len(content))
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
    ) as error:
        raise Rejected("intake_zip") from error


def _unpack(handle: Any, total: int, packed: int) -> int:
    tail = b""
    while block := handle.read(STEP):
        total += len(block)
        if total > MOST_UNPACKED or (total > FREE and total > MOST_RATIO * packed):
            raise Rejected("intake_zip_bomb")
        window = (tail + block).translate(None, b"\x00")  # UTF-16 spells the same with zeros between
        if any(word in window for word in _DTD):
            raise Rejected("intake_zip_dtd")
        tail = block[-64:]
    return total


def _rows(content: bytes, collector: Collector) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Row number and texts of the first sheet; any trouble of the parser is a damaged workbook."""
    openpyxl = _openpyxl()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = None
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheet = book.worksheets[0]
            collector.ignored.update(
                {"other-sheet": len(book.worksheets) - 1} if len(book.worksheets) > 1 else {}
            )
            for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                if number > MOST_ROWS:
                    raise Rejected("intake_too_many_rows", limit=MOST_ROWS)
                yield number, tuple(_text(cell) for cell in cells)
        except (Rejected, GeneratorExit):
            raise
        except Exception as error:
            raise Rejected("intake_zip") from error
        finally:
            if book is not None:
                book.close()


def _openpyxl() -> Any:
    try:
        import defusedxml  # noqa: F401 - openpyxl parses with it where it is installed
        import openpyxl
    except ImportError as error:
        raise MissingExtra("xlsx") from error
    return openpyxl


def _text(cell: Any) -> str:
    """A cell as a CSV file would hold it; a formula keeps its `=` and a truth value its word: both are refused."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if getattr(cell, "data_type", "") == "f":
        return str(value) if str(value).startswith("=") else f"={value}"
    return repr(value) if isinstance(value, float) else str(value)
