"""Tables that no spreadsheet can run: text that looks like a formula is quoted, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""Spreadsheets read UTF-8 as such only with it."""
STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

Cell = str | float | int | bool | None


def safe(cell: Cell) -> str:
    """The cell as text: an apostrophe before what a spreadsheet would run; numbers unchanged, never localised."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return repr(cell)
    text = cell.replace("\x00", "")
    led = text.lstrip(" \n\u3000")  # some programs skip blanks before they look
    if led.startswith(STARTS) and not NUMBER.fullmatch(text.strip()):
        return f"'{text}"
    return text


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file of UTF-8 with byte-order mark, as RFC 4180 writes it."""
    text = io.StringIO(newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")
