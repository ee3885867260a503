"""How sure an answer is, by source: the members, the values that are missing, the rounding of the weights.

Notes
-----
Every source gives its own 90 % range around the headline; the shown interval combines their one-sided reaches on the
logit scale by the root of the sum of squares, because the sources are independent. It is no confidence interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import BundleError
from osteofusion.heads import MARGIN, OUTCOMES, logit, sigmoid

LEVEL = 0.90
T_95 = (
    6.314,
    2.920,
    2.353,
    2.132,
    2.015,
    1.943,
    1.895,
    1.860,
    1.833,
)  # Student, one-sided .95, by degrees of freedom
Z_95 = 1.645
DECADES = (40, 50, 60, 70, 80)  # the last one is open
LABELS = ("no", "yes")

Array = NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sources:
    """Range (low, high) of the probability by each source alone.

    `members`: where another network trained alike would put it; `missing`: what the missing values could make of it;
    `rounding`: what the 8-bit weights may have moved (99 of 100 people).
    """

    members: Range
    missing: Range
    rounding: Range


@dataclass(frozen=True, slots=True)
class Spread:
    """Logits of the headline (4,) and one-sided reaches (2, 4) by source, down and up."""

    centre: Array
    members: Array
    missing: Array
    rounding: Array

    def combined(self) -> Array:
        """Reach (2, 4) of the shown interval."""
        result: Array = np.sqrt(self.members**2 + self.missing**2 + self.rounding**2)
        return result


@dataclass(frozen=True, slots=True)
class Knots:
    """Venn-Abers: lower and upper calibrated probability at evenly spaced logits."""

    low: float
    high: float
    lower: Array
    upper: Array

    def at(self, probability: float) -> Range:
        """Both bounds at a probability, the nearest knot's beyond the ends."""
        grid = np.linspace(self.low, self.high, len(self.lower))
        place = logit(np.array(probability))
        lower, upper = (float(np.interp(place, grid, bound)) for bound in (self.lower, self.upper))
        return min(lower, upper), max(lower, upper)


@dataclass(frozen=True, slots=True)
class Limits:
    """Split conformal, by label: tables (2, 5) of sex (women, men) by decade of age (40-49 .. 80 and over).

    Of people who have it, LEVEL lie at or above `yes`; of people who have it not, LEVEL lie at or below `no`.
    """

    no: Array
    yes: Array

    def labels(self, probability: float, male: bool, age: float) -> tuple[str, ...]:
        """Answers that are not ruled out: `no` alone, `yes` alone, or both, when the estimate tells neither.

        Notes
        -----
        A probability above `no` and below `yes` is unusual under both answers; it tells neither.
        """
        decade = int(np.clip(np.searchsorted(DECADES, age, side="right") - 1, 0, len(DECADES) - 1))
        kept = (probability <= self.no[int(male), decade], probability >= self.yes[int(male), decade])
        return tuple(label for label, is_kept in zip(LABELS, kept, strict=True) if is_kept) or LABELS


@dataclass(frozen=True)
class Tables:
    """What a bundle stores about its own errors; an outcome without an entry has no such table.

    `noise`: p99 of |dp| by outcome and band of probability between `edges`.
    """

    conformal: Mapping[str, Limits] = field(default_factory=dict)
    venn_abers: Mapping[str, Knots] = field(default_factory=dict)
    edges: Array = field(default_factory=lambda: np.zeros(0))
    noise: Mapping[str, Array] = field(default_factory=dict)

    def rounding(self, chances: Array) -> Array:
        """Noise (4,) of the probabilities of OUTCOMES; 0 where the bundle states none."""
        band = np.searchsorted(self.edges, chances, side="right")
        return np.array(
            [self.noise[name][band[n]] if name in self.noise else 0.0 for n, name in enumerate(OUTCOMES)]
        )


