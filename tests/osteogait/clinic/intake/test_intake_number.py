"""One number parser: what it takes it takes exactly, all else it refuses by name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.clinic.intake.number import read_comparator, read_number, read_typed, split_comparator
from osteogait.clinic.intake.reason import RowRefused


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.62", "0.62"),
        (" -2.6 ", "-2.6"),
        ("１２．５", "12.5"),
        ("−2.6", "-2.6"),
        (".5", "0.5"),
        ("1e-3", "0.001"),
        ("+7", "7"),
    ],
)
def test_numbers_as_people_write_them(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1e-999",
        "1_0",
        "0x10",
        "1,200",
        "0,62",
        "1.2.3",
        "<5",
        "=1+1",
        "true",
        "五",
        "٣",
        "1 2",
        "9" * 60,
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_number(text)
    assert refused.value.said.reason == "not-a-number"


def test_a_decimal_comma_is_named() -> None:
    with pytest.raises(RowRefused) as refused:
        read_number("0,62")
    assert "decimal comma" in refused.value.said.message("en")


@given(st.text(max_size=50))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        number = read_number(text)
    except RowRefused:
        return
    assert number.is_finite()
    assert bool(float(number)) == bool(number)


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=6))
def test_a_written_decimal_is_read_exactly(number: Decimal) -> None:
    assert read_number(f"{number:f}") == number


@pytest.mark.parametrize(("text", "sign"), [("<", "<"), (" ≤ ", "<="), ("＞", ">"), ("=", ""), ("", "")])
def test_comparators(text: str, sign: str) -> None:
    assert read_comparator(text) == sign


def test_other_comparators_are_refused() -> None:
    with pytest.raises(RowRefused):
        read_comparator("~")


def test_a_comparator_in_the_text_of_a_value() -> None:
    assert split_comparator("<0.05") == ("<", "0.05")
    assert split_comparator("≥ 120") == (">=", "120")
    assert split_comparator("5") == ("", "5")


@given(st.text(alphabet="0123456789.,+-eE \u2212\uff17\u00b2", max_size=20))
def test_what_a_form_takes_the_doors_take_alike(text: str) -> None:
    try:
        typed = read_typed(text)
    except RowRefused:
        return
    assert read_number(text) == typed
