"""A table of many people, row by row: each row becomes feature values, or is refused with its reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.clinic.case import SEXES
from osteogait.clinic.columns import ColumnMap, ColumnRule
from osteogait.clinic.values import SCANNER_GENERATIONS, check_range, to_stored_unit
from osteogait.config import LIMITS
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema

MISSING = frozenset({"", "NA"})
YES_NO = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its id, the values by feature (stored units), warnings, and the reason if it was refused."""

    identifier: str
    values: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Header and data rows of a CSV file, as text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_table(path: Path) -> Table:
    """The CSV file at `path` (UTF-8, comma, one header line); CaseError when it cannot be read as such."""
    try:
        if path.stat().st_size > LIMITS.table_bytes:
            raise CaseError(
                "file_too_large", file=path.name, size=path.stat().st_size, limit=LIMITS.table_bytes
            )
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = [tuple(line) for line in csv.reader(handle, strict=True) if line]
    except UnicodeDecodeError as error:
        raise CaseError("not_utf8", file=path.name, byte=error.start) from error
    except csv.Error as error:
        raise CaseError("table_syntax", file=path.name, reason=str(error)) from error
    except OSError as error:
        raise CaseError("file_unreadable", file=str(path), reason=error.strerror or str(error)) from error
    if not lines:
        raise CaseError("table_empty", file=path.name)
    header = tuple(name.strip() for name in lines[0])
    twice = next((name for number, name in enumerate(header) if name in header[:number]), None)
    if twice is not None:
        raise CaseError("table_column_twice", file=path.name, column=twice)
    return Table(header, tuple(lines[1:]))


def missing_columns(table: Table, columns: ColumnMap) -> tuple[str, ...]:
    """Columns that the map names and the table lacks."""
    return tuple(name for name in columns.columns if name not in table.header)


def read_rows(table: Table, columns: ColumnMap, schema: Schema) -> Iterator[TableRow]:
    """Every row of the table in order."""
    place = {name: number for number, name in enumerate(table.header)}
    for number, cells in enumerate(table.rows, start=2):
        yield _row(number, cells, place, columns, schema)


def _row(
    number: int, cells: tuple[str, ...], place: Mapping[str, int], columns: ColumnMap, schema: Schema
) -> TableRow:
    identifier = str(number)
    values: dict[str, float] = {}
    warnings: list[str] = []
    try:
        at = place.get(columns.id_column or "", len(cells))
        if at < len(cells):
            identifier = cells[at]
        if len(cells) != len(place):
            raise CaseError("table_cells", line=number, found=len(cells), expected=len(place))
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
    return TableRow(identifier, values, tuple(warnings))


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
    if text in MISSING:
        return None
    if rule.values:
        key = text if text in rule.values else text.removesuffix(".0")
        if key not in rule.values:
            allowed = ", ".join(rule.values)
            raise CaseError("unknown_choice", feature=feature.id, value=text, allowed=allowed)
        mapped = rule.values[key]
        return None if mapped is None else _plain(feature, rule, mapped)
    if rule.at_least is not None:
        return float(_number(feature, text) >= rule.at_least)
    if feature.kind == "bool" or (rule.any_of and feature.kind != "number"):
        return _yes_no(feature, text)
    return _scaled(feature, rule, _number(feature, text))


def _plain(feature: Feature, rule: ColumnRule, value: object) -> float:
    """A constant or a mapped value, already typed by YAML."""
    if feature.id == "sex":
        if value not in SEXES:
            raise CaseError("unknown_choice", feature="sex", value=value, allowed=", ".join(SEXES))
        return SEXES[str(value)]
    if feature.kind == "bool":
        if not isinstance(value, bool) and value not in (0, 1):
            raise CaseError("not_yes_no", feature=feature.id, value=value)
        return float(bool(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CaseError("not_a_number", feature=feature.id, value=value)
    return _scaled(feature, rule, float(value))


def _scaled(feature: Feature, rule: ColumnRule, value: float) -> float:
    if feature.requires == "scanner_generation" and rule.scanner_generation not in SCANNER_GENERATIONS:
        raise CaseError("scanner_generation", feature=feature.id, value=rule.scanner_generation)
    return to_stored_unit(feature, value * rule.scale, rule.unit)


def _number(feature: Feature, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise CaseError("not_a_number", feature=feature.id, value=text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise CaseError("not_finite_value", feature=feature.id, value=text)
    return value


def _yes_no(feature: Feature, text: str) -> float:
    answer = YES_NO.get(text.removesuffix(".0").lower())
    if answer is None:
        raise CaseError("not_yes_no", feature=feature.id, value=text)
    return float(answer)
