"""Published bedside tools printed beside the model's number."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Osta:
    """OSTA score and class."""

    score: int
    risk_class: str


def osta(age: float, weight_kg: float) -> Osta:
    """Osteoporosis Self-assessment Tool for Asians: 0.2 (kg - years), truncated toward zero.

    Class: > -1 low, -1 to -4 medium, < -4 high (Koh 2001, Osteoporos Int 12:699).
    """
    score = math.trunc((weight_kg - age) / 5)
    if score > -1:
        return Osta(score, "low")
    return Osta(score, "medium" if score >= -4 else "high")
