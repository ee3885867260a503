"""Published reference values, each with source, number of people and population."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gaitsignal.yaml_text import parse


@dataclass(frozen=True, slots=True)
class Norm:
    """One published row: ages in whole years, both ends included; sex None when both.

    mean_ci95            95 % interval of the mean, no range of people
    worse_than_average   beyond it the source calls a value worse than average
    p5_p95               range of nine people in ten
    """

    measure: str
    unit: str
    method: str
    ages: tuple[int, int]
    population: str
    source: str
    sex: str | None = None
    n: int | None = None
    mean: float | None = None
    sd: float | None = None
    mean_ci95: tuple[float, float] | None = None
    worse_than_average: float | None = None
    median: float | None = None
    p5_p95: tuple[float, float] | None = None
    remark: str | None = None


def norms_for(measure: str, method: str, age: float, sex: str | None = None) -> tuple[Norm, ...]:
    """The rows for a person of `age` years; none when nobody published one for this measure, method and age.

    A value got by another method (a speed or a time from the sensor) has no norm here: it differs by more than
    people do.
    """
    return tuple(
        norm
        for norm in norms()
        if (norm.measure, norm.method) == (measure, method)
        and norm.ages[0] <= int(age) <= norm.ages[1]
        and norm.sex in (None, sex)
    )


@cache
def norms() -> tuple[Norm, ...]:
    """Every row of norms.yaml."""
    text = files("gaitsignal").joinpath("norms.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = parse(text)
    pairs = ("ages", "mean_ci95", "p5_p95")
    return tuple(Norm(**(row | {key: tuple(row[key]) for key in pairs if key in row})) for row in rows)
