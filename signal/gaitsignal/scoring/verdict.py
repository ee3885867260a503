"""Verdicts of a rule set on a person's values, each with the rule it follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gaitsignal.scoring.rounding import hundredths
from gaitsignal.scoring.rule_set import RuleSet, rule_set, value_name
from gaitsignal.words import sentence

COMPARISONS = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "above": lambda value, limit: value > limit,
    "at_least": lambda value, limit: value >= limit,
}
SHOWN = 3
"""Decimals of a value beside its limit, unless it would then look like the limit."""
SIGNS = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value beside one limit of a rule: `comparison` is a key of COMPARISONS, `limit` as the rule writes it."""

    value: str
    shown: str
    comparison: str
    limit: int | float
    unit: str
    met: bool

    def words(self) -> str:
        """As `tug 12.30 s >= 12 s`."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.value} {self.shown}{unit} {SIGNS[self.comparison]} {self.limit:g}{unit}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule set says on one item.

    met          True, False, or None when it says nothing
    because      the criteria met, as `tug 12.30 s >= 12 s`
    missing      values that the rule could also use and that are not there
    comparisons  what the item itself compared, met or not; none where it follows from other items
    reason       why `met` is None: `no_value`, `age_not_covered`, `sex_unknown`, `not_a_criterion`,
                 `cut_off_not_verified`
    title        the item for people, zh and en
    """

    rule_set: str
    version: str
    citation: str
    item: str
    title: Mapping[str, str]
    met: bool | None
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str | None = None
    comparisons: tuple[Comparison, ...] = ()

    def message(self, lang: str = "en") -> str:
        """The verdict in `lang` (`en` or `zh`) with the rule set it follows, values by the names people know."""
        said = self.reason if self.met is None else ("met" if self.met else "unmet")
        words = ", ".join(_named(because, lang) for because in self.because)
        fields = {"title": self.title[lang], "because": words}
        return sentence(f"verdict_{said}", lang, fields | {"rules": rule_set(self.rule_set).title[lang]})


def _named(because: str, lang: str) -> str:
    value, rest = because.split(" ", 1)
    return f"{value_name(value, lang)} {rest}"


def judge(
    name: str, values: Mapping[str, float], sex: str | None = None, age: float | None = None
) -> tuple[Verdict, ...]:
    """A verdict on every item of rule set `name`; `values` by the names and in the units of its file.

    Raises
    ------
    ValueError
        No such rule set, it scores points instead (`sppb`), or a value that no rule of it uses or that is not
        finite.

    Notes
    -----
    Times are rounded to 0.01 s, halves upwards, before they are compared. An item that any of several tests
    decides is not met when those that were done say so; the others are listed as missing.
    """
    rules = rule_set(name)
    if "criteria" not in rules.rules:
        raise ValueError(f"{name} gives points, not verdicts")
    _check(values, rules)
    verdicts: dict[str, Verdict] = {}
    for criterion in rules.rules["criteria"]:
        verdicts[criterion["item"]] = _verdict(criterion, rules, values, verdicts, (sex, age))
    return tuple(verdicts.values())


def _check(values: Mapping[str, float], rules: RuleSet) -> None:
    for key, value in values.items():
        if key not in rules.values:
            raise ValueError(f"{rules.id} has no rule for {key!r}")
        if not abs(value) < float("inf"):
            raise ValueError(f"{key} is {value}")


def _verdict(
    criterion: Mapping[str, Any],
    rules: RuleSet,
    values: Mapping[str, float],
    before: Mapping[str, Verdict],
    person: tuple[str | None, float | None],
) -> Verdict:
    head = (rules.id, rules.version, rules.citation, criterion["item"], criterion["title"])
    if "withheld" in criterion:
        return Verdict(*head, None, reason=criterion["withheld"])
    found = [_part(part, values, before, person) for part in criterion["any"]]
    because = tuple(words for part in found for words in part.because)
    missing = tuple(value for part in found for value in part.missing)
    said = [part.met for part in found if part.met is not None]
    if said:
        compared = tuple(part.comparison for part in found if part.comparison is not None)
        return Verdict(*head, any(said), because, missing, comparisons=compared)
    return Verdict(*head, None, (), missing, next((part.reason for part in found if part.reason), "no_value"))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one test of an item says."""

    met: bool | None
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str | None = None
    comparison: Comparison | None = None


def _part(
    part: Mapping[str, Any],
    values: Mapping[str, float],
    before: Mapping[str, Verdict],
    person: tuple[str | None, float | None],
) -> _Part:
    if "item" in part:
        earlier = before[part["item"]]
        return _Part(earlier.met, earlier.because, earlier.missing, earlier.reason)
    if part["value"] not in values:
        return _Part(None, missing=(part["value"],))
    limit = _limit(part, *person)
    if isinstance(limit, str):
        return _Part(None, reason=limit)
    compared = _compared(part, values[part["value"]], limit)
    return _Part(compared.met, (compared.words(),) if compared.met else (), comparison=compared)


def _limit(part: Mapping[str, Any], sex: str | None, age: float | None) -> int | float | str:
    """The cut-off of this person, or the reason why there is none."""
    rows = part.get("by_age")
    table = part.get("limit")
    if rows is not None:
        inside = [row for row in rows if age is not None and row["ages"][0] <= int(age) <= row["ages"][1]]
        if not inside:
            return "age_not_covered"
        table = inside[0]
    if isinstance(table, dict):
        table = table[sex] if sex in ("male", "female") else "sex_unknown"
    limit: int | float | str = table if isinstance(table, int | float) else str(table)
    return limit


def _compared(part: Mapping[str, Any], value: float, limit: int | float) -> Comparison:
    border = Decimal(repr(limit))
    exact = hundredths(value) if part["unit"] == "s" else Decimal(repr(float(value)))
    met = bool(COMPARISONS[part["is"]](exact, border))
    return Comparison(part["value"], _shown(exact, border), part["is"], limit, part["unit"], met)


def _shown(exact: Decimal, border: Decimal) -> str:
    short = round(exact, SHOWN)
    if short == exact:
        return f"{exact:f}".removesuffix(".0")
    return f"{exact if short == border else short.normalize():f}"
