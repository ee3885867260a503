"""Many people at once: a table in, a table of model probabilities out."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from osteogait.assessment.model import load_predictor
from osteogait.assessment.remarks import Remark
from osteogait.assessment.scope import MODEL_AGE
from osteogait.clinic.columns import ColumnMap, read_map
from osteogait.clinic.table import TableRow, missing_columns, read_rows, read_table
from osteogait.errors import CaseError, OsteogaitError, UsageError

if TYPE_CHECKING:
    from osteofusion.schema import Schema

OUTCOME_COLUMNS = {
    "osteoporosis": "p_osteoporosis_model",
    "mof_10y": "p_mof_10y",
    "hip_10y": "p_hip_10y",
    "falls_12m": "p_falls_12m",
}
ALWAYS_SHOWN = ("age", "sex")  # the model needs both, so hiding a group leaves them


@dataclass(frozen=True, slots=True)
class TableSummary:
    """How many rows were assessed and refused, and what has to be said about the table."""

    assessed: int
    refused: int
    remarks: tuple[Remark, ...]


def assess_rows(table_path: Path, map_name: str, out: Path, without: frozenset[str]) -> TableSummary:
    """Writes the probabilities of every row of `table_path` to `out`; nothing half-written is left behind."""
    predictor = load_predictor()
    schema = predictor.schema
    _check_groups(without, schema)
    table = read_table(table_path)
    columns = _without(read_map(map_name, schema), without, schema)
    lacking = missing_columns(table, columns)
    rows = list(read_rows(table, columns, schema))
    good = [row for row in rows if row.refused is None]
    risks = predictor.predict_many(_matrix(good, schema), _scanner_generation(columns)) if good else {}
    _write(
        out, columns.id_column or "row", rows, {name: iter(risks.get(name, ())) for name in OUTCOME_COLUMNS}
    )
    remarks = [Remark("columns_missing", "info", {"columns": ", ".join(lacking)})] if lacking else []
    refused = len(rows) - len(good)
    remarks.append(
        Remark("table_done", "info", {"assessed": len(good), "refused": refused, "file": str(out)})
    )
    return TableSummary(len(good), refused, tuple(remarks))


def _check_groups(without: frozenset[str], schema: Schema) -> None:
    known = [group.id for group in schema.groups]
    for group in without:
        if group not in known:
            raise UsageError("unknown_group", group=group, allowed=", ".join(known))


def _without(columns: ColumnMap, without: frozenset[str], schema: Schema) -> ColumnMap:
    kept = [
        r for r in columns.rules if r.feature in ALWAYS_SHOWN or schema.by_id[r.feature].group not in without
    ]
    return ColumnMap(tuple(kept), columns.id_column)


def _scanner_generation(columns: ColumnMap) -> int | None:
    """The one scanner generation of the map's HR-pQCT columns."""
    given = {rule.scanner_generation for rule in columns.rules if rule.scanner_generation is not None}
    if len(given) > 1:
        raise CaseError("map_scanner_mixed")
    return next(iter(given), None)


def _matrix(rows: Sequence[TableRow], schema: Schema) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    values = np.full((len(rows), len(schema.inputs)), np.nan)
    for number, row in enumerate(rows):
        for name, value in row.values.items():
            values[number, schema.column[name]] = value
    return values


def _write(out: Path, id_name: str, rows: Sequence[TableRow], risks: Mapping[str, Iterator[float]]) -> None:
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=out.parent, prefix=f".{out.name}.", delete=False
        ) as handle:
            partial = Path(handle.name)
            try:
                _write_rows(handle, id_name, rows, risks)
                handle.flush()
                os.fsync(handle.fileno())
                partial.chmod(0o644)
                partial.replace(out)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OsteogaitError(
            "output_unwritable", file=str(out), reason=error.strerror or str(error)
        ) from error


def _write_rows(
    handle: IO[str], id_name: str, rows: Sequence[TableRow], risks: Mapping[str, Iterator[float]]
) -> None:
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow([id_name, *OUTCOME_COLUMNS.values(), "flags"])
    for row in rows:
        if row.refused is not None:
            writer.writerow([row.identifier, "", "", "", "", f"refused: {row.refused}"])
            continue
        numbers = [f"{next(risks[name]):.6f}" for name in OUTCOME_COLUMNS]
        flags = [*row.warnings, *(["age_outside_training:age"] if row.values["age"] < MODEL_AGE else [])]
        writer.writerow([row.identifier, *numbers, ";".join(flags)])
