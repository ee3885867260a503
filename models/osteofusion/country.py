"""The scale of a country: what is added to the logits of a network that was trained on people of one country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import BundleError, ValuesError
from osteofusion.heads import HIP, OSTEOPOROSIS, OTHER, WIDTH

HOME = "US"  # of the people the network was trained on

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Country:
    """One country: its label in en and zh, and three shifts in logits.

    `hip` and `other` move the ten yearly event logits before the head math, so a hip fracture never becomes likelier
    than a major one; `osteoporosis` moves its logit.
    """

    id: str
    label: Mapping[str, str]
    hip: float
    other: float
    osteoporosis: float

    @property
    def moved(self) -> bool:
        """Whether anything is added at all."""
        return bool(self.hip or self.other or self.osteoporosis)

    def shift(self) -> Array:
        """What is added to one member's 32 logits."""
        row = np.zeros(WIDTH)
        row[HIP], row[OTHER], row[OSTEOPOROSIS] = self.hip, self.other, self.osteoporosis
        return row


def read_countries(metadata: Mapping[str, Any]) -> dict[str, Country]:
    """The countries of a bundle's metadata; the home country alone, unmoved, where it names none.

    Raises BundleError when an entry is not understood.
    """
    entries = metadata.get("countries") or {HOME: _AT_HOME}
    try:
        return {str(name): _country(str(name), entry) for name, entry in entries.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            "bundle_not_understood", path="metadata.yaml", reason=f"countries: {error!r}"
        ) from error


def country_of(countries: Mapping[str, Country], name: str) -> Country:
    """The country `name`; ValuesError when the bundle has no scale for it."""
    if name not in countries:
        raise ValuesError("unknown_country", country=name, known=", ".join(countries))
    return countries[name]


_AT_HOME = {
    "label": {"en": "United States", "zh": "美国"},
    "hip_shift": 0.0,
    "other_shift": 0.0,
    "osteoporosis_shift": 0.0,
}


def _country(name: str, entry: Mapping[str, Any]) -> Country:
    shifts = [float(entry[f"{what}_shift"]) for what in ("hip", "other", "osteoporosis")]
    if not np.isfinite(shifts).all():
        raise ValueError(f"{name}: a shift is not finite")
    return Country(name, {str(lang): str(text) for lang, text in entry["label"].items()}, *shifts)
