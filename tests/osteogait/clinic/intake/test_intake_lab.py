"""Lab tables: exact conversion, every reason of refusal, every warning, good rows beside bad ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.clinic.intake.border import Border
from osteogait.clinic.intake.code_table import lab_code
from osteogait.clinic.intake.lab_value import WrittenLab, read_lab
from osteogait.clinic.intake.measurement import PersonFacts
from osteogait.clinic.intake.reason import RowRefused
from osteogait.clinic.intake.variable import variables
from osteogait.errors import Rejected

TB_SP = {"code_system": "L", "code": "tb_sp", "name": "", "value": "0.9", "unit": "mm"}


def test_a_good_row_keeps_what_was_written(read, lab) -> None:
    found = read(
        lab(
            {
                "value": "620",
                "unit": "pg/mL",
                "ref_low": "104",
                "ref_high": "1008",
                "method": "ECLIA",
                "lab": "central",
            }
        )
    )
    (item,) = found.accepted
    assert (found.kind, found.encoding, found.refused) == ("lab_csv", "utf-8", ())
    assert (item.variable, item.value, item.unit) == ("ctx", 0.62, "ng/mL")
    assert (item.written_value, item.written_unit, item.code, item.row) == ("620", "pg/mL", "41171-0", 2)
    assert (item.person, item.patient_id) == ("person-1", "A-0001")
    assert item.notes["ref_low"] == "104"
    assert item.notes["method"] == "ECLIA"
    assert not item.warnings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"patient_id": "Z-9"}, "unknown-person"),
        ({"patient_id": ""}, "unknown-person"),
        ({"patient_id": "C-0003"}, "no-consent"),
        ({"collected_at": "2026-01-05T07:40"}, "no-zone"),
        ({"collected_at": "5.1.2026"}, "bad-time"),
        ({"collected_at": "2027-01-05T07:40Z"}, "bad-time"),
        ({"collected_at": "1950-01-05T07:40Z"}, "bad-time"),
        ({"code_system": ""}, "unknown-code"),
        ({"code_system": "L", "code": "ctx"}, "unknown-code"),
        ({"code": "2722-7", "name": ""}, "unknown-code"),
        ({"code": "41171-1"}, "bad-check-digit"),
        ({"name": "P1NP"}, "name-code-mismatch"),
        ({"name": "总钙"}, "name-code-mismatch"),
        ({"name": "尿肌酐", "code": "14682-9", "value": "80", "unit": "umol/L"}, "name-code-mismatch"),
        ({"code": "Aug-00", "name": "Ca"}, "bad-check-digit"),
        ({"code": "2000/8/1", "name": "Ca"}, "bad-check-digit"),
        ({"value": ""}, "not-a-number"),
        ({"value": "NaN"}, "not-a-number"),
        ({"value": "1e999"}, "not-a-number"),
        ({"value": "<0.05"}, "not-a-number"),
        ({"value": '"0,62"'}, "not-a-number"),
        ({"comparator": "~"}, "bad-comparator"),
        ({"unit": ""}, "unknown-unit"),
        ({"unit": "mg/mL"}, "unknown-unit"),
        ({"unit": "nmol/L"}, "code-unit-clash"),
        ({"value": "60"}, "out-of-hard-range"),
        ({"value": "-0.1"}, "out-of-hard-range"),
        ({"fasting": "maybe"}, "bad-fasting"),
        ({"method": "=1+1"}, "formula"),
        (TB_SP, "missing-scanner"),
        (
            {
                "code_system": "L",
                "code": "tb_sp",
                "name": "",
                "value": "0.9",
                "unit": "mm",
                "method": "XtremeCT",
            },
            "missing-scanner",
        ),
    ],
)
def test_every_refusal_has_its_reason(read, lab, reasons, change, reason) -> None:
    found = read(lab({}, change, {"code": "77370-5", "name": "P1NP", "value": "58"}))
    assert reasons(found) == [(3, reason)]
    assert [item.row for item in found.accepted] == [2, 4]


@pytest.mark.parametrize(
    ("change", "sibling"),
    [
        ({"code": "62292-8", "name": "25OHD", "value": "45", "unit": "nmol/L"}, "68438-1"),
        ({"code": "2000-8", "name": "Ca", "value": "9.2", "unit": "mg/dL"}, "17861-6"),
        ({"code": "17838-4", "name": "BAP", "value": "30", "unit": "U/L"}, "1777-2"),
        ({"code": "1777-2", "name": "BAP", "value": "12", "unit": "ug/L"}, "17838-4"),
        ({"code": "1989-3", "name": "25-Hydroxyvitamin D3", "value": "45", "unit": "nmol/L"}, "14635-7"),
    ],
)
def test_a_clash_of_code_and_unit_offers_the_sibling(read, lab, change, sibling) -> None:
    (item,) = read(lab(change)).refused
    assert item.reason == "code-unit-clash"
    assert sibling in item.said.message("zh")


def test_a_ct_generation_is_kept_and_the_sign_of_a_load_dropped(read, lab) -> None:
    row = TB_SP | {"code": "failure_load", "value": "-3.4", "unit": "kN", "method": "XtremeCT II FE"}
    (item,) = read(lab(row)).accepted
    assert item.value == 3400
    assert item.written_value == "-3.4"
    assert item.notes["scanner_generation"] == "2"
    assert [said.reason for said in item.warnings] == ["sign-dropped"]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"value": "2.5"}, "out-of-soft-range"),
        ({"fasting": ""}, "fasting-unknown"),
        ({"fasting": "n"}, "not-fasting"),
        ({"collected_at": "2024-01-05T07:40Z"}, "old-value"),
        ({"code": "1989-3", "name": "", "value": "20"}, "d3-only"),
    ],
)
def test_warnings_let_the_row_in(read, lab, change, warning) -> None:
    (item,) = read(lab(change)).accepted
    assert [said.reason for said in item.warnings] == [warning]
    assert item.usable
    assert item.warnings[0].message("zh") != item.warnings[0].message("en")


def test_a_censored_value_is_kept_and_not_used(read, lab) -> None:
    (item,) = read(lab({"comparator": "<", "value": "0.05"})).accepted
    assert (item.comparator, item.value, item.usable) == ("<", 0.05, False)
    assert [said.reason for said in item.warnings] == ["censored"]


def test_an_equals_sign_is_a_comparator_in_its_column_and_a_formula_in_any_other(read, lab, reasons) -> None:
    found = read(
        lab({"comparator": "="}, {"name": "=", "value": "0.63"}, {"comparator": "=1", "value": "0.64"})
    )
    assert [(item.row, item.comparator, item.usable) for item in found.accepted] == [(2, "", True)]
    assert reasons(found) == [(3, "formula"), (4, "formula")]


@pytest.mark.parametrize(
    ("value", "said"), [("6.00000001", "6.00000001 ng/mL"), ("0.00499999999", "0.00499999999")]
)
def test_a_value_just_beyond_a_bound_is_not_said_to_be_the_bound(read, lab, value, said) -> None:
    (item,) = read(lab({"value": value})).refused
    assert said in item.said.message("en")


@pytest.mark.parametrize(
    ("change", "said"), [({"unit": ""}, "no unit is written"), ({"patient_id": ""}, "No number")]
)
def test_what_is_left_empty_is_said_to_be_empty(read, lab, change, said) -> None:
    (item,) = read(lab(change)).refused
    assert said in item.said.message("en")


def test_an_assumed_zone_is_told(read, lab) -> None:
    (item,) = read(lab({"collected_at": "2026-01-05T07:40"}), zone="Asia/Shanghai").accepted
    assert item.taken_at.isoformat() == "2026-01-04T23:40:00+00:00"
    assert [said.reason for said in item.warnings] == ["assumed-zone"]


def test_the_same_row_twice_goes_in_once(read, lab, reasons) -> None:
    found = read(lab({}, {}, {"code": "77370-5", "name": "", "value": "58"}))
    assert reasons(found) == [(3, "duplicate-row")]
    assert [item.row for item in found.accepted] == [2, 4]


def test_rows_that_contradict_each_other_both_stay_out(read, lab, reasons) -> None:
    found = read(lab({}, {"value": "0.7"}, {"patient_id": "B-0002"}))
    assert reasons(found) == [(2, "duplicate-row"), (3, "duplicate-row")]
    assert [item.row for item in found.accepted] == [4]


def test_what_is_stored_already(read, lab, reasons) -> None:
    for value, reason in ((0.62, "duplicate-row"), (0.5, "conflicts-with-stored")):
        found = read(lab({}), stored=lambda person, variable, at, side, value=value: value)
        assert reasons(found) == [(2, reason)]
        assert not found.accepted
    assert read(lab({}), stored=lambda *_: None).accepted


def test_the_header_must_be_exact_and_its_order_is_free(read, lab, reasons) -> None:
    content = lab({})
    assert reasons(read(content.replace(b"fasting", b"Fasting"))) == [
        (1, "missing-column"),
        (1, "unknown-column"),
    ]
    assert reasons(read(content.replace(b",lab,", b",method,"))) == [
        (1, "missing-column"),
        (1, "unknown-column"),
    ]
    assert dict(read(content.replace(b"unit", b"units")).ignored) == {"unread-row": 1}
    lines = [line.split(",") for line in content.decode().splitlines()]
    turned = "\n".join(",".join(reversed(line)) for line in lines).encode()
    assert len(read(turned).accepted) == 1


def test_a_row_with_too_few_or_too_many_cells(read, lab, reasons) -> None:
    content = lab({}, {"value": "0.5,5"}, {}).replace(b",Y\n", b",Y\n", 1)
    assert (3, "wrong-cell-count") in reasons(read(content))


def test_blank_rows_and_the_example_are_counted(read, lab) -> None:
    found = read(lab({}, {"patient_id": "EXAMPLE"}) + b",,,,,,,,,,,,\n")
    assert dict(found.ignored) == {"example-row": 1, "blank-row": 1}
    assert len(found.accepted) == 1


NOW = datetime(2026, 1, 10, tzinfo=UTC)
LAB_CASES = [
    ("68438-1", "nmol/L", "1"),
    ("62292-8", "ng/mL", "2.496"),
    ("14866-8", "pmol/L", "9.43"),
    ("17861-6", "mg/dL", "0.2495"),
    ("2160-0", "mg/dL", "88.4"),
    ("41171-0", "pg/mL", "0.001"),
]


@given(st.sampled_from(LAB_CASES), st.decimals(min_value=0, max_value=3000, places=4))
def test_value_times_factor_is_exact(case: tuple[str, str, str], number: Decimal) -> None:
    code, unit, factor = case
    border = Border(lambda name: PersonFacts("p", 1950, "female"), None, NOW)
    written = WrittenLab("A", "2026-01-05T07:40Z", "LN", code, "", f"{number:f}", "", unit)
    expected = number * Decimal(factor)
    low, high = variables()[lab_code("LN", code).variable].hard
    assert low is not None
    assert high is not None
    if low <= expected <= high:
        assert read_lab(written, border, 2).value == float(expected)
    else:
        with pytest.raises(RowRefused) as refused:
            read_lab(written, border, 2)
        assert refused.value.said.reason == "out-of-hard-range"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "intake_empty"),
        (b"\xef\xbb\xbf \n", "intake_empty"),
        (b"\xff\xfea\x00", "intake_utf16"),
        (b"patient_id\x00,x\n", "intake_nul"),
        (b"a\x80\xff\xff\n", "intake_encoding"),
        (b"patient_id;site;side\n", "intake_separator"),
        (b"patient_id\tsite\n", "intake_separator"),
        (b"<?xml version='1.0'?>", "intake_xml"),
        (b"%PDF-1.7", "intake_other_file"),
        (b"\xd0\xcf\x11\xe0", "intake_other_file"),
        (b'a,b\n"x,y\n', "intake_csv"),
    ],
)
def test_files_that_are_no_table(read, content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as rejected:
        read(content)
    assert rejected.value.code == code
    assert rejected.value.message("zh") != rejected.value.message("en")


def test_chinese_in_both_encodings(read, lab) -> None:
    content = lab({"name": "β-胶原降解产物", "lab": "检验科"}).decode()
    for encoding, said in (("utf-8-sig", "utf-8"), ("gb18030", "gb18030")):
        found = read(content.encode(encoding))
        assert (found.encoding, found.accepted[0].notes["lab"]) == (said, "检验科")
    assert [said.reason for said in found.remarks] == ["encoding"]


def test_a_newline_in_quotes_does_not_shift_the_lines(read, lab, reasons) -> None:
    found = read(
        lab({"lab": '"central\nlaboratory"'}, {"value": "x"}, {"code": "77370-5", "name": "", "value": "9"})
    )
    assert found.accepted[0].notes["lab"] == "central\nlaboratory"
    assert reasons(found) == [(4, "not-a-number")]
    assert found.accepted[1].row == 5


def test_a_file_that_is_too_large(read) -> None:
    with pytest.raises(Rejected) as rejected:
        read(b"a," * 5_000_001)
    assert rejected.value.code == "intake_too_large"


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        (({}, {"patient_id": "EXAMPLE"}), {"person-1"}),
        (({}, {"patient_id": "B-0002", "value": "none"}), {"person-1", "person-2"}),
        (({}, {"patient_id": "somebody"}), {"person-1", ""}),
        (({}, {"lab": "x,y"}), {"person-1", ""}),
    ],
)
def test_of_whom_a_table_speaks(read, lab, rows, people) -> None:
    assert read(lab(*rows)).people == people
