"""Many people at once: a table in, a table of model probabilities out."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING

import numpy as np

from osteogait.assessment.model import load_predictor
from osteogait.assessment.remarks import Remark
from osteogait.assessment.scope import MODEL_AGE
from osteogait.clinic.columns import ColumnMap, read_map
from osteogait.clinic.table import (
    Table,
    TableRow,
    check_columns,
    check_map,
    missing_columns,
    opened_table,
    read_rows,
)
from osteogait.errors import CaseError, OsteogaitError, UsageError

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.schema import Schema

OUTCOME_COLUMNS = {
    "osteoporosis": "p_osteoporosis_model",
    "mof_10y": "p_mof_10y",
    "hip_10y": "p_hip_10y",
    "falls_12m": "p_falls_12m",
}
BLOCK_ROWS = 4096  # rows that are held and predicted together: about 10 MB
ALWAYS_SHOWN = ("age", "sex")  # the model needs both, so hiding a group leaves them


Risks = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TableSummary:
    """How many rows were assessed and refused, and what has to be said about the table."""

    assessed: int
    refused: int
    remarks: tuple[Remark, ...]


def assess_rows(table_path: Path, map_name: str, out: Path, without: frozenset[str]) -> TableSummary:
    """Writes the probabilities of every row of `table_path` to `out`; nothing half-written is left behind."""
    _check_output(out, table_path, map_name)
    predictor = load_predictor()
    schema = predictor.schema
    _check_groups(without, schema)
    columns, remarks = _scanned(_without(read_map(map_name, schema), without, schema), schema)
    check_map(columns, schema)
    with opened_table(table_path) as table:
        check_columns(table, columns)
        lacking = missing_columns(table, columns)
        if lacking:
            remarks.append(Remark("columns_missing", "info", {"columns": ", ".join(lacking)}))
        counts = _write(out, columns.id_column or "row", _assessed(table, columns, predictor))
    done = {"assessed": counts[False], "refused": counts[True], "file": str(out)}
    return TableSummary(counts[False], counts[True], (*remarks, Remark("table_done", "info", done)))


def _assessed(
    table: Table, columns: ColumnMap, predictor: Predictor
) -> Iterator[tuple[TableRow, Risks | None]]:
    """Every row with its probabilities, block by block, so that a long table needs no long memory."""
    generation = _scanner_generation(columns)
    rows = read_rows(table, columns, predictor.schema)
    while block := list(islice(rows, BLOCK_ROWS)):
        good = [row for row in block if row.refused is None]
        found = predictor.predict_many(_matrix(good, predictor.schema), generation) if good else {}
        risks = zip(*(found[name] for name in OUTCOME_COLUMNS), strict=True) if good else iter(())
        for row in block:
            yield row, (next(risks) if row.refused is None else None)


def _check_output(out: Path, table_path: Path, map_name: str) -> None:
    """UsageError before any work when `out` would overwrite an input, a folder or a device."""
    try:
        if not out.exists():
            return
        if not out.is_file():
            raise UsageError("output_not_a_file", file=str(out))
        if any(path.exists() and out.samefile(path) for path in (table_path, Path(map_name))):
            raise UsageError("output_is_input", file=str(out))
    except OSError as error:
        raise OsteogaitError("output_unwritable", file=str(out), reason=error.strerror) from error


def _scanned(columns: ColumnMap, schema: Schema) -> tuple[ColumnMap, list[Remark]]:
    """The map without HR-pQCT columns that the model cannot scale, each with a remark, as in a single case."""
    kept, remarks = [], []
    for rule in columns.rules:
        feature = schema.by_id[rule.feature]
        if feature.requires == "scanner_generation" and rule.scanner_generation is None:
            remarks.append(Remark("scanner_generation_missing", "warn", {"feature": feature.id}))
        elif rule.scanner_generation == 2 and feature.scaling_generation_2 is None:
            remarks.append(Remark("scanner_generation_unsupported", "warn", {"feature": feature.id}))
        else:
            kept.append(rule)
    return ColumnMap(tuple(kept), columns.id_column), remarks


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


def _write(out: Path, id_name: str, rows: Iterable[tuple[TableRow, Risks | None]]) -> Counter[bool]:
    """Writes `out` whole or not at all; how many rows were refused (True) and not (False)."""
    try:
        out = out.resolve()  # a link stays a link
        partial = out.with_name(
            f".{out.name}.{token_hex(4)}.part"
        )  # named first, so that no signal finds it nameless
        try:
            with partial.open("x", encoding="utf-8", newline="") as handle:
                counts = _write_rows(handle, id_name, rows)
                handle.flush()
                os.fsync(handle.fileno())
            partial.replace(out)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OsteogaitError(
            "output_unwritable", file=str(out), reason=error.strerror or str(error)
        ) from error
    return counts


def _write_rows(
    handle: IO[str], id_name: str, rows: Iterable[tuple[TableRow, Risks | None]]
) -> Counter[bool]:
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow([id_name, *OUTCOME_COLUMNS.values(), "flags"])
    counts: Counter[bool] = Counter()
    for row, risks in rows:
        counts[risks is None] += 1
        if risks is None:
            writer.writerow([row.identifier, "", "", "", "", f"refused: {row.refused}"])
            continue
        flags = [*row.warnings, *(["age_outside_training:age"] if row.values["age"] < MODEL_AGE else [])]
        writer.writerow([row.identifier, *(f"{risk:.6f}" for risk in risks), ";".join(flags)])
    return counts
