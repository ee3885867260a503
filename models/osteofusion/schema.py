"""The feature list of the bundle (features.yaml): what the model knows of a person, unit and range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from osteofusion.compiled import content_of
from osteofusion.errors import BundleError
from osteofusion.parts import Parts, part

FEATURES_FILE, SCHEMA = "features.yaml", "osteofusion.features/1"
ROLES = ("input", "rule", "recorded")
KINDS = ("number", "bool", "category", "dosage", "sites")
TRANSFORMS = ("none", "log")
MISSING = ("mask", "required", "rule", "none")


@dataclass(frozen=True, slots=True)
class Scaling:
    """z = (t(value) - centre) / scale, with t the identity (`none`) or the natural logarithm (`log`)."""

    transform: str
    centre: float
    scale: float


@dataclass(frozen=True, slots=True)
class Feature:
    """One value of a person: `unit` is the stored one, `units` maps other written units to their factor.

    `hard` (refused outside) and `soft` (flagged outside) are in the stored unit, both ends included; None for
    what is not a number. `codes` gives the number of each choice of a category; `requires` names what must
    come with the value.
    """

    id: str
    group: str
    role: str
    kind: str
    unit: str
    missing: str
    source: str
    citation: str
    label: Mapping[str, str]
    units: Mapping[str, float] = field(default_factory=dict)
    hard: tuple[float, float] | None = None
    soft: tuple[float, float] | None = None
    requires: str | None = None
    choices: tuple[str, ...] = ()
    codes: Mapping[str, float] = field(default_factory=dict)
    scaling: Scaling | None = None
    scaling_generation_2: Scaling | None = None
    monotone: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """One of the six modalities, with its label in en and zh."""

    id: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Schema:
    """All features in file order; `inputs` are those of the network, in the order of its columns."""

    features: tuple[Feature, ...]
    groups: tuple[Group, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Feature]:
        """Feature of each id."""
        return {feature.id: feature for feature in self.features}

    @cached_property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that go into the network."""
        return tuple(feature for feature in self.features if feature.role == "input")

    @cached_property
    def column(self) -> Mapping[str, int]:
        """Column of each input feature in a table of values."""
        return {feature.id: number for number, feature in enumerate(self.inputs)}

    @cached_property
    def group_columns(self) -> Mapping[str, tuple[int, ...]]:
        """Columns of the inputs of each group."""
        return {
            group.id: tuple(n for n, feature in enumerate(self.inputs) if feature.group == group.id)
            for group in self.groups
        }


def load_schema(bundle: Parts | None = None) -> Schema:
    """The feature list of `bundle` (the installed one by default); BundleError when it is not understood."""
    parts = default_bundle() if bundle is None else bundle
    source = part(parts, FEATURES_FILE)
    if source not in _known:
        if len(_known) == KNOWN:
            _known.clear()
        _known[source] = _read(parts)
    return _known[source]


KNOWN = 8
_known: dict[bytes, Schema] = {}
"""Lists that were read, by the bytes of their file."""


def _read(parts: Parts) -> Schema:
    try:
        return _schema(content_of(parts, FEATURES_FILE))
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path=FEATURES_FILE, reason=repr(error)) from error


def default_bundle() -> Path:
    """Folder of the bundle that ships with the package."""
    return Path(__file__).with_name("bundle")


def _schema(content: dict[str, Any]) -> Schema:
    if content["schema"] != SCHEMA:
        raise ValueError(f"schema is {content['schema']!r}, not {SCHEMA!r}")
    groups = tuple(Group(item["id"], item["label"]) for item in content["groups"])
    features = tuple(_feature(item) for item in content["features"])
    _check(features, {group.id for group in groups})
    return Schema(features, groups)


def _feature(item: dict[str, Any]) -> Feature:
    fields = dict(item)
    for key in ("hard", "soft"):
        if key in fields:
            low, high = fields[key]
            fields[key] = (float(low), float(high))
    for key in ("scaling", "scaling_generation_2"):
        if key in fields:
            fields[key] = _scaling(**fields[key])
    for key in ("units", "codes"):
        fields[key] = {str(name): float(number) for name, number in fields.get(key, {}).items()}
    fields["choices"] = tuple(fields.get("choices", ()))
    return Feature(**fields)


def _scaling(transform: str, centre: float, scale: float) -> Scaling:
    if transform not in TRANSFORMS or not scale > 0:
        raise ValueError(f"scaling {transform} {scale}")
    return Scaling(transform, float(centre), float(scale))


def _check(features: tuple[Feature, ...], groups: set[str]) -> None:
    if len({feature.id for feature in features}) != len(features):
        raise ValueError("a feature is listed twice")
    for item in features:
        known = item.group in groups and item.role in ROLES and item.kind in KINDS and item.missing in MISSING
        if not known or (item.role == "input") != (item.scaling is not None):
            raise ValueError(f"feature {item.id}")
