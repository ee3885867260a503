"""A table of many people, row by row: each row becomes feature values, or is refused with its reason."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.clinic.columns import ColumnMap, ColumnRule
from osteogait.clinic.values import check_range, finite, shortened, to_stored_unit
from osteogait.config import configuration
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema

MISSING = frozenset({"", "NA"})
YES_NO = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its id, the values by feature (stored units), warnings, the reason if it was refused, and its country
    (None where the table does not say)."""

    identifier: str
    values: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    refused: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Header of a CSV file, and its data rows as they are read: the line each ends on, and its cells as text."""

    header: tuple[str, ...]
    rows: Iterable[tuple[int, tuple[str, ...]]]


@contextmanager
def opened_table(path: Path) -> Iterator[Table]:
    """The CSV file at `path` (UTF-8, comma, one header line), read row by row while the block runs.

    CaseError when it cannot be read as such, at once or at the row where that shows.
    """
    with closing(_lines(path)) as lines:
        first = next(lines, None)
        if first is None:
            raise CaseError("table_empty", file=path.name)
        header = tuple(name.strip() for name in first[1])
        if len(header) == 1 and any(separator in header[0] for separator in ";\t|"):
            raise CaseError("table_separator", file=path.name)
        yield Table(header, lines)


def _lines(path: Path) -> Generator[tuple[int, tuple[str, ...]]]:
    """Line number and cells of every line that holds something."""
    try:
        size, limit = path.stat().st_size, configuration().limits.table_bytes
        if size > limit:
            raise CaseError("file_too_large", file=path.name, size=size, limit=limit)
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True, skipinitialspace=True)
            for cells in reader:
                if len(cells) > 1 or "".join(cells).strip():
                    yield reader.line_num, tuple(cells)
    except UnicodeDecodeError as error:
        raise CaseError("not_utf8", file=path.name, byte=error.start) from error
    except csv.Error as error:
        raise CaseError("table_syntax", file=path.name, reason=str(error)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CaseError("file_unreadable", file=str(path), reason=reason) from error


def check_columns(table: Table, columns: ColumnMap) -> None:
    """CaseError when a column that the map reads stands twice in the table."""
    for name in columns.columns:
        if table.header.count(name) > 1:
            raise CaseError("table_column_twice", column=name)


def missing_columns(table: Table, columns: ColumnMap) -> tuple[str, ...]:
    """Columns that the map names and the table lacks."""
    return tuple(name for name in columns.columns if name not in table.header)


def read_rows(table: Table, columns: ColumnMap, schema: Schema) -> Iterator[TableRow]:
    """Every row of the table in order; without an id column a row is called by its line in the file."""
    place = {name: number for number, name in enumerate(table.header)}
    for number, cells in table.rows:
        yield _row(number, cells, place, len(table.header), columns, schema)


def _row(
    number: int,
    cells: tuple[str, ...],
    place: Mapping[str, int],
    width: int,
    columns: ColumnMap,
    schema: Schema,
) -> TableRow:
    identifier = str(number)
    values: dict[str, float] = {}
    warnings: list[str] = []
    try:
        at = place.get(columns.id_column or "", len(cells))
        if at < len(cells):
            identifier = cells[at]
        if len(cells) != width:
            raise CaseError("table_cells", line=number, found=len(cells), expected=width)
        for rule in columns.rules:
            value = _value(rule, schema.by_id[rule.feature], cells, place)
            if value is None:
                continue
            values[rule.feature] = value
            warnings += [
                f"{code}:{rule.feature}" for code, _ in check_range(schema.by_id[rule.feature], value)
            ]
        for required in ("age", "sex"):
            if required not in values:
                raise CaseError("required", key=required)
    except CaseError as error:
        return TableRow(identifier, {}, (), error.message("en"))
    return TableRow(identifier, values, tuple(warnings), country=_country(columns, cells, place))


def _country(columns: ColumnMap, cells: tuple[str, ...], place: Mapping[str, int]) -> str | None:
    """The country of a row as the model calls it, if the map and the row name one."""
    rule = columns.country
    if rule is None or rule.column is None:
        return None if rule is None else rule.constant
    if rule.column not in place:
        return None
    text = cells[place[rule.column]].strip()
    key = _key(text, rule.values)
    found = text if key is None else rule.values[key]
    return None if found is None or found in MISSING else str(found)


def _value(
    rule: ColumnRule, feature: Feature, cells: tuple[str, ...], place: Mapping[str, int]
) -> float | None:
    if rule.constant is not None:
        return _plain(feature, rule, rule.constant)
    found = [_cell(rule, feature, cells[place[name]].strip()) for name in rule.columns if name in place]
    known = [value for value in found if value is not None]
    if not known:
        return None
    return max(known) if rule.any_of else known[0]


def _cell(rule: ColumnRule, feature: Feature, text: str) -> float | None:
    if rule.values and (key := _key(text, rule.values)) is not None:
        mapped = rule.values[key]
        return None if mapped is None else _plain(feature, rule, mapped)
    if text in MISSING:
        return None
    if rule.values:
        allowed = ", ".join(rule.values)
        raise CaseError("unknown_choice", feature=feature.id, value=shortened(text), allowed=allowed)
    if rule.at_least is not None:
        return float(_number(feature, text) >= rule.at_least)
    if feature.kind == "bool":
        return _yes_no(feature, text)
    return _plain(feature, rule, text if feature.kind == "category" else _number(feature, text))


def _key(text: str, values: Mapping[str, object]) -> str | None:
    """The key of `values` that `text` means: the same text, or the same number (1, 1.0, 01)."""
    if text in values:
        return text
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return next((key for key in values if _NUMBER.fullmatch(key) and float(key) == number), None)


def _plain(feature: Feature, rule: ColumnRule, value: object) -> float:
    """A value that already has its type: a constant, a mapped value, or a number that was read."""
    if feature.kind == "category":
        if not isinstance(value, str) or value not in feature.codes:
            allowed = ", ".join(feature.codes)
            raise CaseError("unknown_choice", feature=feature.id, value=shortened(value), allowed=allowed)
        return feature.codes[value]
    if feature.kind == "bool":
        if not isinstance(value, bool) and not (isinstance(value, int) and value in (0, 1)):
            raise CaseError("not_yes_no", feature=feature.id, value=shortened(value))
        return float(value)
    number = finite(feature.id, value)
    if feature.kind == "dosage":
        if number not in (0, 1, 2):
            raise CaseError("not_a_dosage", feature=feature.id, value=shortened(value))
        return number
    return to_stored_unit(feature, finite(feature.id, number * rule.scale), rule.unit)


def _number(feature: Feature, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CaseError("not_a_number", feature=feature.id, value=shortened(text))
    number = float(text)
    if not math.isfinite(number):
        raise CaseError("not_finite_value", feature=feature.id, value=shortened(text))
    return number


def _yes_no(feature: Feature, text: str) -> float:
    answer = YES_NO.get(text.removesuffix(".0").lower())
    if answer is None:
        raise CaseError("not_yes_no", feature=feature.id, value=shortened(text))
    return float(answer)


def check_map(columns: ColumnMap, schema: Schema) -> None:
    """CaseError when a constant or a mapped value of the map can never be right, before any row is read."""
    for rule in columns.rules:
        given = [*rule.values.values(), rule.constant]
        for value in [item for item in given if item is not None]:
            stored = _plain(schema.by_id[rule.feature], rule, value)
            check_range(schema.by_id[rule.feature], stored)
