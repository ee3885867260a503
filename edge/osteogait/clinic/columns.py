"""A column map: which column of a table feeds which feature, in which unit (MAP.yaml)."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.clinic.strict_yaml import load_yaml
from osteogait.clinic.values import allowed_units, check_scanner, finite, plain_unit
from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature, Schema

# Outcomes and what follows from them: a map that reads one would let the model see the answer.
OUTCOME_COLUMNS = (
    "fall_problem_12m",
    "dizzy_balance_fall_problem_12m",
    "fallen_due_to_dizziness_12m",
    "op_*",
    "frax_*",
    "vfa_*",
    "died",
    "followup_months*",
    "osteoporosis_who",
    "low_bone_mass_who",
    "t_min",
)
RULE_KEYS = ("column", "any", "constant", "unit", "values", "at_least", "scale", "scanner_generation")
COUNTRY_KEYS = ("column", "constant", "values")
SOURCES = ("column", "any", "constant")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one feature is read: from one column, any of several, or a constant."""

    feature: str
    columns: tuple[str, ...] = ()
    constant: object = None
    unit: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    at_least: float | None = None
    scale: float = 1.0
    any_of: bool = False
    scanner_generation: int | None = None


@dataclass(frozen=True, slots=True)
class CountryRule:
    """Which country a row is of: from one column, its cells translated by `values`, or a constant."""

    column: str | None = None
    constant: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The rules of a map, the column that identifies a row (None: the row's number), and how its country is read
    (None: the map does not say)."""

    rules: tuple[ColumnRule, ...]
    id_column: str | None
    country: CountryRule | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the map names, without repeats."""
        named = [column for rule in self.rules for column in rule.columns]
        country = self.country.column if self.country else None
        return tuple(dict.fromkeys([*named, *(name for name in (self.id_column, country) if name)]))


def ready_maps() -> tuple[str, ...]:
    """Names of the maps that ship with the product."""
    folder = files("osteogait.clinic").joinpath("maps")
    return tuple(
        sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))
    )


def read_map(name: str, schema: Schema) -> ColumnMap:
    """The map in the file `name`, or the ready map of that name; CaseError says what is wrong."""
    if name in ready_maps():
        with as_file(files("osteogait.clinic").joinpath("maps", f"{name}.yaml")) as path:
            return _parse(load_yaml(path), schema)
    return _parse(load_yaml(Path(name)), schema)


def _parse(content: dict[str, Any], schema: Schema) -> ColumnMap:
    id_block = content.pop("id", None)
    id_column = None
    if id_block is not None:
        if not isinstance(id_block, dict) or set(id_block) != {"column"}:
            raise CaseError("map_id")
        (id_column,) = _columns("id", id_block)
    country = _country(content.pop("country", None))
    rules = tuple(_rule(name, block, schema) for name, block in content.items())
    for required in ("age", "sex"):
        if required not in {rule.feature for rule in rules}:
            raise CaseError("map_required", feature=required)
    return ColumnMap(rules, id_column, country)


def _country(block: object) -> CountryRule | None:
    """The line `country` of a map; a row whose cell is empty has the country of the whole table."""
    if block is None:
        return None
    if not isinstance(block, dict):
        raise CaseError("not_a_mapping", key="country")
    for key in block:
        if key not in COUNTRY_KEYS:
            raise CaseError("unknown_key", key=f"country.{key}", allowed=", ".join(COUNTRY_KEYS))
    if ("column" in block) == ("constant" in block):
        raise CaseError("map_source", feature="country", allowed="column, constant")
    if "constant" in block:
        if not isinstance(block["constant"], str):
            raise CaseError("not_text", key="country.constant", value=block["constant"])
        return CountryRule(constant=block["constant"])
    (column,) = _columns("country", block)
    return CountryRule(column=column, values=_values("country", block.get("values")))


def _rule(name: str, block: object, schema: Schema) -> ColumnRule:
    feature = schema.by_id.get(name)
    if feature is None or feature.role != "input":
        raise CaseError("map_feature", feature=name)
    if not isinstance(block, dict):
        raise CaseError("not_a_mapping", key=name)
    for key in block:
        if key not in RULE_KEYS:
            raise CaseError("unknown_key", key=f"{name}.{key}", allowed=", ".join(RULE_KEYS))
    given = [source for source in SOURCES if source in block]
    if len(given) != 1:
        raise CaseError("map_source", feature=name, allowed=", ".join(SOURCES))
    if block[given[0]] is None:
        raise CaseError("map_empty", feature=f"{name}.{given[0]}")
    return ColumnRule(
        feature=name,
        columns=_columns(name, block),
        constant=block.get("constant"),
        unit=_unit(feature, block.get("unit")),
        values=_values(name, block.get("values")),
        at_least=_at_least(feature, block.get("at_least")),
        scale=_scale(feature, block.get("scale")),
        any_of=given[0] == "any",
        scanner_generation=_scanner(feature, block.get("scanner_generation")),
    )


def _columns(name: str, block: dict[str, Any]) -> tuple[str, ...]:
    listed = block.get("any") if "any" in block else [block["column"]] if "column" in block else []
    if not isinstance(listed, list) or not all(isinstance(item, str) and item for item in listed):
        raise CaseError("map_columns", feature=name)
    if "any" in block and not listed:
        raise CaseError("map_empty", feature=f"{name}.any")
    for column in listed:
        if any(fnmatch.fnmatchcase(column, pattern) for pattern in OUTCOME_COLUMNS):
            raise CaseError("map_outcome", feature=name, column=column)
    return tuple(listed)


def _unit(feature: Feature, unit: object) -> str | None:
    if unit is None:
        return None
    if feature.kind != "number":
        raise CaseError("unit_not_expected", feature=feature.id, unit=unit)
    name = plain_unit(unit) if isinstance(unit, str) else ""
    if name != feature.unit and name not in feature.units:
        raise CaseError("unknown_unit", feature=feature.id, unit=unit, allowed=allowed_units(feature))
    return name


def _values(name: str, block: object) -> Mapping[str, object]:
    if block is None:
        return {}
    if not isinstance(block, dict) or not block:
        raise CaseError("not_a_mapping", key=f"{name}.values")
    return block


def _at_least(feature: Feature, value: object) -> float | None:
    if value is None:
        return None
    if feature.kind != "bool":
        raise CaseError("map_at_least", feature=feature.id)
    return finite(f"{feature.id}.at_least", value)


def _scale(feature: Feature, value: object) -> float:
    if value is None:
        return 1.0
    number = finite(f"{feature.id}.scale", value)
    if number == 0 or feature.kind != "number":
        raise CaseError("map_scale", feature=feature.id, value=value)
    return number


def _scanner(feature: Feature, generation: object) -> int | None:
    """The scanner generation that HR-pQCT indices need: the model scales them by it."""
    if generation is None:
        return None
    if feature.requires != "scanner_generation":
        raise CaseError("scanner_not_expected", feature=feature.id)
    check_scanner(feature, generation)
    return int(str(generation))
