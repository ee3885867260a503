"""Published scores against their vectors, and on the real rows against the figures measured there."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion.lab import comparators
from osteofusion.lab.comparators import Surrogate
from osteofusion.lab.metrics import auc


def one(value: float) -> NDArray[np.float64]:
    return np.array([value])


@pytest.mark.parametrize(
    ("age", "weight", "wanted"),
    [(60, 65, 1), (70, 58, -2), (75, 45, -6), (60, 60, 0), (64, 60, 0), (50, 90, 8)],
)
def test_ost_truncates_toward_zero(age: float, weight: float, wanted: int) -> None:
    assert comparators.ost(one(age), one(weight))[0] == wanted


@pytest.mark.parametrize(
    ("age", "weight", "oestrogen", "wanted"),
    [
        (50, 75, 1.0, 0),
        (50, 75, 0.0, 2),
        (55, 69.9, 1.0, 8),
        (64, 59.9, 1.0, 14),
        (65, 70, 0.0, 11),
        (75, 60, 0.0, 20),
        (80, 50, 0.0, 26),
    ],
)
def test_orai_points(age: float, weight: float, oestrogen: float, wanted: float) -> None:
    assert comparators.orai(one(age), one(weight), one(oestrogen))[0] == wanted


def test_orai_without_the_oestrogen_answer_leaves_its_term_out() -> None:
    assert comparators.orai(one(70), one(55))[0] == 18


def test_score_points() -> None:
    # 72 y, 120 lb, not Black, never oestrogen, no RA, two fractures: 5 + 8 + 21 + 1 - 12
    pounds = 120 * comparators.POUND
    assert comparators.score(one(72), one(pounds), 0.0, one(0), one(2), 0.0)[0] == 23
    # Black, RA, five fractures count as three, oestrogen taken: 0 + 4 + 12 + 21 - 12
    assert comparators.score(one(72), one(pounds), 1.0, one(1), one(5), 1.0)[0] == 25


@pytest.mark.parametrize(
    ("age", "weight", "copd", "wanted"), [(55, 90, 0, 0), (56, 80, 0, 7), (74, 70, 1, 12), (75, 80.1, 0, 4)]
)
def test_mores_points(age: float, weight: float, copd: float, wanted: float) -> None:
    assert comparators.mores(one(age), one(weight), one(copd))[0] == wanted


def test_a_missing_weight_gives_no_score() -> None:
    gap = one(np.nan)
    assert np.isnan(comparators.ost(one(70), gap)[0])
    assert np.isnan(comparators.orai(one(70), gap)[0])
    assert np.isnan(comparators.mores(one(70), gap, one(0))[0])


def test_the_rule_takes_the_lowest_known_site_and_says_nothing_without_one() -> None:
    t = np.array([[-2.5, 0, np.nan], [-2.4, -2.4, -2.4], [np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(comparators.who_rule(t), [1, 0, np.nan])


def test_tools_of_a_sex() -> None:
    people = {name: np.array([60.0, 80.0]) for name in ("age", "weight")}
    people |= {"copd": np.zeros(2), "rheumatoid_arthritis": np.zeros(2)}
    assert [tool.name for tool in comparators.tools_for(people, male=True)] == ["OST", "MORES"]
    women = comparators.tools_for(people, male=False)
    assert [tool.name for tool in women][:2] == ["OST", "OSTA"]
    assert women[-1].name == "SCORE (reduced)"
    people |= {name: np.zeros(2) for name in ("black", "hormone_ever", "late_fractures")}
    assert comparators.tools_for(people, male=False)[-1].name == "SCORE"


@pytest.mark.realdata
def test_surrogate_reproduces_its_vectors(shared: Path) -> None:
    surrogate = Surrogate.read(shared / "evidence" / "frax_surrogate.json")
    assert len(surrogate.vectors) >= 5
    for vector in surrogate.vectors:
        people = {name: one(value) for name, value in vector.items() if not name.endswith("_pct")}
        for outcome in ("hip", "mof"):
            found = 100 * surrogate.probability(outcome, people)[0]
            assert found == pytest.approx(vector[f"{outcome}_pct"], abs=6e-4)


@pytest.fixture(scope="module")
def survey(shared: Path) -> dict[str, NDArray[np.float64]]:
    with (shared / "data" / "cohort" / "nhanes_bmd_2005_2010.csv").open(encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    names = ("age", "weight_kg", "t_fn", "osteoporosis_who", "copd_bronchitis")
    columns = {name: np.array([float(r[name]) if r[name] else np.nan for r in records]) for name in names}
    return columns | {"male": np.array([float(r["sex"] == "M") for r in records])}


@pytest.mark.realdata
@pytest.mark.parametrize(("male", "wanted"), [(0.0, 0.793), (1.0, 0.784)])
def test_ost_on_the_open_rows(survey: dict[str, NDArray[np.float64]], male: float, wanted: float) -> None:
    rows = (survey["age"] >= 50) & (survey["male"] == male) & ~np.isnan(survey["weight_kg"])
    steps = 0.2 * (survey["age"] - survey["weight_kg"])[rows]
    assert auc(steps, survey["osteoporosis_who"][rows]) == pytest.approx(wanted, abs=0.004)


@pytest.mark.realdata
def test_orai_cut_off_on_the_open_rows(survey: dict[str, NDArray[np.float64]]) -> None:
    rows = (survey["age"] >= 50) & (survey["male"] == 0) & ~np.isnan(survey["weight_kg"])
    age, weight = survey["age"][rows], survey["weight_kg"][rows]
    refer = comparators.orai(age, weight, np.zeros(len(age))) >= 9
    thin = survey["t_fn"][rows] <= -2.5
    # measured with nobody on oestrogen: two points for each woman
    assert refer[thin].mean() == pytest.approx(0.971, abs=0.001)
    assert (~refer[~thin]).mean() == pytest.approx(0.380, abs=0.001)
