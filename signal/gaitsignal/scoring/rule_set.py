"""A published rule set, read from its YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gaitsignal.yaml_text import parse

RULE_SETS = ("sppb", "awgs2019", "awgs2025", "ewgsop2", "steadi", "china2018")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What is printed beside a verdict (id, version, short name with the version, title zh and en, citation, url) and
    the rules as data.
    """

    id: str
    version: str
    short: str
    title: Mapping[str, str]
    citation: str
    url: str | None
    rules: Mapping[str, Any]

    @property
    def values(self) -> frozenset[str]:
        """The values that its criteria ask for."""
        parts = (part for criterion in self.rules.get("criteria", ()) for part in criterion.get("any", ()))
        return frozenset(part["value"] for part in parts if "value" in part)

    def brief(self, item: str, lang: str) -> str:
        """A word or two for what meets `item`, in `lang`; KeyError when there is no such item."""
        brief = {criterion["item"]: criterion["brief"][lang] for criterion in self.rules["criteria"]}
        return str(brief[item])


@cache
def rule_set(name: str) -> RuleSet:
    """The rule set `name`; ValueError when there is none."""
    if name not in RULE_SETS:
        raise ValueError(f"no rule set {name!r}; there are {', '.join(RULE_SETS)}")
    data = _read("rules", f"{name}.yaml")
    head = {key: data.pop(key, None) for key in ("id", "version", "short", "title", "citation", "url")}
    return RuleSet(**head, rules=data)


def value_name(value: str, lang: str) -> str:
    """What people call a value of the rules, in `lang`; KeyError when no rule set asks for it."""
    return str(_value_names()[value][lang])


@cache
def _value_names() -> dict[str, Any]:
    return _read("values.yaml")


def _read(*path: str) -> dict[str, Any]:
    found: dict[str, Any] = parse(files("gaitsignal").joinpath("scoring", *path).read_text(encoding="utf-8"))
    return found
