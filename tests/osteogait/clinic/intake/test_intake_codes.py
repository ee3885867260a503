"""Codes: check digit, meaning, family of units, names; every code of the table is sound."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteofusion.schema import load_schema
from osteogait.clinic.intake.code_table import check_name, dxa_code, dxa_variable, named_variables, site_of
from osteogait.clinic.intake.loinc import is_loinc
from osteogait.clinic.intake.reason import RowRefused
from osteogait.clinic.intake.variable import family, tables, ucum, variables


def test_every_code_of_the_table_has_its_check_digit() -> None:
    assert all(is_loinc(code) for code in [*tables()["laboratory"], *tables()["dxa"]])


@pytest.mark.parametrize(
    "code", ["80942-2", "96341-8", "96343-4", "1777-3", "1777", "", "-1", "1777-22", "１777-2"]
)
def test_codes_that_cannot_exist(code: str) -> None:
    assert not is_loinc(code)


@given(st.integers(1, 9_999_999), st.integers(0, 9))
def test_one_check_digit_in_ten_fits(number: int, digit: int) -> None:
    fitting = [last for last in range(10) if is_loinc(f"{number}-{last}")]
    assert len(fitting) == 1
    assert is_loinc(f"{number}-{digit}") == (digit == fitting[0])


def test_every_laboratory_code_means_a_variable_whose_units_fit_its_family() -> None:
    for code, block in tables()["laboratory"].items():
        units = variables()[block["variable"]].units
        if "family" in block:
            assert block["family"] in {family(unit) for unit in units}, code


def test_every_dxa_code_means_a_variable_at_every_site_it_can_have() -> None:
    for code in tables()["dxa"]:
        meant = dxa_code(code)
        assert meant is not None
        for site in ("femoral_neck", "total_hip") if meant.region == "femur" else (meant.region,):
            assert dxa_variable(site, meant.measure) in variables()


def test_units_ranges_and_factors_are_those_of_the_model() -> None:
    for feature in load_schema().features:
        if feature.kind != "number" or feature.id == "age":
            continue
        variable = variables()[feature.id]
        assert variable.unit == feature.unit
        assert feature.hard is not None
        assert variable.hard == tuple(Decimal(str(bound)) for bound in feature.hard)
        for unit, factor in feature.units.items():
            assert float(variable.units[ucum(unit)]) == factor


@pytest.mark.parametrize(
    ("variable", "unit", "factor"),
    [
        ("vit_d25oh", "ng/mL", "2.496"),
        ("pth", "pmol/L", "9.43"),
        ("calcium", "mg/dL", "0.2495"),
        ("phosphate", "mg/dL", "0.3229"),
        ("creatinine", "mg/dL", "88.4"),
        ("albumin", "g/dL", "10"),
        ("ctx", "pg/mL", "0.001"),
        ("alp", "ukat/L", "60"),
        ("weight", "[lb_av]", "0.45359237"),
        ("bap_activity", "ukat/L", "60"),
        ("failure_load", "kN", "1000"),
        ("fn_bmd", "mg/cm2", "0.001"),
    ],
)
def test_factors_of_the_border(variable: str, unit: str, factor: str) -> None:
    assert variables()[variable].convert(Decimal(7), unit) == 7 * Decimal(factor)


@pytest.mark.parametrize(
    ("unit", "meant"),
    [
        ("mmol/L", "molar"),
        ("pmol/l", "molar"),
        ("ng/mL", "mass"),
        ("mg/dl", "mass"),
        ("U/L", "activity"),
        ("[iU]/L", "activity"),
        ("ukat/L", "activity"),
        ("kg", ""),
        ("{T-score}", ""),
    ],
)
def test_families(unit: str, meant: str) -> None:
    assert family(unit) == meant


def test_spellings_of_a_unit() -> None:
    assert ucum("µmol/l") == ucum("μmol/L") == "umol/L"
    assert ucum("g/cm²") == "g/cm2"
    assert ucum(" ng/ml ") == "ng/mL"
    for unit in ("斤", "U/L", "mg HA/cm3 "):
        with pytest.raises(RowRefused):
            variables()["weight"].convert(Decimal(100), unit)


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("β-CTX", "ctx"),
        ("I型胶原羧基端肽β特殊序列", "ctx"),
        ("25-羟基维生素D", "vit_d25oh"),
        ("25-Hydroxyvitamin D3+25-Hydroxyvitamin D2 [Mass/volume] in Serum or Plasma", "vit_d25oh"),
        ("Bone alkaline phosphatase", "bap"),
        ("骨碱性磷酸酶", "bap"),
        ("碱性磷酸酶(ALP)", "alp"),
        ("Creatinine [Moles/volume] in Serum or Plasma", "creatinine"),
        ("P", "phosphate"),
        ("血清钙", "calcium"),
        ("总I型前胶原氨基端肽", "pinp"),
    ],
)
def test_names_in_two_languages(name: str, variable: str) -> None:
    assert named_variables(name) == {variable}
    check_name(variable, name)


def test_a_name_nobody_knows_says_nothing() -> None:
    assert named_variables("Ferritin") == set()
    check_name("ctx", "")


def test_a_ratio_is_not_one_of_its_parts() -> None:
    with pytest.raises(RowRefused):
        check_name("albumin", "Albumin/Creatinine ratio")


@pytest.mark.parametrize(
    ("words", "site"),
    [
        ("Structure of neck of femur", "femoral_neck"),
        ("股骨颈", "femoral_neck"),
        ("Total Hip", "total_hip"),
        ("腰椎 L1-L4", "lumbar_spine"),
        ("hip and spine", ""),
        ("", ""),
    ],
)
def test_sites_by_words(words: str, site: str) -> None:
    assert site_of((), words) == site
    assert site_of(("29627003",), words) == "femoral_neck"
