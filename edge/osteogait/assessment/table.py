"""Many people at once: a table in, a table of model probabilities out."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING

from osteogait.assessment.model import load_predictor
from osteogait.assessment.remarks import Remark
from osteogait.assessment.setting import Setting
from osteogait.assessment.table_answers import DETAIL_COLUMNS, OUTCOME_COLUMNS, Answer, Answerer
from osteogait.clinic.columns import ColumnMap, read_map
from osteogait.clinic.table import check_columns, check_map, missing_columns, opened_table, read_rows
from osteogait.config import configuration
from osteogait.errors import CaseError, OsteogaitError, UsageError

if TYPE_CHECKING:
    from osteofusion.predict import Predictor
    from osteofusion.schema import Schema

ALWAYS_SHOWN = ("age", "sex")  # the model needs both, so hiding a group leaves them


@dataclass(frozen=True, slots=True)
class TableSummary:
    """How many rows were assessed and refused, and what has to be said about the table."""

    assessed: int
    refused: int
    remarks: tuple[Remark, ...]


def assess_rows(
    table_path: Path,
    map_name: str,
    out: Path,
    without: frozenset[str],
    *,
    country: str | None = None,
    detail: bool = False,
) -> TableSummary:
    """Writes the probabilities of every row of `table_path` to `out`; nothing half-written is left behind.

    `country` holds for rows that name none (by default the configured one); `detail` adds columns at the end.
    """
    _check_output(out, table_path, map_name)
    predictor = load_predictor()
    schema, home = predictor.schema, _table_country(country, predictor)
    _check_groups(without, schema)
    columns, remarks = _scanned(_without(read_map(map_name, schema), without, schema), schema)
    check_map(columns, schema)
    with opened_table(table_path) as table:
        check_columns(table, columns)
        lacking = missing_columns(table, columns)
        if lacking:
            remarks.append(Remark("columns_missing", "info", {"columns": ", ".join(lacking)}))
        answerer = Answerer(predictor, home, _scanner_generation(columns), detail)
        answers = answerer.answers(read_rows(table, columns, schema))
        header = [columns.id_column or "row", *OUTCOME_COLUMNS.values(), "flags"]
        counts = _write(out, [*header, *(DETAIL_COLUMNS if detail else ())], answers)
    told = {"country": Setting(predictor.countries[home], "table")}
    remarks.append(Remark("table_country_by_row" if columns.country else "table_country", "info", told))
    done = {"assessed": counts[False], "refused": counts[True], "file": str(out)}
    return TableSummary(counts[False], counts[True], (*remarks, Remark("table_done", "info", done)))


def _table_country(asked: str | None, predictor: Predictor) -> str:
    """The country of rows that name none; UsageError when the model has no scale for it."""
    name = asked or configuration().model.country
    if name not in predictor.countries:
        raise UsageError("country_not_in_model", country=name, allowed=", ".join(predictor.countries))
    return name


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
    return replace(columns, rules=tuple(kept)), remarks


def _check_groups(without: frozenset[str], schema: Schema) -> None:
    known = [group.id for group in schema.groups]
    for group in without:
        if group not in known:
            raise UsageError("unknown_group", group=group, allowed=", ".join(known))


def _without(columns: ColumnMap, without: frozenset[str], schema: Schema) -> ColumnMap:
    kept = [
        r for r in columns.rules if r.feature in ALWAYS_SHOWN or schema.by_id[r.feature].group not in without
    ]
    return replace(columns, rules=tuple(kept))


def _scanner_generation(columns: ColumnMap) -> int | None:
    """The one scanner generation of the map's HR-pQCT columns."""
    given = {rule.scanner_generation for rule in columns.rules if rule.scanner_generation is not None}
    if len(given) > 1:
        raise CaseError("map_scanner_mixed")
    return next(iter(given), None)


def _write(out: Path, header: list[str], answers: Iterable[Answer]) -> Counter[bool]:
    """Writes `out` whole or not at all; how many rows were refused (True) and not (False)."""
    try:
        out = out.resolve()  # a link stays a link
        partial = out.with_name(
            f".{out.name}.{token_hex(4)}.part"
        )  # named first, so that no signal finds it nameless
        try:
            with partial.open("x", encoding="utf-8", newline="") as handle:
                counts = _write_rows(handle, header, answers)
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


def _write_rows(handle: IO[str], header: list[str], answers: Iterable[Answer]) -> Counter[bool]:
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow(header)
    counts: Counter[bool] = Counter()
    for answer in answers:
        counts[answer.refused] += 1
        writer.writerow([answer.identifier, *answer.cells])
    return counts
