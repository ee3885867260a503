"""Varying what people can differ in: the same model, the same values but those asked for, and no medicine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from osteogait.assessment.assess import assess_file
from osteogait.assessment.model import Model, load_model
from osteogait.assessment.what_if import BODY_MASS_INDEX, FACTORS, what_if
from osteogait.errors import CaseError

VALUES = "current_smoking: true, alcohol_3_units: false, gait_speed: 0.85, vit_d25oh: 40, grip_one_hand: 19"
OUTCOMES = ("mof_10y", "hip_10y", "falls_12m")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return assessed(tmp_path_factory.mktemp("case"), VALUES)


def assessed(folder: Path, values: str) -> dict[str, Any]:
    case = folder / "case.yaml"
    text = f"person: {{age: 72, sex: female, height: 156, weight: 51}}\nvalues: {{{values}}}\n"
    case.write_text(text, encoding="utf-8")
    return assess_file(case, "en")


def test_without_a_change_it_is_the_result_itself(document: dict[str, Any], model: Model) -> None:
    found = what_if(document, {}, model)
    assert not found.changed
    assert found.now == found.then
    assert found.now["hip_10y"] == pytest.approx(document["fracture_10y"]["hip"]["probability"], abs=1e-4)
    assert found.now["falls_12m"] == pytest.approx(document["falls_12m"]["probability"], abs=1e-4)


def test_it_answers_as_the_assessment_of_such_a_person_would(
    document: dict[str, Any], model: Model, tmp_path: Path
) -> None:
    found = what_if(document, {"current_smoking": 0.0, "gait_speed": 1.1}, model)
    other = assessed(tmp_path, VALUES.replace("true", "false").replace("0.85", "1.1"))
    assert found.then["mof_10y"] == pytest.approx(other["fracture_10y"]["mof"]["probability"], abs=1e-4)
    assert list(found.intervals["mof_10y"]) == pytest.approx(
        other["fracture_10y"]["mof"]["interval"], abs=1e-4
    )
    assert found.then["mof_10y"] < found.now["mof_10y"]


def test_osteoporosis_by_rule_is_not_varied(model: Model, tmp_path: Path) -> None:
    by_rule = assessed(tmp_path, "fn_t: -2.9, postmenopausal: true, current_smoking: true")
    assert by_rule["osteoporosis"]["basis"] == "dxa_rule"
    assert set(what_if(by_rule, {"current_smoking": 0.0}, model).then) == set(OUTCOMES)


def test_no_medicine_and_nothing_unchangeable_is_offered() -> None:
    offered = {factor.feature for factor in FACTORS}
    assert not offered & {
        "glucocorticoids",
        "hormone_therapy",
        "age",
        "sex",
        "height",
        "prior_fracture",
        "fn_t",
    }


@pytest.mark.parametrize("name", ["glucocorticoids", "age", "nonsense"])
def test_another_factor_is_refused(document: dict[str, Any], model: Model, name: str) -> None:
    with pytest.raises(CaseError) as refused:
        what_if(document, {name: 1.0}, model)
    assert refused.value.code == "what_if_not_offered"


def test_what_is_not_known_cannot_be_varied(document: dict[str, Any], model: Model) -> None:
    assert "tug" in what_if(document, {}, model).not_known
    with pytest.raises(CaseError) as refused:
        what_if(document, {"tug": 9.0}, model)
    assert refused.value.code == "what_if_not_known"


@pytest.mark.parametrize(("name", "value"), [("weight", 20.0), ("weight", 120.0), ("current_smoking", 0.5)])
def test_beyond_the_limits_is_refused(
    document: dict[str, Any], model: Model, name: str, value: float
) -> None:
    with pytest.raises(CaseError) as refused:
        what_if(document, {name: value}, model)
    assert refused.value.code == "outside_hard_range"


def test_weight_stays_within_a_usual_body_mass_index(document: dict[str, Any], model: Model) -> None:
    (weight,) = (one for one in what_if(document, {}, model).varied if one.factor.feature == "weight")
    assert (weight.low, weight.high) == tuple(round(index * 1.56**2, 1) for index in BODY_MASS_INDEX)
