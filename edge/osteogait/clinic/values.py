"""One value of one variable: number, unit and range checked; kept as written beside the stored unit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from osteogait.errors import CaseError

if TYPE_CHECKING:
    from osteofusion.schema import Feature

Stored = float | str | tuple[str, ...]

UNKNOWN = "unknown"
SITES = ("hip", "vertebra", "humerus", "pelvis", "forearm")
SCANNER_GENERATIONS = (1, 2)
WRITTEN_UNITS = {
    "years": "a",
    "岁": "a",
    "T-score": "{T-score}",
    "Z-score": "{Z-score}",
}  # as messages say them
SHOWN = 60  # characters of a bad value that a message repeats


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of `feature` in the stored unit; `written_*` is what the person wrote; warnings are codes."""

    feature: str
    value: Stored
    unit: str
    written_value: object
    written_unit: str | None
    warnings: tuple[tuple[str, Mapping[str, object]], ...] = ()
    usable: bool = True
    extra: Mapping[str, object] = field(default_factory=dict)


def read_entry(feature: Feature, written: object) -> Entry | None:
    """The entry behind what a case says of `feature`; None when it says that it is not known.

    `written` is a bare value in the stored unit, or a mapping with `value` and optional `unit` and
    `scanner_generation`. Raises CaseError naming feature, value, limit and unit.
    """
    value, unit, extra = _unwrap(feature, written)
    if value is None or value == UNKNOWN:
        return None
    if feature.kind == "number":
        return _number(feature, value, unit, extra)
    if unit is not None:
        raise CaseError("unit_not_expected", feature=feature.id, unit=unit)
    if feature.kind == "bool":
        return Entry(feature.id, float(_boolean(feature, value)), "1", value, None)
    if feature.kind == "dosage":
        return Entry(feature.id, float(_dosage(feature, value)), "1", value, None)
    if feature.kind == "sites":
        return Entry(feature.id, _sites(feature, value), "", value, None)
    return Entry(feature.id, _category(feature, value), "", value, None)


def _unwrap(feature: Feature, written: object) -> tuple[object, str | None, dict[str, object]]:
    if not isinstance(written, dict):
        return written, None, {}
    known = {"value", "unit", "scanner_generation"}
    extra = {str(key): item for key, item in written.items() if key not in ("value", "unit")}
    for key in written:
        if key not in known:
            raise CaseError("unknown_key", key=f"{feature.id}.{key}", allowed=", ".join(sorted(known)))
    if "value" not in written:
        raise CaseError("value_missing", feature=feature.id)
    if "scanner_generation" in written and feature.requires != "scanner_generation":
        raise CaseError("scanner_not_expected", feature=feature.id)
    unit = written.get("unit")
    if unit is not None and (not isinstance(unit, str) or not unit.strip()):
        raise CaseError("unknown_unit", feature=feature.id, unit=unit, allowed=allowed_units(feature))
    return written["value"], unit, extra


def allowed_units(feature: Feature) -> str:
    """The units a number of `feature` may be written in, for people."""
    return ", ".join([feature.unit, *feature.units])


def to_stored_unit(feature: Feature, value: float, unit: str | None) -> float:
    """`value` in the stored unit of `feature`; exact decimal factors; CaseError for an unknown unit."""
    name = feature.unit if unit is None else plain_unit(unit)
    if name == feature.unit:
        return value
    if name not in feature.units:
        raise CaseError("unknown_unit", feature=feature.id, unit=unit, allowed=allowed_units(feature))
    return float(Decimal(repr(value)) * Decimal(repr(feature.units[name])))


def plain_unit(unit: str) -> str:
    """`unit` as the schema writes it: the micro sign as u, no blanks around it, years and scores by their codes."""
    name = unit.replace("\u00b5", "u").replace("\u03bc", "u").strip()
    return WRITTEN_UNITS.get(name, name)


def finite(feature: str, value: object) -> float:
    """`value` as a finite number; CaseError for text, booleans, NaN, infinity and what no computer number holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CaseError("not_a_number", feature=feature, value=value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise CaseError("not_finite_value", feature=feature, value=shortened(value))
    return number


def shortened(value: object) -> str:
    """`value` as people read it, not longer than a line."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _number(feature: Feature, value: object, unit: str | None, extra: dict[str, object]) -> Entry:
    stored = to_stored_unit(feature, finite(feature.id, value), unit)
    warnings = list(check_range(feature, stored, written=f"{value} {unit}" if unit else None))
    usable = True
    if feature.requires == "scanner_generation":
        generation = extra.get("scanner_generation")
        if generation is None:
            usable = False
            warnings.append(("scanner_generation_missing", {"feature": feature.id}))
        else:
            check_scanner(feature, generation)
    return Entry(feature.id, stored, feature.unit, value, unit, tuple(warnings), usable, extra)


def check_scanner(feature: Feature, generation: object) -> None:
    """CaseError unless `generation` is 1 or 2, written as a whole number."""
    if type(generation) is not int or generation not in SCANNER_GENERATIONS:
        raise CaseError("scanner_generation", feature=feature.id, value=generation)


def check_range(
    feature: Feature, stored: float, written: str | None = None
) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """Warnings for a value outside the soft range; CaseError outside the hard range (`stored` unit).

    `written` is the value with its unit as the person wrote it, where that is another unit.
    """
    shown = stored if written is None else f"{written} = {stored:.6g}"
    fields = {"feature": feature.id, "value": shown, "unit": feature.unit}
    if feature.hard is not None and not feature.hard[0] <= stored <= feature.hard[1]:
        low, high = feature.hard
        raise CaseError("outside_hard_range", **fields, low=low, high=high)
    if feature.soft is not None and not feature.soft[0] <= stored <= feature.soft[1]:
        low, high = feature.soft
        return (("outside_soft_range", {**fields, "low": low, "high": high}),)
    return ()


def _boolean(feature: Feature, value: object) -> bool:
    if not isinstance(value, bool):
        raise CaseError("not_yes_no", feature=feature.id, value=value)
    return value


def _dosage(feature: Feature, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in (0, 1, 2):
        raise CaseError("not_a_dosage", feature=feature.id, value=value)
    return value


def _sites(feature: Feature, value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    for item in items:
        if item not in SITES:
            raise CaseError("unknown_choice", feature=feature.id, value=item, allowed=", ".join(SITES))
    return tuple(dict.fromkeys(str(item) for item in items))


def _category(feature: Feature, value: object) -> str:
    if not isinstance(value, str) or (feature.choices and value not in feature.choices):
        raise CaseError("unknown_choice", feature=feature.id, value=value, allowed=", ".join(feature.choices))
    return value
