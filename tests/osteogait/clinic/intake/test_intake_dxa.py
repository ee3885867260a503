"""DXA tables: one to three values a row, maker and reference required, the reference of Hologic checked."""

from __future__ import annotations

import pytest


def test_a_good_row_gives_its_values_with_site_and_maker(read, dxa) -> None:
    found = read(dxa({"z_score": "-0.9", "model": "Horizon A", "software": "5.6"}))
    assert found.kind == "dxa_csv"
    assert {item.variable: item.value for item in found.accepted} == {
        "fn_bmd": 0.546,
        "fn_t": -2.6,
        "fn_z": -0.9,
    }
    for item in found.accepted:
        assert item.row == 2
        assert (item.side, item.notes["brand"], item.notes["reference_db"]) == (
            "left",
            "Hologic",
            "NHANES III",
        )
        assert not item.warnings


@pytest.mark.parametrize(
    ("site", "variables"),
    [
        ("total_hip", ["th_bmd", "th_t"]),
        ("lumbar_spine", ["ls_bmd", "ls_t"]),
        ("forearm", ["forearm_bmd", "forearm_t"]),
        ("heel", ["heel_bmd", "heel_t"]),
    ],
)
def test_every_site(read, dxa, site, variables) -> None:
    row = {"site": site, "brand": "GE", "bmd_g_cm2": "0.6", "t_score": "-2.1"}
    assert [item.variable for item in read(dxa(row)).accepted] == variables


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"brand": ""}, "missing-brand"),
        ({"reference_db": " "}, "missing-reference-db"),
        ({"site": "hip"}, "missing-site"),
        ({"side": "both"}, "missing-site"),
        ({"bmd_g_cm2": "", "t_score": ""}, "not-a-number"),
        ({"bmd_g_cm2": "546"}, "out-of-hard-range"),
        ({"t_score": "-9"}, "out-of-hard-range"),
        ({"t_score": "－２·６"}, "not-a-number"),
        ({"scan_date": "2025-12-29"}, "no-zone"),
        ({"patient_id": "Z"}, "unknown-person"),
    ],
)
def test_every_refusal_takes_the_whole_row(read, dxa, reasons, change, reason) -> None:
    found = read(dxa(change, {"site": "lumbar_spine", "bmd_g_cm2": "0.78", "t_score": "-2.2"}))
    assert reasons(found) == [(2, reason)]
    assert [item.variable for item in found.accepted] == ["ls_bmd", "ls_t"]


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({}, False),
        ({"t_score": "-2.3"}, False),
        ({"t_score": "-2.2"}, True),
        ({"t_score": "-1.9"}, True),
        ({"t_score": "-1.9", "reference_db": "Chinese women 2010"}, False),
        ({"t_score": "-1.9", "reference_db": "中国女性"}, False),
        ({"t_score": "-1.9", "brand": "GE Lunar"}, False),
        ({"t_score": ""}, False),
    ],
)
def test_the_reference_of_hologic(read, dxa, change, warned) -> None:
    found = read(dxa(change))
    assert found.accepted
    for item in found.accepted:
        assert [said.reason for said in item.warnings] == (["reference-mismatch"] if warned else [])


def test_left_and_right_of_one_day_are_two_values(read, dxa) -> None:
    found = read(dxa({}, {"side": "right", "bmd_g_cm2": "0.55"}))
    assert [item.side for item in found.accepted] == ["left", "left", "right", "right"]


def test_full_width_digits(read, dxa) -> None:
    assert [item.value for item in read(dxa({"t_score": "－２．６"})).accepted] == [0.546, -2.6]


def test_an_old_scan_is_warned_of(read, dxa) -> None:
    found = read(dxa({"scan_date": "2023-12-29T10:15+08:00"}))
    assert {said.reason for item in found.accepted for said in item.warnings} == {"old-value"}
