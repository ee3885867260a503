"""Column maps: every source of a feature, no outcome ever, refused rows alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteofusion.schema import load_schema
from osteogait.clinic.columns import OUTCOME_COLUMNS, read_map, ready_maps
from osteogait.clinic.table import Table, missing_columns, opened_table, read_rows
from osteogait.errors import CaseError

BASE = "id: {column: pid}\nage: {column: years}\nsex: {column: s, values: {F: female, M: male, X: }}\n"


def _map(tmp_path: Path, text: str):
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return read_map(str(path), load_schema())


def _rows(tmp_path: Path, text: str, header: str, *lines: str):
    rows = [(number, tuple(line.split(","))) for number, line in enumerate(lines, start=2)]
    table = Table(tuple(header.split(",")), rows)
    return list(read_rows(table, _map(tmp_path, text), load_schema()))


def test_every_kind_of_source(tmp_path: Path) -> None:
    text = BASE + (
        "ctx: {column: ctx, unit: pg/mL}\nprior_fracture: {any: [hip, wrist]}\n"
        "alcohol_3_units: {column: drinks, at_least: 3}\ngrip_one_hand: {column: grip, scale: 0.5}\n"
        "diabetes_type2: {constant: true}\nwalk_aid: {column: aid, values: {1: true, 2: false, 9: }}\n"
    )
    (row,) = _rows(tmp_path, text, "pid,years,s,ctx,hip,wrist,drinks,grip,aid", "a7,70,F,410,,1,2.9,60,9")
    assert row.identifier == "a7"
    assert row.values == {
        "age": 70.0,
        "sex": 0.0,
        "ctx": 0.41,
        "prior_fracture": 1.0,
        "alcohol_3_units": 0.0,
        "grip_one_hand": 30.0,
        "diabetes_type2": 1.0,
    }


def test_any_of_nothing_known_is_missing_and_of_a_no_is_no(tmp_path: Path) -> None:
    text = BASE + "prior_fracture: {any: [hip, wrist]}\n"
    unknown, no = _rows(tmp_path, text, "pid,years,s,hip,wrist", "1,70,F,,", "2,70,F,0,")
    assert "prior_fracture" not in unknown.values
    assert no.values["prior_fracture"] == 0.0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,abc,F,1", "age: abc is not a number"),
        ("1,170,F,1", "outside the possible range"),
        ("1,nan,F,1", "age: nan is not a number"),
        ("1,1e999,F,1", "not a finite number"),
        ("1,70,Q,1", "sex: Q is not one of F, M, X"),
        ("1,70,X,1", "sex is missing"),
        ("1,,F,1", "age is missing"),
        ("1,70,F", "Line 2 has 3 cells, the header has 4"),
        ("1,70,F,99", "ctx: 99 ng/mL is outside the possible range"),
    ],
)
def test_a_bad_value_refuses_its_row_only(tmp_path: Path, line: str, said: str) -> None:
    bad, good = _rows(tmp_path, BASE + "ctx: {column: ctx}\n", "pid,years,s,ctx", line, "2,71,M,0.4")
    assert bad.refused
    assert said in bad.refused
    assert good.refused is None
    assert good.values["age"] == 71


def test_soft_range_is_a_warning(tmp_path: Path) -> None:
    (row,) = _rows(tmp_path, BASE + "ctx: {column: ctx}\n", "pid,years,s,ctx", "1,70,F,2.5")
    assert row.warnings == ("outside_soft_range:ctx",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BASE + "hip: {column: a}\n", "map_feature"),
        (BASE + "ls_z: {column: a}\n", "map_feature"),
        (BASE + "ctx: {column: a, constant: 1}\n", "map_source"),
        (BASE + "ctx: {unit: ng/mL}\n", "map_source"),
        (BASE + "ctx: {column: a, unit: mol}\n", "unknown_unit"),
        (BASE + "ctx: {column: a, factor: 2}\n", "unknown_key"),
        (BASE + "ctx: {column: a, scale: true}\n", "not_a_number"),
        (BASE + "ctx: {any: [1, 2]}\n", "map_columns"),
        (BASE + "ctx: a\n", "not_a_mapping"),
        ("age: {column: a}\n", "map_required"),
        (BASE + "country: CN\n", "not_a_mapping"),
        (BASE + "country: {column: c, constant: CN}\n", "map_source"),
        (BASE + "country: {values: {1: CN}}\n", "map_source"),
        (BASE + "country: {constant: 86}\n", "not_text"),
        (BASE + "country: {column: 7}\n", "map_columns"),
        (BASE + "country: {column: c, unit: a}\n", "unknown_key"),
        ("id: pid\nage: {column: a}\nsex: {constant: female}\n", "map_id"),
    ],
)
def test_a_wrong_map_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(CaseError) as refused:
        _map(tmp_path, text)
    assert refused.value.code == code


def test_a_row_may_name_its_country(tmp_path: Path) -> None:
    text = BASE + "country: {column: land, values: {1: US, 2: CN, x: }}\n"
    lines = ("1,70,F,2", "2,70,F,1.0", "3,70,F,", "4,70,F,CN", "5,70,F,x")
    rows = _rows(tmp_path, text, "pid,years,s,land", *lines)
    assert [row.country for row in rows] == ["CN", "US", None, "CN", None]
    (row,) = _rows(tmp_path, text, "pid,years,s", "1,70,F")
    assert row.country is None


@pytest.mark.parametrize("column", [name.replace("*", "x") for name in OUTCOME_COLUMNS])
def test_no_map_reads_an_outcome(tmp_path: Path, column: str) -> None:
    with pytest.raises(CaseError) as refused:
        _map(tmp_path, BASE + f"falls_past_year: {{column: {column}}}\n")
    assert refused.value.code == "map_outcome"


def test_ready_maps_are_valid() -> None:
    assert "nhanes" in ready_maps()
    columns = read_map("nhanes", load_schema())
    assert columns.id_column == "seqn"
    assert {"t_fn", "t_th", "t_ls", "gait_speed_m_s"} <= set(columns.columns)


def test_table_files(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\ufeffpid,years,s\n1,70,F\n\n2,71,M\n", encoding="utf-8")
    with opened_table(path) as table:
        assert table.header == ("pid", "years", "s")
        assert missing_columns(table, _map(tmp_path, BASE + "ctx: {column: ctx}\n")) == ("ctx",)
        assert list(table.rows) == [(2, ("1", "70", "F")), (4, ("2", "71", "M"))]
    path.write_text("", encoding="utf-8")
    with pytest.raises(CaseError, match="is empty"), opened_table(path):
        pass


@pytest.mark.realdata
@pytest.mark.parametrize(
    "name",
    [
        "nhanes_bmd_2005_2010",
        "nhanes_function_btm_1999_2000_2003_2004",
        "nhanes_frax_vfa_2013_2014",
        "nhanes_balance_2021_2023",
    ],
)
def test_the_nhanes_map_reads_every_open_row(shared: Path, name: str) -> None:
    path = shared / "data" / "cohort" / f"{name}.csv"
    with opened_table(path) as table:
        rows = list(read_rows(table, read_map("nhanes", load_schema()), load_schema()))
    assert len(rows) == len(path.read_text(encoding="utf-8").splitlines()) - 1
    refused = [row.refused for row in rows if row.refused]
    assert len(refused) <= 0.001 * len(rows), (len(refused), refused[:5])  # one T-score of 7.2 in 2005-2010
