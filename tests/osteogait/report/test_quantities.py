"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from osteogait.report.language import load_language
from osteogait.report.quantities import (
    date_text,
    frequency,
    interval_text,
    percent_text,
    plain,
    score,
    signed,
    unit_text,
    with_unit,
)

EN, ZH = load_language("en"), load_language("zh")


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.0, "<0.5%"),
        (0.00249, "<0.5%"),
        (0.0025, "0.5%"),
        (0.0074, "0.5%"),
        (0.0076, "1%"),
        (0.0224, "2%"),
        (0.0225, "2.5%"),  # half up, not to the even neighbour
        (0.0974, "9.5%"),
        (0.0976, "10%"),
        (0.1049, "10%"),
        (0.105, "11%"),
        (0.2349, "23%"),
        (0.9949, "99%"),
        (0.995, ">99%"),
        (1.0, ">99%"),
    ],
)
def test_half_percents_below_ten_whole_ones_above(probability: float, text: str) -> None:
    assert percent_text(probability) == text


def test_rounding_never_turns_back() -> None:
    from osteogait.report.quantities import rounded_percent

    rounded = [rounded_percent(step / 10_000) for step in range(10_001)]
    assert rounded == sorted(rounded)
    assert all(abs(value - Decimal(step) / 100) <= Decimal("0.5") for step, value in enumerate(rounded))


@pytest.mark.parametrize(
    ("probability", "kind", "n", "m", "filled"),
    [
        (0.001, "none", 0, 0, "0"),
        (0.005, "few", 0, 1, "0.5"),
        (0.0241, "between", 2, 3, "2.5"),
        (0.03, "about", 3, 3, "3"),
        (0.1234, "about", 12, 12, "12"),
        (0.999, "all", 100, 100, "99.5"),
    ],
)
def test_people_of_a_hundred_agree_with_the_percent(
    probability: float, kind: str, n: int, m: int, filled: str
) -> None:
    found = frequency(probability)
    assert (found.kind, found.n, found.m, found.filled) == (kind, n, m, Decimal(filled))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((0.081, 0.176), "8–18%"),
        ((0.001, 0.03), "<0.5%–3%"),
        ((0.12, 0.121), "12%"),
        ((0.97, 1.0), "97–>99%"),
    ],
)
def test_intervals(interval: tuple[float, float], text: str) -> None:
    assert interval_text(interval, EN) == text


def test_an_entered_number_is_printed_as_it_was_entered_and_a_measured_one_with_few_digits() -> None:
    assert plain(-2.5, EN) == "−2.5"
    assert plain(47.42, EN) == "47.42"
    assert plain(72.0, EN) == "72"
    assert plain(0.00001, EN) == "0.00001"
    assert plain(47.424000000000003, EN, 4) == "47.42"
    assert plain(0.914237, EN, 3) == "0.914"
    assert plain(104.3829, EN, 3) == "104"
    assert plain(2140.4, EN, 3) == "2140"


def test_signs_and_units() -> None:
    assert (signed(0.471, EN), signed(-0.03, EN)) == ("+0.47", "−0.03")
    assert unit_text("m2/s5", EN) == "m²/s⁵"
    assert unit_text("ug/L", ZH) == "µg/L"
    assert with_unit("104", "steps/min", ZH) == "104 步/分"
    assert with_unit("−2.1", "{T-score}", EN) == "−2.1"


def test_scores_have_one_decimal_at_least() -> None:
    assert [score(value, EN) for value in (-2.0, -2.45, 0.3, 0)] == ["−2.0", "−2.45", "0.3", "0.0"]


def test_dates() -> None:
    assert date_text("2026-11-25T09:12:00+08:00", EN) == "25 November 2026"
    assert date_text("2026-01-05T23:59:00Z", ZH) == "2026 年 1 月 5 日"
    assert date_text(None, EN) == "date not stated"
