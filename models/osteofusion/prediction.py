"""What the model answers about one person: plain frozen data, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from osteofusion.country import HOME

if TYPE_CHECKING:
    from osteofusion.trust_list import TrustedKey
    from osteofusion.uncertainty import Range, Sources


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answered: bundle version and manifest hash, engine, how far each outcome's data are real, and whose
    key signed it.

    `data_tier` by outcome: R real people and labels, S real people with generated outcomes. `signed_by` is None
    only for a draft of the lab.
    """

    version: str
    sha256: str
    engine: str
    engine_version: str
    data_tier: Mapping[str, str]
    signed_by: TrustedKey | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Probability and interval (low, high) of each outcome; the probability always lies inside its interval.

    `sources` names what the interval comes from, `noise` the probability that 8-bit weights may have moved;
    `conformal` (answers not ruled out) and `venn_abers` (calibrated bounds) exist where real labels do and the
    person is like those people: no bone density for osteoporosis, and the home country.
    `outside_training_range` was clipped, `outside_usual_range` is unusual by itself, `unusual_combination`
    does not fit the other values.

    Notes
    -----
    The interval combines the members, 64 completions of the missing values and the rounding (see
    osteofusion.uncertainty). It is no confidence interval. Bone density is not drawn for `osteoporosis`,
    which it defines.
    """

    probabilities: Mapping[str, float]
    intervals: Mapping[str, Range]
    missing_groups: tuple[str, ...]
    outside_training_range: tuple[str, ...]
    model: ModelIdentity
    sources: Mapping[str, Sources] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    conformal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    venn_abers: Mapping[str, Range] = field(default_factory=dict)
    outside_usual_range: tuple[str, ...] = ()
    unusual_combination: tuple[str, ...] = ()
    country: str = HOME

    def at_threshold(self, outcome: str, threshold: float) -> bool:
        """Whether the probability is nearer to `threshold` than the rounding of the weights can tell."""
        return abs(self.probabilities[outcome] - threshold) <= self.noise[outcome]
