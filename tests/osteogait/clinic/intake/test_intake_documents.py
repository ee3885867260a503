"""The data dictionary names every column, code, variable, unit and reason, and says each reason as the app does."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from osteogait.clinic.intake.genotype_value import panel
from osteogait.clinic.intake.reason import IGNORED, REFUSED, WARNED, Said
from osteogait.clinic.intake.sheet import SHEETS
from osteogait.clinic.intake.variable import tables, variables
from osteogait.words import _table, codes, sentence


@pytest.fixture(scope="module")
def page(repo: Path) -> str:
    return (repo / "docs" / "intake.md").read_text(encoding="utf-8")


def test_headers(page: str) -> None:
    for sheet in SHEETS:
        assert f"`{', '.join(sheet.header)}`" in page


def test_codes_variables_and_units(page: str) -> None:
    for code in [
        *tables()["laboratory"],
        *tables()["dxa"],
        *(f"L:{name}" for name in tables()["local"]),
        *panel(),
    ]:
        assert code in page
    for block in tables()["laboratory"].values():
        variable = variables()[block["variable"]]
        assert f"`{variable.id}`" in page
        for unit, factor in variable.units.items():
            assert unit == variable.unit or f"{unit} x {factor.normalize():f}" in page


@pytest.mark.parametrize("reason", sorted({*REFUSED, *WARNED}))
def test_reasons_are_said_as_the_app_says_them(page: str, reason: str) -> None:
    code = Said(reason).code
    assert f"| `{reason}`" in page
    if code in codes():
        for lang in ("en", "zh"):
            assert sentence(code, lang, {name: f"{{{name}}}" for name in _names(code)}) in page


def _names(code: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(_table()[code]["en"]) if name]


def test_what_is_counted(page: str) -> None:
    assert all(f"| `{kind}` |" in page for kind in IGNORED)
