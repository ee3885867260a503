"""What an answer costs after loading: the calls that the bench times, on one plain and one fully measured person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from osteofusion.encode import unstandardise
from osteofusion.explain import contributions, group_shapley, owen_values
from osteofusion.heads import WIDTH, probabilities

if TYPE_CHECKING:
    from osteofusion.predict import Predictor

USUAL = {
    "age": 72.0, "sex": 0.0, "height": 156.0, "weight": 51.0, "prior_fracture": 1.0, "fn_t": -2.1, "ctx": 0.41,
    "vit_d25oh": 48.0, "gait_speed": 0.9, "tug": 11.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Timed:
    """One call to time; the median must not exceed `bar_ms` (None: told only)."""

    what: str
    call: Callable[[], object]
    bar_ms: float | None


def fully_measured(predictor: Predictor) -> dict[str, float]:
    """A person of whom every input is known."""
    inputs = predictor.schema.inputs
    z = predictor.imputer.draws(np.full(len(inputs), np.nan), 1, np.random.default_rng(1))
    values = unstandardise(predictor.schema, z)[0]
    known = {feature.id: float(value) for feature, value in zip(inputs, values, strict=True)}
    return {**known, "scanner_generation": 1.0}


def calls(predictor: Predictor) -> list[Timed]:
    """The calls with the bars of the project."""
    full = fully_measured(predictor)
    logits = np.random.default_rng(2).normal(-3, 2, (1, WIDTH)).astype(np.float32)

    def whole() -> None:
        predictor.predict(USUAL)
        group_shapley(predictor, USUAL)

    return [
        Timed("head math of one row, both incidences", lambda: probabilities(logits), 0.015),
        Timed("reasons by group, all outcomes", lambda: group_shapley(predictor, USUAL), 0.5),
        Timed("reasons by group, everything known", lambda: group_shapley(predictor, full), 0.5),
        Timed("reasons by value (Owen), usual person", lambda: owen_values(predictor, USUAL), 10),
        Timed("reasons by value (Owen), everything known", lambda: owen_values(predictor, full), 10),
        Timed("reasons by group and value, with the trace", lambda: contributions(predictor, USUAL), 10),
        Timed("prediction with interval and group reasons", whole, 3),
        Timed("which test would help most", lambda: predictor.value_of_information(USUAL), 30),
    ]
