"""What tables of the world hold: other spellings of a code, ragged rows, doubled columns, maps that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteofusion.schema import load_schema
from osteogait.clinic.columns import read_map
from osteogait.clinic.table import check_columns, check_map, opened_table, read_rows
from osteogait.errors import CaseError

BASE = "age: {column: age}\nsex: {constant: female}\n"


def _read(tmp_path: Path, columns: str, table: str | bytes):
    (tmp_path / "m.yaml").write_text(columns, encoding="utf-8")
    (tmp_path / "t.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    found = read_map(str(tmp_path / "m.yaml"), load_schema())
    check_map(found, load_schema())
    with opened_table(tmp_path / "t.csv") as read:
        check_columns(read, found)
        return list(read_rows(read, found, load_schema()))


def _cells(tmp_path: Path, rule: str, *cells: str) -> list[float | str | None]:
    """Value, or the refusal, of `cells` of the column `f` under `rule` of prior_fracture."""
    table = "age,f\n" + "".join(f"70,{cell}\n" for cell in cells)
    rows = _read(tmp_path, f"{BASE}prior_fracture: {rule}\n", table)
    return [row.refused or row.values.get("prior_fracture") for row in rows]


@pytest.mark.parametrize(
    "table",
    [
        "age,f\r\n70,1\r\n",
        b"\xef\xbb\xbfage,f\n70,1\n",
        "age,f\n\n70,1\n\n",
        "age,f\n70,1\n   \n",
        '"age","f"\n"70","1"\n',
        'age, "f"\n70, "1"\n',
        " age ,f\n 70 , 1 \n",
        "age,f,\n70,1,\n",
        "x,f,age,x\na,1.0,70.0,b\n",
        "age,f\n7.0e1,1\n",
    ],
)
def test_the_same_table_in_other_spellings(tmp_path: Path, table: str | bytes) -> None:
    (row,) = _read(tmp_path, BASE + "prior_fracture: {column: f}\n", table)
    assert row.refused is None
    assert row.values == {"age": 70.0, "sex": 0.0, "prior_fracture": 1.0}


@pytest.mark.parametrize(
    "keys", ["1: true, 2: false", "1.0: true, 2.0: false", "'1': yes, '02': no", "1: 1, 2: 0"]
)
def test_codes_are_compared_as_numbers(tmp_path: Path, keys: str) -> None:
    rule = f"{{column: f, values: {{{keys}}}}}"
    assert _cells(tmp_path, rule, "1", "2", "1.0", "2.00", "", "NA") == [1.0, 0.0, 1.0, 0.0, None, None]
    assert "is not one of" in str(_cells(tmp_path, rule, "3")[0])


def test_words_as_codes_and_missing_made_an_answer(tmp_path: Path) -> None:
    rule = "{column: f, values: {Yes: true, No: false, '': false, NA: }}"
    assert _cells(tmp_path, rule, "Yes", "No", "", "NA") == [1.0, 0.0, 0.0, None]
    assert "yes is not one of Yes, No" in str(_cells(tmp_path, rule, "yes")[0])


def test_at_least_holds_its_border_and_takes_zero(tmp_path: Path) -> None:
    assert _cells(tmp_path, "{column: f, at_least: 3}", "2.9", "3", "3.0", "4", "") == [
        0.0,
        1.0,
        1.0,
        1.0,
        None,
    ]
    assert _cells(tmp_path, "{column: f, at_least: 0}", "-1", "0") == [0.0, 1.0]


def test_sex_as_words_needs_no_values_and_a_number_is_not_guessed(tmp_path: Path) -> None:
    columns = "age: {column: age}\nsex: {column: s}\n"
    female, male, one, none = _read(tmp_path, columns, "age,s\n70,female\n70,male\n70,1\n70,\n")
    assert (female.values["sex"], male.values["sex"]) == (0.0, 1.0)
    assert "sex: 1 is not one of female, male" in str(one.refused)
    assert "sex is missing" in str(none.refused)


def test_half_an_allele_is_refused(tmp_path: Path) -> None:
    good, bad = _read(tmp_path, BASE + "rs4355801: {column: g}\n", "age,g\n70,2.0\n70,1.5\n")
    assert good.values["rs4355801"] == 2.0
    assert "effect alleles" in str(bad.refused)


@pytest.mark.parametrize("cell", ["NaN", "inf", "-inf", "1e400", "abc", "0x48", "7_2", "72;5", "\u0967", "."])
def test_what_is_no_number_refuses_its_row(tmp_path: Path, cell: str) -> None:
    bad, good = _read(tmp_path, BASE, f"age,f\n{cell},\n70,\n")
    assert cell in str(bad.refused)
    assert good.refused is None


def test_rows_are_called_by_their_line_in_the_file(tmp_path: Path) -> None:
    table = 'age,f\n\n70,"two\nlines"\n\n71,x,y\n'
    first, second = _read(tmp_path, BASE, table)
    assert first.identifier == "4"
    assert second.identifier == "6"
    assert second.refused == "Line 6 has 3 cells, the header has 2."


def test_a_doubled_column_matters_only_when_it_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, BASE, "age,,\n70,,\n")[0].refused is None
    with pytest.raises(CaseError, match="column age stands twice"):
        _read(tmp_path, BASE, "age,age\n70,71\n")


@pytest.mark.parametrize("table", ["age;f\n70;1\n", "age\tf\n70\t1\n"])
def test_another_separator_is_named(tmp_path: Path, table: str) -> None:
    with pytest.raises(CaseError, match="not separated by commas"):
        _read(tmp_path, BASE, table)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("prior_fracture: {any: []}", "map_empty"),
        ("prior_fracture: {any: f}", "map_columns"),
        ("prior_fracture: {column: ''}", "map_columns"),
        ("prior_fracture: {column: }", "map_empty"),
        ("prior_fracture: {column: f, values: [1]}", "not_a_mapping"),
        ("prior_fracture: {column: f, values: 3}", "not_a_mapping"),
        ("prior_fracture: {column: f, values: {1: maybe}}", "not_yes_no"),
        ("prior_fracture: {column: f, scale: 2}", "map_scale"),
        ("prior_fracture: {column: f, unit: '1'}", "unit_not_expected"),
        ("ctx: {column: f, at_least: 1}", "map_at_least"),
        ("ctx: {column: f, scale: 0}", "map_scale"),
        ("ctx: {column: f, scale: .nan}", "not_finite_value"),
        ("ctx: {column: f, scale: '2'}", "not_a_number"),
        ("ctx: {constant: }", "map_empty"),
        ("ctx: {constant: 99}", "outside_hard_range"),
        ("ctx: {constant: true}", "not_a_number"),
        (f"ctx: {{constant: 1{'0' * 400}}}", "not_finite_value"),
        ("ctx: {column: f, scanner_generation: 1}", "scanner_not_expected"),
        ("tb_sp: {column: f, scanner_generation: true}", "scanner_generation"),
        ("tb_sp: {column: f, scanner_generation: 3}", "scanner_generation"),
        ("id: {column: died}", "map_outcome"),
        ("id: {column: [f]}", "map_columns"),
    ],
)
def test_a_map_that_can_never_be_right_is_refused_before_any_row(
    tmp_path: Path, line: str, code: str
) -> None:
    with pytest.raises(CaseError) as refused:
        _read(tmp_path, f"{BASE}{line}\n", "age,f\n70,1\n")
    assert refused.value.code == code
    assert refused.value.message("zh")


def test_a_micro_sign_in_a_map(tmp_path: Path) -> None:
    (row,) = _read(tmp_path, BASE + "creatinine: {column: f, unit: \u00b5mol/L}\n", "age,f\n70,80\n")
    assert row.values["creatinine"] == 80.0
