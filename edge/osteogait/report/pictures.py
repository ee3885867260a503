"""The geometry of the pictures: coordinates only; templates/pictures.html.j2 draws them.

Every picture is WIDTH units wide. Nothing is told by colour alone: solid against hollow, solid against
striped, band against tick against diamond.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH = 200.0
FIGURES = 100
FIGURES_A_ROW = 10
CELL = 10.0
STRIPE = 5.0

T_AXIS = (-4.0, 2.0)
T_OSTEOPOROSIS = -2.5  # WHO 1994
T_NORMAL = -1.0  # WHO 1994
AXIS_ENDS = (5, 10, 20, 30, 50, 75, 100)  # percent


@dataclass(frozen=True, slots=True)
class Figure:
    """One of a hundred people at `x`, `y`: `full`, `half` or `hollow`."""

    x: float
    y: float
    fill: str


@dataclass(frozen=True, slots=True)
class IntervalPicture:
    """A probability and its interval on the axis of the page; `ticks` are the axis itself."""

    low: float
    mid: float
    high: float
    ticks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a group moved an estimate: from `x`, `width` long; striped (at `stripes`) when it lowers it."""

    value: str
    x: float
    width: float
    stripes: tuple[float, ...]
    given: bool
    raises: bool


@dataclass(frozen=True, slots=True)
class TRow:
    """One site on the T-score axis."""

    name: str
    value: str
    x: float


@dataclass(frozen=True, slots=True)
class TPicture:
    """T-scores on one axis with the two borders of the WHO classes."""

    rows: tuple[TRow, ...]
    osteoporosis_x: float
    normal_x: float
    ticks: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class BandPicture:
    """A value against a published band (`band_x`, `band_width`, `mid`) and cut-offs."""

    value: float
    band_x: float | None
    band_width: float
    mid: float | None
    cutoffs: tuple[float, ...]


def hundred_people(filled: Decimal) -> tuple[Figure, ...]:
    """A hundred figures in rows of ten, the first `filled` of them full (a half at the end is half full)."""
    figures = []
    for number in range(FIGURES):
        row, column = divmod(number, FIGURES_A_ROW)
        rest = filled - number
        fill = "full" if rest >= 1 else "half" if rest > 0 else "hollow"
        figures.append(Figure(column * CELL, row * CELL, fill))
    return tuple(figures)


def axis_for(highest: float) -> tuple[int, ...]:
    """Ticks in percent of the shortest axis that holds the probability `highest`."""
    end = next((end for end in AXIS_ENDS if highest * 100 <= end), AXIS_ENDS[-1])
    steps = 3 if end in (30, 75) else 5 if end == 5 else 4 if end == 20 else 5
    return tuple(round(end * step / steps) for step in range(steps + 1))


def interval_picture(
    probability: float, interval: tuple[float, float], axis: Sequence[int]
) -> IntervalPicture:
    """The probability and its interval on an axis in percent."""
    end = axis[-1]

    def place(share: float) -> float:
        return _place(share * 100, 0.0, end)

    low, high = interval
    return IntervalPicture(
        place(low), place(probability), place(high), tuple(_place(t, 0.0, end) for t in axis)
    )


def bar(value: str, logit: float, scale: float, *, given: bool) -> Bar:
    """A bar from the middle, `scale` being the log-odds at the edge."""
    middle = WIDTH / 2
    length = 0.0 if scale == 0 else abs(logit) / scale * middle
    x = middle if logit >= 0 else middle - length
    count = 0 if logit >= 0 else math.floor(length / STRIPE)
    stripes = tuple(x + STRIPE * (number + 0.5) for number in range(count))
    return Bar(value, x, length, stripes, given, logit >= 0)


def t_picture(scores: Mapping[str, tuple[float, str]]) -> TPicture:
    """T-scores by site name; each with its printed text. The axis grows where a score lies outside it."""
    low = min(T_AXIS[0], *(math.floor(score) for score, _ in scores.values()))
    high = max(T_AXIS[1], *(math.ceil(score) for score, _ in scores.values()))
    rows = tuple(TRow(name, text, _place(score, low, high)) for name, (score, text) in scores.items())
    ticks = tuple((_place(tick, low, high), tick) for tick in range(math.ceil(low), math.floor(high) + 1))
    return TPicture(rows, _place(T_OSTEOPOROSIS, low, high), _place(T_NORMAL, low, high), ticks)


def band_picture(
    value: float,
    axis: tuple[float, float],
    band: tuple[float, float, float] | None,
    cutoffs: Sequence[float],
) -> BandPicture:
    """`value` with `band` (low, mid, high) and cut-offs on `axis`, which grows to hold the value."""
    low, high = min(axis[0], value), max(axis[1], value)

    def place(number: float) -> float:
        return _place(number, low, high)

    lines = tuple(place(cutoff) for cutoff in cutoffs)
    if band is None:
        return BandPicture(place(value), None, 0.0, None, lines)
    start, mid, end = (place(number) for number in band)
    return BandPicture(place(value), start, end - start, mid, lines)


def _place(number: float, low: float, high: float) -> float:
    return round((number - low) / (high - low) * WIDTH, 2)
