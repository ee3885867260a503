"""The geometry of the pictures."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

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
