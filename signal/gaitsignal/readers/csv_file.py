"""CSV recordings: one header line, then `time_s, acc_x, acc_y, acc_z, gyr_x, gyr_y, gyr_z` in any column order."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import NoReturn

import numpy as np

from gaitsignal.errors import RecordingError
from gaitsignal.readers.samples import COLUMNS, StoredSamples
from gaitsignal.recording import FloatArray

SHOWN = 20  # characters of a bad cell that a message repeats
_BLANK_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)


def read_csv(path: Path) -> StoredSamples:
    """The stored rows of a CSV file; RecordingError names line and column of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecordingError("not_text", file=path.name) from None
    head, _, body = text.partition("\n")
    header = [name.strip().strip('"').strip() for name in head.split(",")]
    _check_header(header)
    if not body.strip():
        raise RecordingError("no_rows", file=path.name)
    table = _parse(body, header, path.name)[:, [header.index(name) for name in COLUMNS]]
    return StoredSamples(table[:, 0], table[:, 1:4], table[:, 4:7], None, False, COLUMNS[1:])


def _check_header(header: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise RecordingError("columns_missing", columns=", ".join(missing), wanted=", ".join(COLUMNS))
    unknown = [name[:SHOWN] or "''" for name in header if name not in COLUMNS]
    if unknown:
        raise RecordingError("columns_unknown", columns=", ".join(unknown), wanted=", ".join(COLUMNS))
    if len(header) != len(COLUMNS):
        raise RecordingError("columns_unknown", columns="twice the same name", wanted=", ".join(COLUMNS))


def _parse(body: str, header: list[str], file: str) -> FloatArray:
    quote = '"' if '"' in body else None
    rows = _BLANK_LINE.sub("", body)
    try:
        table = np.loadtxt(
            StringIO(rows), delimiter=",", comments=None, quotechar=quote, ndmin=2, dtype=np.float64
        )
    except ValueError:
        _refuse_first_bad_cell(body, header, file)
    if table.shape[1] != len(header):
        _refuse_first_bad_cell(body, header, file)
    return table


def _refuse_first_bad_cell(body: str, header: list[str], file: str) -> NoReturn:
    for number, line in enumerate(body.split("\n"), start=2):
        if not line.strip():
            continue
        cells = [cell.strip().strip('"') for cell in line.split(",")]
        if len(cells) != len(header):
            raise RecordingError("row_length", line=number, found=len(cells), wanted=len(header))
        for name, cell in zip(header, cells, strict=True):
            if not _is_number(cell):
                raise RecordingError("not_a_number", line=number, column=name, cell=cell[:SHOWN])
    raise RecordingError("not_text", file=file)


def _is_number(cell: str) -> bool:
    """True for what the table reader takes: plain ASCII numbers, without Python's underscores."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell
