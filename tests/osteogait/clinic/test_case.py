"""A case is read as written or refused with what, where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteofusion.schema import load_schema
from osteogait.clinic.case import read_case
from osteogait.errors import CaseError

PROTOCOLS = ("walk", "quiet_stance")
PERSON = "person: {age: 72, sex: female, height: 156, weight: 51}\n"


def _case(tmp_path: Path, text: str):
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return read_case(path, load_schema(), PROTOCOLS)


def test_units_are_converted_exactly_and_the_written_value_is_kept(tmp_path: Path) -> None:
    case = _case(
        tmp_path, PERSON + "values: {fn_t: -2.1, ctx: {value: 410, unit: pg/mL}, prior_fracture: true}\n"
    )
    assert case.person.age == 72
    assert case.entries["fn_t"].value == -2.1
    assert case.entries["ctx"].value == 0.41
    assert (case.entries["ctx"].written_value, case.entries["ctx"].written_unit) == (410, "pg/mL")
    assert case.entries["prior_fracture"].value == 1.0
    assert case.entries["sex"].value == 0.0


def test_units_as_messages_say_them(tmp_path: Path) -> None:
    case = _case(
        tmp_path,
        "person: {age: {value: 72, unit: 岁}, sex: female}\nvalues: {fn_t: {value: -2, unit: T-score}}\n",
    )
    assert case.person.age == 72
    assert case.entries["fn_t"].value == -2


def test_micro_sign_is_read_as_u(tmp_path: Path) -> None:
    case = _case(tmp_path, PERSON + "values: {creatinine: {value: 80, unit: \u00b5mol/L}}\n")
    assert case.entries["creatinine"].value == 80


def test_recordings_are_relative_to_the_case(tmp_path: Path) -> None:
    case = _case(tmp_path, PERSON + "recordings: [{path: walk.csv, protocol: walk}]\n")
    assert case.recordings[0].path == tmp_path / "walk.csv"


def test_unknown_is_not_no(tmp_path: Path) -> None:
    case = _case(tmp_path, PERSON + "values: {prior_fracture: unknown, ctx: }\n")
    assert "prior_fracture" not in case.entries
    assert "ctx" not in case.entries


def test_soft_range_is_flagged_and_kept(tmp_path: Path) -> None:
    case = _case(tmp_path, PERSON + "values: {ctx: 2.5}\n")
    code, fields = case.entries["ctx"].warnings[0]
    assert code == "outside_soft_range"
    assert fields["high"] == 1.8
    assert case.entries["ctx"].usable


def test_scanner_generation_is_needed(tmp_path: Path) -> None:
    case = _case(tmp_path, PERSON + "values: {tb_sp: 0.55}\n")
    assert not case.entries["tb_sp"].usable
    assert case.entries["tb_sp"].warnings[0][0] == "scanner_generation_missing"
    case = _case(tmp_path, PERSON + "values: {tb_sp: {value: 0.55, scanner_generation: 1}}\n")
    assert case.entries["tb_sp"].usable


REFUSED = {
    "outside_hard_range": (
        "values: {fn_t: -9}",
        "fn_t: -9 (T-score) is outside the possible range -8 to 6 (T-score)",
    ),
    "unknown_unit": (
        "values: {ctx: {value: 4, unit: mol}}",
        "ctx: unknown unit mol. Accepted: ng/mL, ug/L, pg/mL",
    ),
    "unit_not_expected": ("values: {prior_fracture: {value: true, unit: a}}", "prior_fracture has no unit"),
    "not_a_number": ("values: {fn_t: true}", "fn_t: True is not a number"),
    "not_a_number ": ("values: {fn_t: '-2.1'}", "fn_t: -2.1 is not a number"),
    "not_finite_value": ("values: {fn_t: .nan}", "fn_t: nan is not a finite number"),
    "not_finite_value ": ("values: {fn_t: .inf}", "fn_t: inf is not a finite number"),
    "not_yes_no": ("values: {prior_fracture: 1}", "prior_fracture: write true or false, not 1"),
    "not_a_dosage": ("values: {rs4355801: 3}", "rs4355801: write the number of effect alleles"),
    "unknown_feature": ("values: {fn_tscore: -2}", "There is no variable fn_tscore. Similar: fn_t"),
    "unknown_choice": ("values: {fragility_fracture_sites: [hips]}", "hips is not one of hip, vertebra"),
    "unknown_key": ("valuez: {}", "Unknown key valuez. Allowed here: person, values, recordings, rule_set"),
    "unknown_key ": ("recordings: [{path: a.csv, protocol: walk, x: 1}]", "Unknown key recordings[1].x"),
    "unknown_choice ": ("recordings: [{path: a.csv, protocol: run}]", "run is not one of walk, quiet_stance"),
    "belongs_to_person": ("values: {age: 70}", "age belongs under `person:`"),
    "yaml_duplicate": ("values: {}\nvalues: {}", "Line 3: the key values stands twice"),
    "yaml_alias": ("values: {fn_t: &a -1, th_t: *a}", "Line 2: YAML aliases"),
    "yaml_syntax": ("values: {fn_t: [}", "line 2: this is not valid YAML"),
    "scanner_generation": (
        "values: {tb_sp: {value: 0.5, scanner_generation: 3}}",
        "must be 1 (XtremeCT) or 2",
    ),
    "value_missing": ("values: {ctx: {unit: ng/mL}}", "ctx: `value` is missing"),
    "not_a_list": ("recordings: {path: a}", "recordings must be a list"),
    "not_a_list ": ("recordings: false", "recordings must be a list"),
    "not_a_mapping": ("values: 0", "values must be a block"),
    "not_a_mapping ": ("values: []", "values must be a block"),
    "not_text": ("recordings: [{path: 5, protocol: walk}]", "recordings[1].path must be text, not 5"),
    "required": ("recordings: [{path: '', protocol: walk}]", "recordings[1].path is missing"),
    "recording_twice": (
        "recordings: [{path: a.csv, protocol: walk}, {path: a.csv, protocol: walk}]",
        "The recording a.csv (walk) is listed twice",
    ),
    "not_finite_value  ": (f"values: {{fn_t: 1{'0' * 400}}}", "… is not a finite number"),
    "not_a_number  ": ("values: {fn_t: 2020-01-01}", "2020-01-01 is not a number"),
    "unknown_unit ": ("values: {ctx: {value: 0.4, unit: ''}}", "ctx: unknown unit"),
    "outside_hard_range ": (
        "values: {ctx: {value: 7000, unit: pg/mL}}",
        "ctx: 7000 pg/mL = 7 ng/mL is outside the possible range 0.005 to 6 ng/mL",
    ),
    "scanner_generation ": (
        "values: {tb_sp: {value: 0.5, scanner_generation: true}}",
        "must be 1 (XtremeCT) or 2",
    ),
    "scanner_not_expected": (
        "values: {ctx: {value: 0.4, scanner_generation: 1}}",
        "leave scanner_generation out",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_refusals_say_what_and_where(tmp_path: Path, code: str) -> None:
    text, said = REFUSED[code]
    with pytest.raises(CaseError) as refused:
        _case(tmp_path, PERSON + text + "\n")
    assert refused.value.code == code.strip()
    assert said in refused.value.message("en")
    assert refused.value.message("zh") != refused.value.message("en")
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("person: {sex: female}", "required"),
        ("person: {age: 72}", "required"),
        ("person: {age: 12, sex: male}", "outside_hard_range"),
        ("person: {age: 72, sex: f}", "unknown_choice"),
        ("person: {age: 72, sex: [female]}", "unknown_choice"),
        ("person: {age: 72, sex: {value: female}}", "unknown_choice"),
        ("person: {age: 072, sex: female}", "not_a_number"),
        ("person: {age: '72', sex: female}", "not_a_number"),
        ("person: {age: 72, sex: male, height: 1.7}", "outside_hard_range"),
        ("person: {age: true, sex: male}", "not_a_number"),
        ("values: {}", "not_a_mapping"),
    ],
)
def test_a_person_needs_age_and_sex_in_range(tmp_path: Path, person: str, code: str) -> None:
    with pytest.raises(CaseError) as refused:
        _case(tmp_path, person + "\n")
    assert refused.value.code == code


def test_every_number_at_the_borders_of_its_ranges(tmp_path: Path) -> None:
    for feature in load_schema().features:
        if feature.kind != "number" or feature.hard is None or feature.id in ("age", "height", "weight"):
            continue
        for border, step in zip(feature.hard, (-1e-6, 1e-6), strict=True):
            assert (
                _case(tmp_path, f"{PERSON}values: {{{feature.id}: {border}}}").entries[feature.id].value
                == border
            )
            with pytest.raises(CaseError, match="outside the possible range"):
                _case(tmp_path, f"{PERSON}values: {{{feature.id}: {border + step:.7f}}}")
        for border, step in zip(feature.soft or (), (-1e-6, 1e-6), strict=False):
            inside = _case(tmp_path, f"{PERSON}values: {{{feature.id}: {border}}}").entries[feature.id]
            assert "outside_soft_range" not in dict(inside.warnings)
            if border != feature.hard[step > 0]:
                beyond = _case(tmp_path, f"{PERSON}values: {{{feature.id}: {border + step:.7f}}}")
                assert "outside_soft_range" in dict(beyond.entries[feature.id].warnings)


def test_every_unit_of_every_number(tmp_path: Path) -> None:
    for feature in load_schema().features:
        if feature.soft is None or feature.id in ("age", "height", "weight"):
            continue
        for unit, factor in {feature.unit: 1.0, **feature.units}.items():
            written = (feature.soft[0] + feature.soft[1]) / 2 / factor
            text = f"{PERSON}values: {{{feature.id}: {{value: {written!r}, unit: '{unit}'}}}}"
            stored = _case(tmp_path, text).entries[feature.id].value
            assert stored == pytest.approx(written * factor, rel=1e-12), (feature.id, unit)


def test_an_alias_bomb_and_a_large_file_are_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x]\nb: &b [*a,*a]\n"
    with pytest.raises(CaseError, match="aliases"):
        _case(tmp_path, bomb)
    with pytest.raises(CaseError, match="limit is 1000000"):
        _case(tmp_path, PERSON + "#" * 1_000_001)


def test_deep_nesting_is_refused_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(CaseError):
        _case(tmp_path, PERSON + "values: " + "[" * 5000 + "]" * 5000)


def test_other_encodings_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_bytes("person: {age: 70, sex: female} # \u5e74".encode("gb18030"))
    with pytest.raises(CaseError, match="not UTF-8"):
        read_case(path, load_schema(), PROTOCOLS)
    with pytest.raises(CaseError, match="cannot be read"):
        read_case(tmp_path / "none.yaml", load_schema(), PROTOCOLS)
