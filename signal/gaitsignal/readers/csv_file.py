"""CSV recordings: one header line, then `time_s, acc_x, acc_y, acc_z, gyr_x, gyr_y, gyr_z` in any column order."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import NoReturn

import numpy as np

from gaitsignal.errors import RecordingError
from gaitsignal.readers.samples import COLUMNS, StoredSamples
from gaitsignal.recording import FloatArray

SHOWN = 20  # characters of a bad cell that a message repeats


def read_csv(path: Path) -> StoredSamples:
    """The stored rows of a CSV file; RecordingError names line and column of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecordingError("not_text", file=path.name) from None
    head, _, body = text.partition("\n")
    header = [name.strip().strip('"') for name in head.split(",")]
    _check_header(header)
    if not body.strip():
        raise RecordingError("no_rows", file=path.name)
    table = _parse(body, header)[:, [header.index(name) for name in COLUMNS]]
    return StoredSamples(table[:, 0], table[:, 1:4], table[:, 4:7], None, False, COLUMNS[1:])


def _check_header(header: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise RecordingError("columns_missing", columns=", ".join(missing), wanted=", ".join(COLUMNS))
    unknown = [name[:SHOWN] for name in header if name not in COLUMNS]
    if unknown:
        raise RecordingError("columns_unknown", columns=", ".join(unknown), wanted=", ".join(COLUMNS))
    if len(header) != len(COLUMNS):
        raise RecordingError("columns_unknown", columns="twice the same name", wanted=", ".join(COLUMNS))


def _parse(body: str, header: list[str]) -> FloatArray:
    try:
        table = np.loadtxt(StringIO(body), delimiter=",", comments=None, ndmin=2, dtype=np.float64)
    except ValueError:
        _refuse_first_bad_cell(body, header)
    if table.shape[1] != len(header):
        _refuse_first_bad_cell(body, header)
    return table


def _refuse_first_bad_cell(body: str, header: list[str]) -> NoReturn:
    for number, line in enumerate(body.splitlines(), start=2):
        if not line.strip():
            continue
        cells = line.split(",")
        if len(cells) != len(header):
            raise RecordingError("row_length", line=number, found=len(cells), wanted=len(header))
        for name, cell in zip(header, cells, strict=True):
            try:
                float(cell)
            except ValueError:
                raise RecordingError(
                    "not_a_number", line=number, column=name, cell=cell.strip()[:SHOWN]
                ) from None
    raise RecordingError("not_text", file="csv")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
