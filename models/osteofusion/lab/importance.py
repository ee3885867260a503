"""Which groups and which single values move the answers of the model that ships, over completed people (tier S).

On drawn modalities and generated outcomes a ranking reads our own assumptions back: it shows that the network
learned them, and is no finding about people.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from osteofusion.encode import unstandardise
from osteofusion.explain import contributions
from osteofusion.heads import OUTCOMES
from osteofusion.lab.fracture_figures import SimulatedPeople
from osteofusion.lab.tables import Values
from osteofusion.predict import SCANNER, Predictor
from osteofusion.schema import Schema

PEOPLE = 200
GENERATION = 1.0  # completed people carry HR-pQCT indices of the first scanner generation


def tables(predictor: Predictor, simulated: SimulatedPeople) -> dict[str, Any]:
    """Mean |exact Shapley value| of each group and mean |Owen value| of each value, by outcome, in logits."""
    rows = np.sort(
        np.random.default_rng(3).choice(len(simulated.z), min(PEOPLE, len(simulated.z)), replace=False)
    )
    groups = {outcome: dict.fromkeys(predictor.schema.group_columns, 0.0) for outcome in OUTCOMES}
    values = {outcome: dict.fromkeys(predictor.schema.column, 0.0) for outcome in OUTCOMES}
    for row in rows:
        reasons = contributions(predictor, person(predictor.schema, simulated.z[row]))
        for outcome, reason in reasons.items():
            _add(groups[outcome], reason.groups, len(rows))
            _add(values[outcome], reason.features, len(rows))
    labels = {feature.id: feature.label["en"] for feature in predictor.schema.inputs}
    return {"people": len(rows), "groups": _rounded(groups), "values": _rounded(values), "labels": labels}


def person(schema: Schema, z: Values) -> dict[str, float]:
    """Values in stored units of a completed row of z-scores, inside their hard ranges despite rounding."""
    stored = unstandardise(schema, z[None, :])[0]
    found = {SCANNER: GENERATION}
    for feature, value in zip(schema.inputs, stored.tolist(), strict=True):
        low, high = feature.hard or (0.0, 1.0)
        found[feature.id] = min(max(value, low), high)
    return found


def _add(total: dict[str, float], bars: Any, count: int) -> None:
    for name, size in bars.items():
        total[name] += abs(size) / count


def _rounded(sizes: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        outcome: {
            name: round(size, 4) for name, size in sorted(bars.items(), key=lambda item: (-item[1], item[0]))
        }
        for outcome, bars in sizes.items()
    }
