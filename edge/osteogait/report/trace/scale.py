"""From numbers to pixels: an axis with round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` lies at pixel `start`, `high` at pixel `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float) -> float:
        """The pixel of `number`."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, about: int) -> list[float]:
        """Round numbers inside the scale, at most `about` of them and at least two."""
        raw = (self.high - self.low) / max(about, 1)
        step = round_step(raw)
        while math.floor(self.high / step + 1e-9) <= math.ceil(self.low / step - 1e-9):
            step = round_step(0.39 * step)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def round_step(raw: float) -> float:
    """The first of 1, 2, 5 x 10^k that is not below `raw`."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(k * power for k in (1.0, 2.0, 5.0, 10.0) if k * power >= raw * (1 - 1e-9))


def tick_text(number: float, step: float) -> str:
    """A tick with the digits that its step needs; a true minus sign."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{number:.{digits}f}"
    return text.replace("-", "\u2212") if float(text) != 0 else f"{0:.{digits}f}"


def span_of(y: FloatArray, least: float) -> tuple[float, float]:
    """Smallest and largest of `y` with a margin, at least `least` apart; symmetric zeros where there is nothing."""
    seen = y[np.isfinite(y)]
    if seen.size == 0:
        return -least / 2, least / 2
    low, high = float(seen.min()), float(seen.max())
    missing = max(0.0, least - (high - low)) / 2
    margin = 0.06 * max(high - low, least)
    return low - missing - margin, high + missing + margin


def pieces(x: FloatArray, y: FloatArray, columns: int) -> list[list[tuple[float, float]]]:
    """Points of (n,) pixels `x`, `y` between NaN; where there are over two a pixel, the lowest and highest of each.

    `columns` is how many pixels the whole of `x` is wide.
    """
    finite = np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    per_column = max(1, x.size // max(1, columns))
    found = []
    for first, stop in edges.reshape(-1, 2):
        rows = _kept(y, int(first), int(stop), per_column)
        found.append([(float(x[row]), float(y[row])) for row in rows])
    return found


def _kept(y: FloatArray, first: int, stop: int, per_column: int) -> list[int]:
    if per_column < 3:
        return list(range(first, stop))
    rows: list[int] = []
    for start in range(first, stop, per_column):
        part = y[start : min(start + per_column, stop)]
        rows += sorted({start + int(part.argmin()), start + int(part.argmax())})
    return sorted({first, *rows, stop - 1})
