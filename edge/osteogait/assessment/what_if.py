"""What the model would answer about somebody like this person who differs in a few things that people can differ in.

Never an effect of a treatment: the model knows how the estimate differs between people, not what a change does.
Medicines (glucocorticoids, hormone therapy) are therefore not offered at all (docs/decisions/0025-clinician.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from osteogait.assessment.document import BY_MODEL
from osteogait.errors import CaseError, ModelError

if TYPE_CHECKING:
    from osteogait.assessment.model import Model

SCANNER = "scanner_generation"
BODY_MASS_INDEX = (18.5, 35.0)
"""kg/m2; WHO's limit of underweight and of obesity class II: nobody is led beyond either by a slider."""


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that may be varied: a yes/no, or a number between `low` and `high` in steps of `step`."""

    feature: str
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    is_yes_no: bool = False


FACTORS = (
    Factor("current_smoking", is_yes_no=True),
    Factor("alcohol_3_units", is_yes_no=True),
    Factor("weight", 35, 130, 0.5),
    Factor("vit_d25oh", 10, 150, 1),
    Factor("gait_speed", 0.3, 1.6, 0.01),
    Factor("chair_stand_5x", 5, 40, 0.1),
    Factor("tug", 5, 40, 0.1),
    Factor("grip_one_hand", 8, 65, 0.5),
)
"""Limits of the numbers: the soft ranges of the schema, narrowed where a value beyond would be no aim for anybody."""


@dataclass(frozen=True, slots=True)
class Varied:
    """A factor of one result: what was known, what is asked, between which limits."""

    factor: Factor
    known: float
    asked: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """By outcome the probability of the person (`now`) and of somebody who differs (`then`), with its interval."""

    varied: tuple[Varied, ...]
    not_known: tuple[str, ...]
    now: Mapping[str, float]
    then: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]

    @property
    def changed(self) -> bool:
        """Whether anything differs at all."""
        return any(one.asked != one.known for one in self.varied)


def what_if(document: Mapping[str, Any], changes: Mapping[str, float], model: Model) -> WhatIf:
    """The answers for the values of `document` with `changes`; only outcomes that the model answers there.

    Raises CaseError for a factor that is not offered, not known or beyond its limits, ModelError without an engine.
    """
    if model.predictor is None:
        raise ModelError("no_engine", reasons="")
    values = model_values(document, model)
    varied = tuple(_varied(factor, values, changes) for factor in FACTORS if factor.feature in values)
    offered = {factor.feature for factor in FACTORS}
    for name in changes:
        if name not in offered:
            raise CaseError("what_if_not_offered", feature=name)
        if name not in values:
            raise CaseError("what_if_not_known", feature=name)
    country = document["country"]["id"]
    changed = values | {one.factor.feature: one.asked for one in varied}
    now, then = (model.predictor.predict(known, country=country) for known in (values, changed))
    names = answered(document)
    return WhatIf(
        varied,
        tuple(factor.feature for factor in FACTORS if factor.feature not in values),
        {name: now.probabilities[name] for name in names},
        {name: then.probabilities[name] for name in names},
        {name: then.intervals[name] for name in names},
    )


def answered(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Outcomes of `document` that the network answered; the osteoporosis equations know no such factor."""
    bone = document["osteoporosis"]
    by_network = bone["probability"] is not None and bone.get("method") == "network"
    return ("osteoporosis", *BY_MODEL) if by_network else BY_MODEL


def model_values(document: Mapping[str, Any], model: Model) -> dict[str, float]:
    """What went into the network for `document`."""
    values: dict[str, float] = {}
    for feature in model.schema.inputs:
        held = document["values"].get(feature.id)
        if held is None or isinstance(held["value"], str | list):
            continue
        if feature.requires == SCANNER and SCANNER not in held:
            continue
        values[feature.id] = float(held["value"])
        if feature.requires == SCANNER:
            values[SCANNER] = float(held[SCANNER])
    return values


def _varied(factor: Factor, values: Mapping[str, float], changes: Mapping[str, float]) -> Varied:
    known = values[factor.feature]
    low, high = _limits(factor, known, values.get("height"))
    asked = changes.get(factor.feature, known)
    if abs(asked - known) < factor.step and not factor.is_yes_no:
        asked = known  # a slider moves in steps: between two of them it still stands at the value itself
    if not low <= asked <= high or (factor.is_yes_no and asked not in (0.0, 1.0)):
        raise CaseError(
            "outside_hard_range", feature=factor.feature, value=asked, low=low, high=high, unit=""
        )
    return Varied(factor, known, asked, low, high)


def _limits(factor: Factor, known: float, height_cm: float | None) -> tuple[float, float]:
    """The limits of a factor; the value itself is always within."""
    low, high = factor.low, factor.high
    if factor.feature == "weight" and height_cm is not None:
        low, high = (round(index * (height_cm / 100) ** 2, 1) for index in BODY_MASS_INDEX)
    return min(low, known), max(high, known)