def read_tables(metadata: Mapping[str, Any]) -> Tables:
    """The tables of a bundle's metadata; BundleError when one is not understood."""
    try:
        noise = metadata.get("noise") or {}
        return Tables(
            conformal={
                name: Limits(*(_shaped(entry[label], (2, len(DECADES))) for label in LABELS))
                for name, entry in _by_outcome(metadata.get("conformal"))
            },
            venn_abers={name: _knots(entry) for name, entry in _by_outcome(metadata.get("venn_abers"))},
            edges=np.array(noise.get("edges", []), float),
            noise={name: _shaped(entry, (len(noise["edges"]) + 1,)) for name, entry in _by_outcome(noise)},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError("bundle_not_understood", path="metadata.yaml", reason=repr(error)) from error


def _by_outcome(table: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    return [(name, entry) for name, entry in (table or {}).items() if name in OUTCOMES]


def _shaped(numbers: Any, shape: tuple[int, ...]) -> Array:
    table = np.array(numbers, float)
    if table.shape != shape or not np.isfinite(table).all():
        raise ValueError(f"a table of shape {table.shape}, not {shape}")
    return table


def _knots(entry: Mapping[str, Any]) -> Knots:
    """The bounds are written as whole numbers in ten-thousandths, one string a bound (quick to read)."""
    lower, upper = (np.array(str(entry[name]).split(), float) / 1e4 for name in ("lower", "upper"))
    if len(lower) != len(upper) or len(lower) < 2:
        raise ValueError(f"{len(lower)} and {len(upper)} knots")
    return Knots(float(entry["low_logit"]), float(entry["high_logit"]), lower, upper)


def spread(headline: Array, completed: Array, noise: Array) -> Spread:
    """Reaches of the sources from probabilities: headline (4,), m completions by k members (m, k, 4), noise (4,).

    Notes
    -----
    Members: prediction interval of one more of k, Student with k - 1 degrees of freedom; their spread is taken at the
    completions, where all they know speaks, so it does not vanish with the values they would disagree on. Missing
    values: from the j-th lowest to the j-th highest of the m completions, which holds one more of them with
    probability 1 - 2 j / (m + 1).
    """
    centre = logit(headline)
    apart = _another_member(logit(completed))
    return Spread(
        centre,
        np.stack([apart, apart]),
        _reach(centre, *_another_completion(logit(completed.mean(axis=1)))),
        _rounding(headline, noise),
    )


def _another_member(logits: Array) -> Array:
    count = logits.shape[1]
    if count < 2:
        return np.zeros(logits.shape[2])
    student = T_95[count - 2] if count - 2 < len(T_95) else Z_95
    variance = logits.var(axis=1, ddof=1).mean(axis=0)
    wide: Array = student * np.sqrt((1 + 1 / count) * variance)
    return wide


def _rounding(headline: Array, noise: Array) -> Array:
    """Reach of p - noise and p + noise where both are probabilities; nearer to 0 and 1 it bends and stays inside."""
    rest = 1 - headline
    low, high = headline / (1 + noise / headline), rest / (1 + noise / rest)
    return np.stack([logit(headline) - logit(low), logit(rest) - logit(high)])


def _another_completion(logits: Array) -> tuple[Array, Array]:
    ordered = np.sort(logits, axis=0)
    outer = max(1, int((1 - LEVEL) / 2 * (len(logits) + 1)))
    return ordered[outer - 1], ordered[-outer]


def _reach(centre: Array, low: Array, high: Array) -> Array:
    return np.maximum(np.stack([centre - low, high - centre]), 0.0)


def ranges(centre: Array, reach: Array, headline: Array) -> list[Range]:
    """(low, high) probability of each outcome; the headline always lies inside."""
    low = np.maximum(np.minimum(sigmoid(centre - reach[0]), headline), MARGIN)
    high = np.minimum(np.maximum(sigmoid(centre + reach[1]), headline), 1 - MARGIN)
    return list(zip(low.tolist(), high.tolist(), strict=True))
