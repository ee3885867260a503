"""Cells that a spreadsheet cannot run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.report.exports.cells import NUMBER, STARTS, safe, table


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "=HYPERLINK(\"http://x\",\"y\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1",
        " =1", "\u3000=1", "\n=1", "-", "+", "=", "-1.2.3", "+1e", "--1", "- 1", "-１",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.9", "+3", "-.5", "1e-3", "-2E+5", "0", " -1 "])
def test_numbers_stay_numbers(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(None, ""), (True, "true"), (-2.1, "-2.1"), (3, "3"), ("骨密度", "骨密度"), ("a=b", "a=b"), ("", "")],
)
def test_other_cells(cell: str | float | None, shown: str) -> None:
    assert safe(cell) == shown


CELLS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.text())


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_no_text_comes_back_as_a_formula_and_none_is_lost(rows: list[list[str | float | None]]) -> None:
    content = table(("a", "b"), rows).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(content, newline="")))[1:]
    assert len(back) == len(rows)
    for read, row in zip(back, rows, strict=True):
        for cell, held in zip(read, row, strict=True):
            bare = cell.lstrip(" \n\u3000")
            assert not bare.startswith(STARTS) or NUMBER.fullmatch(cell.strip())
            if isinstance(held, str):
                assert cell in (held.replace("\x00", ""), "'" + held.replace("\x00", ""))
            elif held is not None:
                assert float(cell) == held


def test_excel_sees_utf8() -> None:
    content = table(("名称",), [["骨密度"]])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == "名称\r\n骨密度\r\n"
