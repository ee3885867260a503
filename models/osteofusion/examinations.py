"""Examinations: which values come together when a person takes one more test, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from osteofusion.schema import Schema
from osteofusion.yaml_text import read_yaml

ALWAYS_KNOWN = ("age", "sex")


@dataclass(frozen=True, slots=True)
class Examination:
    """One test, scan or question: the features it gives, and its label in en and zh."""

    id: str
    features: tuple[str, ...]
    label: Mapping[str, str]


def examinations(schema: Schema) -> tuple[Examination, ...]:
    """Every examination that gives an input of the network: the named ones first, then single features."""
    named = [
        Examination(name, tuple(f for f in entry["features"] if f in schema.column), entry["label"])
        for name, entry in _table().items()
    ]
    covered = {feature for examination in named for feature in examination.features} | set(ALWAYS_KNOWN)
    single = [Examination(f.id, (f.id,), f.label) for f in schema.inputs if f.id not in covered]
    return tuple(examination for examination in named + single if examination.features)


@cache
def _table() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("examinations.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = read_yaml(text)
    return table
