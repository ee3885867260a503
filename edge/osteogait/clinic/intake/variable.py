"""What a variable is at the border: unit, exact factors, ranges and label, from the model's list or from codes.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from osteogait.clinic.intake.reason import RowRefused, Said, shown
from osteogait.clinic.values import plain_unit
from osteogait.words import SPOKEN_DIGITS, Speaks

_SUPERSCRIPTS = str.maketrans("²³", "23")
_LITRE = {"ml": "mL", "dl": "dL", "l": "L"}  # UCUM knows litre as l and as L
_ONLY_OF = {"activity": ("U", "kat", "katal"), "molar": ("mol",), "mass": ("g",)}
_PREFIXES = ("", "f", "p", "n", "u", "m", "d", "c", "k")


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a variable in both languages, for a sentence."""

    words: Mapping[str, str]

    def message(self, lang: str) -> str:
        """The name in `lang`."""
        return self.words[lang]


@dataclass(frozen=True, slots=True)
class Variable:
    """`units` maps each accepted unit to its factor to `unit`; a bound of `hard` or `soft` may be missing."""

    id: str
    unit: str
    units: Mapping[str, Decimal]
    hard: tuple[Decimal | None, Decimal | None] = (None, None)
    soft: tuple[Decimal | None, Decimal | None] = (None, None)
    label: Speaks = field(default_factory=lambda: Label({"en": "", "zh": ""}))
    needs_scanner: bool = False

    def convert(self, number: Decimal, written_unit: str) -> Decimal:
        """`number` in the stored unit, exactly; RowRefused `unknown-unit`."""
        name = ucum(written_unit)
        if name not in self.units:
            allowed = ", ".join(self.units)
            variant = "" if name else "no_unit"
            raise RowRefused(
                "unknown-unit",
                variant=variant,
                value=shown(written_unit),
                variable=self.label,
                allowed=allowed,
            )
        return number * self.units[name]

    def check(self, stored: Decimal) -> tuple[Said, ...]:
        """RowRefused outside the hard range, a warning outside the soft one; both ends belong to the range."""
        if not _inside(stored, self.hard):
            raise RowRefused.of(Said("out-of-hard-range", self._range(stored, self.hard)))
        return (
            () if _inside(stored, self.soft) else (Said("out-of-soft-range", self._range(stored, self.soft)),)
        )

    def _range(self, stored: Decimal, bounds: tuple[Decimal | None, Decimal | None]) -> dict[str, object]:
        low, high = ("…" if bound is None else float(bound) for bound in bounds)
        rounded = Decimal(f"{stored:.{SPOKEN_DIGITS}g}")
        value = f"{stored:f}" if _inside(rounded, bounds) else float(stored)  # never a bound as beyond itself
        return {"variable": self.label, "value": value, "unit": self.unit, "low": low, "high": high}


def _inside(value: Decimal, bounds: tuple[Decimal | None, Decimal | None]) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def ucum(text: str) -> str:
    """A written unit as the tables spell it: micro sign, superscripts, litres; unknown ones stay as they are."""
    name = plain_unit(text.translate(_SUPERSCRIPTS))
    head, slash, tail = name.rpartition("/")
    if slash and tail.lower() in _LITRE:
        tail = _LITRE[tail.lower()]
    return f"{head}{slash}{tail}".replace("[iU]", "IU").replace("[IU]", "IU")


def family(unit: str) -> str:
    """`mass`, `molar` or `activity` of a concentration's unit; nothing for any other unit."""
    head, slash, _ = ucum(unit).partition("/")
    if head in ("IU", "mIU"):
        return "activity"
    for name, stems in _ONLY_OF.items():
        if slash and any(head == prefix + stem for prefix in _PREFIXES for stem in stems):
            return name
    return ""


@cache
def tables() -> Mapping[str, Any]:
    """What codes.yaml says."""
    text = files("osteogait.clinic.intake").joinpath("codes.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


@cache
def variables() -> Mapping[str, Variable]:
    """Every variable that a file may bring, by its id."""
    from osteofusion.schema import load_schema

    known = load_schema().by_id
    found = {name: _variable(name, tables()["variables"][name]) for name in tables()["variables"]}
    for name, feature in known.items():
        if feature.kind == "number" and name != "age":
            found[name] = _variable(
                name,
                {
                    "unit": feature.unit,
                    "units": {unit: repr(factor) for unit, factor in feature.units.items()},
                    "hard": feature.hard,
                    "soft": feature.soft,
                    "label": feature.label,
                    "scanner": feature.requires == "scanner_generation",
                },
            )
    return found


def _variable(name: str, block: Mapping[str, Any]) -> Variable:
    units = {ucum(unit): Decimal(str(factor)) for unit, factor in block.get("units", {}).items()}
    return Variable(
        id=name,
        unit=block["unit"],
        units={ucum(block["unit"]): Decimal(1), **units},
        hard=_bounds(block.get("hard")),
        soft=_bounds(block.get("soft")),
        label=Label(block["label"]),
        needs_scanner=block.get("scanner", False),
    )


def _bounds(pair: Any) -> tuple[Decimal | None, Decimal | None]:
    low, high = pair or (None, None)
    return (
        None if low is None else Decimal(str(low)),
        None if high is None else Decimal(str(high)),
    )
