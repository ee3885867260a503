"""Published reference values, each with source, number of people or studies and population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gaitsignal.yaml_text import parse

DIGITS = 9  # a sum of two published decimals, without binary noise


@dataclass(frozen=True, slots=True)
class Band:
    """A range with its middle; `kind` is `percentile` (5th, 50th, 95th), `sd` (mean -+ one) or `ci` (95 %, of the mean,
    NOT of people).
    """

    kind: str
    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Norm:
    """One published row: ages in whole years, both ends included; sex None when both; population zh and en.

    mean_ci95            95 % interval of the mean, no range of people
    worse_than_average   beyond it the source calls a value worse than average
    p5_p95               range of nine people in ten
    beside_value         whether a report prints it beside a person's value
    """

    measure: str
    unit: str
    method: str
    ages: tuple[int, int]
    population: Mapping[str, str]
    source: str
    sex: str | None = None
    n: int | None = None
    studies: int | None = None
    mean: float | None = None
    sd: float | None = None
    mean_ci95: tuple[float, float] | None = None
    worse_than_average: float | None = None
    median: float | None = None
    p5_p95: tuple[float, float] | None = None
    remark: str | None = None
    beside_value: bool = False

    @property
    def band(self) -> Band | None:
        """The range that this row gives; None when it gives only a middle or an end."""
        if self.p5_p95 is not None and self.median is not None:
            return Band("percentile", self.p5_p95[0], self.median, self.p5_p95[1])
        if self.mean is None:
            return None
        if self.sd is not None:
            low, high = (round(self.mean + side * self.sd, DIGITS) for side in (-1, 1))
            return Band("sd", low, self.mean, high)
        return None if self.mean_ci95 is None else Band("ci", self.mean_ci95[0], self.mean, self.mean_ci95[1])


def norms_for(measure: str, method: str, age: float, sex: str | None = None) -> tuple[Norm, ...]:
    """The rows for a person of `age` years; none when nobody published one for this measure, method and age.

    A value got by another method (a speed or a time from the sensor) has no norm of its own: it differs by more than
    people do. Whoever prints one of these beside it says so.
    """
    return tuple(
        norm
        for norm in norms()
        if (norm.measure, norm.method) == (measure, method)
        and norm.ages[0] <= int(age) <= norm.ages[1]
        and norm.sex in (None, sex)
    )


def norm_beside(measure: str, method: str, age: float, sex: str | None = None) -> Norm | None:
    """The one row to print beside a person's value; None when nothing fits."""
    return next((norm for norm in norms_for(measure, method, age, sex) if norm.beside_value), None)


@cache
def norms() -> tuple[Norm, ...]:
    """Every row of norms.yaml."""
    text = files("gaitsignal").joinpath("norms.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = parse(text)
    pairs = ("ages", "mean_ci95", "p5_p95")
    return tuple(Norm(**(row | {key: tuple(row[key]) for key in pairs if key in row})) for row in rows)
