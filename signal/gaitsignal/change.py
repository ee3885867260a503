"""Is a difference between two measurements of a person real, and does it matter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gaitsignal.measures.sway_reliability import (
    CONDITIONS,
    POPULATION,
    RELIABILITY,
    SESSION_N,
    SOURCE,
)
from gaitsignal.yaml_text import parse


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A published change: kind `mdc95` or `important` (with a grade), by `difference`, `share` or `ratio`."""

    kind: str
    by: str
    limit: float
    population: str
    source: str
    unit: str = "1"
    n: int | None = None
    grade: str | None = None

    def exceeded(self, before: float, after: float) -> bool:
        """True when the change from `before` to `after` is larger than the limit (`important`: reaches it)."""
        if self.by == "difference":
            size = abs(after - before)
        elif self.by == "share":
            size = abs(after - before) / before
        else:
            size = max(after / before, before / after)
        return round(size - self.limit, 9) >= 0.0 if self.kind == "important" else size > self.limit


@dataclass(frozen=True, slots=True)
class Change:
    """What the published rules say on a change.

    real        beyond measurement error (95 %); None when no verified limit exists, with `reason`
    important   `substantial`, `small` or None
    rules       the rules used, to be named beside the verdict
    """

    key: str
    before: float
    after: float
    real: bool | None
    important: str | None
    rules: tuple[ChangeRule, ...]
    reason: str | None = None


def real_change(key: str, before: float, after: float, condition: str | None = None) -> Change:
    """The change of measure `key` between two trials or means of trials; sway needs its `condition`.

    Raises
    ------
    ValueError
        A value that is not finite, negative, or 0 where the rule is relative, or a condition that does not exist.

    Notes
    -----
    Sway ratios hold for trials of 30 s, eyes and surface alike on both days (`open_firm`, `closed_firm`,
    `open_foam`, `closed_foam`); without a condition nothing is said.
    """
    rules, reason = rules_of(key, condition)
    relative = any(rule.by != "difference" for rule in rules)
    for value in (before, after):
        if not 0.0 <= value < float("inf") or (relative and value == 0.0):
            raise ValueError(
                f"{key} {value}: changes are judged on {'positive' if relative else 'real'} values"
            )
    real = [rule for rule in rules if rule.kind == "mdc95"]
    grades = [rule.grade for rule in rules if rule.kind == "important" and rule.exceeded(before, after)]
    important = next((grade for grade in ("substantial", "small") if grade in grades), None)
    beyond = any(rule.exceeded(before, after) for rule in real) if real else None
    return Change(key, before, after, beyond, important, rules, None if real else reason or "no_rule")


def rules_of(key: str, condition: str | None = None) -> tuple[tuple[ChangeRule, ...], str | None]:
    """The verified rules of `key`, and why one is missing."""
    if condition is not None and condition not in CONDITIONS:
        raise ValueError(f"no condition {condition!r}; there are {', '.join(CONDITIONS)}")
    if key in RELIABILITY:
        if condition is None:
            return (), "condition_unknown"
        ratio = RELIABILITY[key][condition].real_ratio
        return (ChangeRule("mdc95", "ratio", ratio, POPULATION, SOURCE, n=SESSION_N),), None
    entries = _table().get(key, [])
    withheld = [entry["withheld"] for entry in entries if "withheld" in entry]
    rules = tuple(ChangeRule(**entry) for entry in entries if "withheld" not in entry)
    return rules, withheld[0] if withheld else None


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    text = files("gaitsignal").joinpath("change.yaml").read_text(encoding="utf-8")
    table: dict[str, list[dict[str, Any]]] = parse(text)
    return table
