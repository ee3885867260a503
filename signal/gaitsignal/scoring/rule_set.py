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
    """What is printed beside a verdict (id, version, title zh and en, citation, url) and the rules as data."""

    id: str
    version: str
    title: Mapping[str, str]
    citation: str
    url: str | None
    rules: Mapping[str, Any]


@cache
def rule_set(name: str) -> RuleSet:
    """The rule set `name`; ValueError when there is none."""
    if name not in RULE_SETS:
        raise ValueError(f"no rule set {name!r}; there are {', '.join(RULE_SETS)}")
    text = files("gaitsignal").joinpath("scoring", "rules", f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = parse(text)
    head = {key: data.pop(key, None) for key in ("id", "version", "title", "citation", "url")}
    return RuleSet(**head, rules=data)
