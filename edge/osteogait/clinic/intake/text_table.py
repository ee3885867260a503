"""CSV as text: encoding found and told, comma and decimal point only, quoted newlines kept, the line of every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from osteogait.errors import Rejected

MOST_ROWS = 20_000
SEPARATORS = {";": ";", "\t": "TAB", "|": "|", "，": "，", "；": "；"}
BOM = b"\xef\xbb\xbf"
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class TextTable:
    """Header and data rows with the line each begins on; rows are read as they are asked for."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, tuple[str, ...]]]


def decoded(content: bytes) -> tuple[str, str]:
    """Text and encoding (`utf-8`, else `gb18030`); Rejected for anything else."""
    if not content.removeprefix(BOM).strip():
        raise Rejected("intake_empty")
    if content.startswith(WIDE_BOMS):
        raise Rejected("intake_utf16")
    try:
        text, encoding = content.removeprefix(BOM).decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        try:
            text, encoding = content.decode("gb18030"), "gb18030"
        except UnicodeDecodeError as error:
            raise Rejected("intake_encoding", byte=error.start) from error
    if "\x00" in text:
        raise Rejected("intake_nul")
    return text, encoding


def read_table(text: str) -> TextTable:
    """The table in `text`; Rejected when it is not separated by commas, or while reading when it is no clean CSV."""
    lines = _lines(text)
    _, header = next(lines, (0, ()))
    if not header:
        raise Rejected("intake_empty")
    if len(header) == 1:
        found = next((said for sign, said in SEPARATORS.items() if sign in header[0]), None)
        if found is not None:
            raise Rejected("intake_separator", found=found)
    return TextTable(tuple(name.strip() for name in header), lines)


def _lines(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begin = 1
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise Rejected("intake_too_many_rows", limit=MOST_ROWS)
            if cells:
                yield begin, tuple(cells)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise Rejected("intake_csv", line=begin) from error
