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
    text = files("gaitsignal").joinpath("scoring", "rules", f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = parse(text)
    head = {key: data.pop(key, None) for key in ("id", "version", "short", "title", "citation", "url")}
    return RuleSet(**head, rules=data)
