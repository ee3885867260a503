"""One published figure beside the regenerated one, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

ROUNDING = 0.05  # per cent: the UK table gives tenths


@dataclass(frozen=True, slots=True)
class Anchor:
    """One published figure beside the regenerated one.

    `measure` says how far apart they may be: "ratio" (relative), "points" (absolute), "form" (logarithm after one
    scale, with the rounding of the table allowed for) or "told" (no bar, printed for the reader).
    """

    family: str
    cell: str
    published: float
    regenerated: float
    tolerance: float
    measure: str
    source: str
    status: str

    @property
    def deviation(self) -> float:
        """How far the regenerated figure is from the published one, in the terms of `measure`."""
        if self.measure == "points":
            return self.regenerated - self.published
        if self.measure == "form":
            return beyond_rounding(self.published, self.regenerated)
        return self.regenerated / self.published - 1 if self.published else self.regenerated

    @property
    def met(self) -> bool:
        """Whether it is within its tolerance (always for what is only told)."""
        limit = np.log1p(self.tolerance) if self.measure == "form" else self.tolerance
        return self.measure == "told" or bool(abs(self.deviation) <= limit + 1e-12)

    def to_json(self) -> dict[str, Any]:
        """All fields, the deviation and the verdict."""
        numbers = {name: round(getattr(self, name), 5) for name in ("published", "regenerated", "deviation")}
        return asdict(self) | numbers | {"met": self.met}


def beyond_rounding(published: float, regenerated: float) -> float:
    """Logarithm of how far a figure is beyond what the rounding of the printed one leaves open."""
    low, high = max(published - ROUNDING, 1e-3), published + ROUNDING
    nearest = min(max(regenerated, low), high)
    return float(np.log(regenerated / nearest))


def drifted(anchors: Iterable[Anchor]) -> list[Anchor]:
    """The anchors that are not met."""
    return [anchor for anchor in anchors if not anchor.met]
