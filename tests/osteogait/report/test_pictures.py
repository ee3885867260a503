"""The geometry of the pictures, and the published values behind the bands."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from osteofusion.schema import load_schema
from osteogait.report.norms import features_with_norms, norm_for
from osteogait.report.pictures import (
    WIDTH,
    axis_for,
    band_picture,
    bar,
    hundred_people,
    interval_picture,
    t_picture,
)


@pytest.mark.parametrize(
    ("filled", "full", "half"), [("0", 0, 0), ("2.5", 2, 1), ("12", 12, 0), ("99.5", 99, 1)]
)
def test_a_hundred_people_of_whom_some_are_filled(filled: str, full: int, half: int) -> None:
    figures = hundred_people(Decimal(filled))
    fills = [figure.fill for figure in figures]
    assert len({(figure.x, figure.y) for figure in figures}) == 100
    assert (fills.count("full"), fills.count("half")) == (full, half)
    assert fills == sorted(fills, key=["full", "half", "hollow"].index)  # filled ones stand together, first


@pytest.mark.parametrize(
    ("highest", "end"), [(0.01, 5), (0.05, 5), (0.051, 10), (0.36, 50), (0.9, 100), (1.0, 100)]
)
def test_the_axis_holds_every_outcome(highest: float, end: int) -> None:
    axis = axis_for(highest)
    steps = {b - a for a, b in pairwise(axis)}
    assert (axis[0], axis[-1]) == (0, end)
    assert len(steps) == 1


def test_an_interval_is_in_order_and_to_scale() -> None:
    picture = interval_picture(0.10, (0.05, 0.20), (0, 5, 10, 15, 20))
    assert (picture.low, picture.mid, picture.high) == (WIDTH / 4, WIDTH / 2, WIDTH)


def test_a_bar_shows_size_and_sign() -> None:
    up, down = bar("+1.00", 1.0, 2.0, given=True), bar("−2.00", -2.0, 2.0, given=True)
    assert (up.x, up.width, up.raises, up.stripes) == (WIDTH / 2, WIDTH / 4, True, ())
    assert (down.x, down.width, down.raises) == (0.0, WIDTH / 2, False)
    assert down.stripes  # not by colour alone
    assert all(down.x < stripe < down.x + down.width for stripe in down.stripes)
    assert bar("+0.00", 0.0, 0.0, given=True).width == 0


def test_t_scores_stay_on_the_axis() -> None:
    usual = t_picture({"neck": (-2.5, "−2.5"), "hip": (-1.0, "−1.0")})
    assert [row.x for row in usual.rows] == [usual.osteoporosis_x, usual.normal_x]
    low = t_picture({"neck": (-6.2, "−6.2")})
    assert 0 <= low.rows[0].x < low.osteoporosis_x < low.normal_x < WIDTH
    assert low.ticks[0] == (0.0, -7)


def test_a_band_and_a_value_outside_the_usual_axis() -> None:
    inside = band_picture(1.0, (0.0, 2.0), (0.5, 1.0, 1.5), [0.8])
    assert (inside.value, inside.band_x, inside.band_width, inside.mid) == (100, 50, 100, 100)
    assert inside.cutoffs == (80,)
    slow = band_picture(60.0, (0.0, 20.0), None, [12.0])
    assert (slow.value, slow.band_x, slow.cutoffs) == (WIDTH, None, (40.0,))


def test_every_norm_names_its_source_n_and_unit() -> None:
    for feature in features_with_norms():
        for sex in ("female", "male"):
            for age in (45, 55, 65, 75, 85):
                norm = norm_for(feature, sex=sex, age=age, lang="zh")
                if norm is None:
                    continue
                assert norm.unit == load_schema().by_id[feature].unit
                assert all(cutoff.source for cutoff in norm.cutoffs)
                if norm.band is not None:
                    assert norm.band.low < norm.band.mid < norm.band.high
                    assert norm.band.n > 0
                    assert norm.band.source
                    assert norm.band.population
                    assert norm.axis[0] <= norm.band.low < norm.band.high <= norm.axis[1]


def test_lumbar_sway_has_no_norm() -> None:
    assert not [feature for feature in features_with_norms() if "sway" in feature]


def test_norms_follow_sex_and_completed_years() -> None:
    def band(sex: str, age: float) -> tuple[float, float] | None:
        norm = norm_for("gait_speed", sex=sex, age=age, lang="en")
        return None if norm is None or norm.band is None else (norm.band.low, norm.band.high)

    assert band("female", 69.9) == band("female", 60) == (0.66, 1.38)
    assert band("female", 70) == (0.55, 1.24)
    assert band("male", 70) == (0.55, 1.27)
    assert band("female", 45) is None  # the cut-offs stay, a band there is not
    (cutoff,) = norm_for("grip_one_hand", sex="male", age=70, lang="en").cutoffs  # type: ignore[union-attr]
    assert (cutoff.limit, cutoff.met(27.9), cutoff.met(28.0)) == (28.0, True, False)


@pytest.mark.realdata
def test_the_gait_speed_percentiles_are_those_of_the_survey(shared: Path) -> None:
    import numpy
    import pandas

    table = pandas.read_csv(shared / "data/cohort/nhanes_function_btm_1999_2000_2003_2004.csv")
    table = table[table["gait_speed_m_s"].notna()]
    for sex in ("female", "male"):
        for first in (50, 60, 70, 80):
            band = norm_for("gait_speed", sex=sex, age=first, lang="en").band  # type: ignore[union-attr]
            rows = table[
                (table["sex"] == sex[0].upper()) & table["age"].between(band.first_age, band.last_age)
            ]
            rows = rows.sort_values("gait_speed_m_s")
            weight = rows["wt_mec"].to_numpy()
            share = (numpy.cumsum(weight) - weight / 2) / weight.sum()
            found = numpy.interp([0.05, 0.5, 0.95], share, rows["gait_speed_m_s"])
            assert len(rows) == band.n
            assert [band.low, band.mid, band.high] == pytest.approx(found, abs=0.0051)
