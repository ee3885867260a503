"""What an assessment says of its own doubt, of the tests that would help, of its country and of its model."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from osteofusion.words import remark_codes
from osteogait.assessment.assess import assess_file
from osteogait.assessment.doubt import doubt_part
from osteogait.assessment.model import load_model, load_predictor
from osteogait.assessment.partial import estimate
from osteogait.clinic.case import Person
from osteogait.errors import CaseError

PERSON = "person: {age: 72, sex: female, height: 156, weight: 51}\n"
BY_PATH = {
    "mof_10y": ("fracture_10y", "mof"),
    "hip_10y": ("fracture_10y", "hip"),
    "falls_12m": ("falls_12m",),
}
Assess = Callable[..., dict[str, Any]]


@pytest.fixture
def assess(tmp_path: Path, repo: Path) -> Assess:
    """An assessment that keeps the contract, from the lines of a case after its person."""
    text = (repo / "docs" / "contracts" / "assessment-1.schema.json").read_text(encoding="utf-8")
    contract = Draft202012Validator(json.loads(text))

    def made(rest: str = "", lang: str = "en") -> dict[str, Any]:
        (tmp_path / "case.yaml").write_text(PERSON + rest, encoding="utf-8")
        document = assess_file(tmp_path / "case.yaml", lang)
        contract.validate(json.loads(json.dumps(document, allow_nan=False)))
        return document

    return made


def part(document: dict[str, Any], outcome: str) -> dict[str, Any]:
    found: Any = document
    for key in BY_PATH.get(outcome, (outcome,)):
        found = found[key]
    return dict(found)


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_the_interval_is_its_sources_together(assess: Assess) -> None:
    document = assess("values: {prior_fracture: true, gait_speed: 0.85}\n")
    for outcome in ("osteoporosis", *BY_PATH):
        found = part(document, outcome)
        sources = found["doubt"]["sources"]
        assert set(sources) == {"members", "missing", "rounding"}
        for end in (0, 1):
            reach = [logit(source[end]) - logit(found["probability"]) for source in sources.values()]
            together = logit(found["interval"][end]) - logit(found["probability"])
            assert abs(together) == pytest.approx(math.hypot(*reach), rel=2e-3, abs=2e-4), outcome
        low, high = sources["rounding"]
        assert low <= found["probability"] - 0.9 * found["doubt"]["rounding"] or low < 0.01
        assert high >= found["probability"] + 0.9 * found["doubt"]["rounding"] or high > 0.99


def test_judgement_and_observed_share_where_real_labels_are(assess: Assess) -> None:
    document = assess("values: {prior_fracture: true}\n")
    for outcome, real in (
        ("osteoporosis", True),
        ("falls_12m", True),
        ("mof_10y", False),
        ("hip_10y", False),
    ):
        doubt = part(document, outcome)["doubt"]
        assert (doubt["judgement"] is not None) == real
        assert (doubt["observed_share"] is not None) == real
    assert document["outside"] == {"training_range": [], "usual_range": [], "unusual_combination": []}


def test_at_the_border_of_a_judgement() -> None:
    """The mark stands exactly where moving the estimate by its rounding changes the answers that are left."""
    predictor, person = load_predictor(), Person(72.0, "female")
    prediction = predictor.predict({"age": 72.0, "sex": 0.0})
    limits, noise = predictor.tables.conformal["falls_12m"], prediction.noise["falls_12m"]
    marks = []
    for step in range(-4, 5):
        moved = limits.yes[0, 3] + step * noise / 2
        labels = limits.labels(moved, male=False, age=72.0)
        at = replace(
            prediction,
            probabilities={**prediction.probabilities, "falls_12m": moved},
            conformal={**prediction.conformal, "falls_12m": labels},
        )
        marks.append(doubt_part(at, predictor, "falls_12m", person)["judgement"]["at_threshold"])
    assert not marks[0]
    assert not marks[-1]
    assert all(marks[3:6])


def test_the_steps_end_at_the_estimate(assess: Assess) -> None:
    document = assess(
        "values: {prior_fracture: true, ctx: 0.4, gait_speed: 0.85, fn_t: -1.9, th_t: -1.5, ls_t: -1}\n"
    )
    for outcome in BY_PATH:
        steps = document["contributions"][outcome]["trace"]
        assert [step["group"] for step in steps] == ["clinical", "sensor", "turnover", "bmd"]
        assert steps[-1]["probability"] == pytest.approx(part(document, outcome)["probability"], abs=1e-5)


def test_missing_tests_are_ranked_and_only_for_what_has_a_number(assess: Assess) -> None:
    without = assess("values: {prior_fracture: true}\n")["missing_tests"]
    assert set(without) == {"osteoporosis", *BY_PATH}
    first = without["osteoporosis"][0]
    assert (first["id"], first["decides"], first["narrowing"]) == ("dxa", True, 1.0)
    for gains in without.values():
        assert all(not gain["decides"] for gain in gains[1:])
        narrowing = [gain["narrowing"] for gain in gains if not gain["decides"]]
        assert narrowing == sorted(narrowing, reverse=True)
    scanned = assess("values: {prior_fracture: true, fn_t: -2.7}\n")
    assert (
        set(scanned["missing_tests"]) == set(scanned["missing_groups"]) == set(BY_PATH)
    )  # a rule has decided
    assert assess(lang="zh")["missing_tests"]["osteoporosis"][0]["label"] == "髋部和腰椎双能X线骨密度检查"


def test_the_model_is_named_with_its_key(assess: Assess) -> None:
    model, bundle = assess()["model"], load_model().bundle
    assert (model["id"], model["version"], model["counter"]) == (bundle.id, bundle.version, bundle.counter)
    assert model["sha256"] == bundle.sha256
    assert bundle.signed_by is not None
    assert (model["signed_by"]["key"], model["signed_by"]["use"]) == (
        bundle.signed_by.id,
        bundle.signed_by.use,
    )
    assert all(refused["reason"] for refused in model["engines_refused"])


def test_values_that_do_not_go_together_are_named(assess: Assess) -> None:
    document = assess("values: {gait_speed: 0.45, cadence: 150, stride_length: 1.6, stride_time_cv: 1.0}\n")
    named = document["outside"]["unusual_combination"]
    assert named
    (message,) = [flag["message"] for flag in document["flags"] if flag["code"] == "unusual_combination"]
    assert all(name in message for name in named)


def test_a_value_outside_the_usual_range_is_remarked_once(assess: Assess) -> None:
    document = assess("values: {ctx: 2.5}\n")
    assert "ctx" in document["outside"]["usual_range"]
    codes = [flag["code"] for flag in document["flags"]]
    assert codes.count("outside_soft_range") == 1
    assert "outside_usual_range" not in codes


def test_every_remark_of_the_model_has_its_sentence(repo: Path) -> None:
    source = (repo / "edge/osteogait/assessment/outside.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'ModelRemark\("([a-z_]+)"', source))
    assert len(codes) == 2
    assert codes <= set(remark_codes())


# --- country ---
def test_the_country_moves_fractures_and_is_named(assess: Assess) -> None:
    home = assess("values: {prior_fracture: true}\n")
    assert home["country"] == {
        "id": "US",
        "label": "United States",
        "named_by": "configuration",
        "trained_here": True,
    }
    china = assess("country: CN\nvalues: {prior_fracture: true}\n", lang="zh")
    assert china["country"] == {"id": "CN", "label": "中国", "named_by": "case", "trained_here": False}
    for outcome in ("mof_10y", "hip_10y"):
        assert part(china, outcome)["probability"] < 0.8 * part(home, outcome)["probability"]
    assert part(china, "falls_12m")["probability"] == part(home, "falls_12m")["probability"]
    assert "中国" in next(flag["message"] for flag in china["flags"] if flag["code"] == "country_scaled")
    assert "country_scaled" not in {flag["code"] for flag in home["flags"]}


def test_the_configured_country_holds_where_the_case_names_none(
    assess: Assess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text("model: {country: CN}\n")
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(tmp_path / "config.yaml"))
    assert (assess()["country"]["id"], assess()["country"]["named_by"]) == ("CN", "configuration")
    assert assess("country: US\n")["country"]["id"] == "US"


def test_a_country_without_a_scale_is_refused(assess: Assess) -> None:
    with pytest.raises(CaseError) as refused:
        assess("country: FR\n")
    assert refused.value.code == "country_not_in_model"
    assert "CN" in refused.value.message("zh")


def test_the_equations_take_no_scale_and_the_app_says_so(assess: Assess) -> None:
    values = "values: {fn_t: -2.1, prior_fracture: true}\n"
    home, china = assess(values), assess("country: CN\n" + values)
    assert china["osteoporosis"]["method"] == "equations"
    assert china["osteoporosis"] == home["osteoporosis"]
    assert "doubt" not in china["osteoporosis"]
    assert "equations_home_country" in {flag["code"] for flag in china["flags"]}


def test_the_interval_beside_an_equation_takes_no_scale_either(monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = load_predictor()
    values = {"age": 72.0, "sex": 0.0, "weight": 51.0, "fn_t": -2.1}
    home = estimate(predictor.predict(values), predictor, values)
    moved = {**predictor.countries, "CN": replace(predictor.countries["CN"], osteoporosis=1.5)}
    monkeypatch.setattr(predictor, "countries", moved)
    there = predictor.predict(values, country="CN")
    assert there.intervals["osteoporosis"] != predictor.predict(values).intervals["osteoporosis"]
    assert estimate(there, predictor, values) == home


# --- FRAX ---
def test_a_typed_frax_stands_beside_and_changes_nothing(assess: Assess) -> None:
    values = "values: {prior_fracture: true}\n"
    plain = assess(values)
    typed = assess("frax: {mof_percent: 14, hip_percent: 5.2, country: China, with_bmd: true}\n" + values)
    assert plain["tools"]["frax"] is None
    assert typed["tools"]["frax"] == {
        "mof_percent": 14.0,
        "hip_percent": 5.2,
        "country": "China",
        "with_bmd": True,
        "source": "typed",
    }
    for outcome in ("osteoporosis", *BY_PATH):
        assert part(typed, outcome) == part(plain, outcome)


@pytest.mark.parametrize(
    ("frax", "code", "said"),
    [
        ("{mof_percent: 101, country: China, with_bmd: true}", "outside_hard_range", "frax.mof_percent"),
        ("{hip_percent: -1, country: China, with_bmd: true}", "outside_hard_range", "frax.hip_percent"),
        ("{mof_percent: '14', country: China, with_bmd: true}", "not_a_number", "frax.mof_percent"),
        ("{mof_percent: true, country: China, with_bmd: true}", "not_a_number", "frax.mof_percent"),
        ("{mof_percent: .nan, country: China, with_bmd: true}", "not_finite_value", "frax.mof_percent"),
        ("{mof_percent: 3, hip_percent: 5, country: China, with_bmd: true}", "frax_hip_above_mof", "5"),
        ("{country: China, with_bmd: true}", "required", "frax.mof_percent"),
        ("{mof_percent: 3, with_bmd: true}", "required", "frax.country"),
        ("{mof_percent: 3, country: '  ', with_bmd: true}", "required", "frax.country"),
        ("{mof_percent: 3, country: 86, with_bmd: true}", "frax_country", "60"),
        ("{mof_percent: 3, country: China}", "required", "frax.with_bmd"),
        ("{mof_percent: 3, country: China, with_bmd: 1}", "not_yes_no", "frax.with_bmd"),
        ("{mof_percent: 3, country: China, with_bmd: true, version: 4}", "unknown_key", "frax.version"),
        ("14", "not_a_mapping", "frax"),
    ],
)
def test_a_bad_frax_is_refused(assess: Assess, frax: str, code: str, said: str) -> None:
    with pytest.raises(CaseError) as refused:
        assess(f"frax: {frax}\n")
    assert refused.value.code == code
    for lang in ("en", "zh"):
        assert said in refused.value.message(lang)


@pytest.mark.parametrize("country", ["true", "86", "[CN]", "''"])
def test_a_country_is_text(assess: Assess, country: str) -> None:
    with pytest.raises(CaseError) as refused:
        assess(f"country: {country}\n")
    assert refused.value.code == "not_text"
