"""A country moves levels and nothing else: order, coherence and the monotone path stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from osteofusion.country import read_countries
from osteofusion.errors import BundleError, ValuesError
from osteofusion.heads import logit
from osteofusion.predict import Predictor

MODEL = Predictor.load()
HOME = {
    "label": {"en": "United States", "zh": "美国"},
    "hip_shift": 0.0,
    "other_shift": 0.0,
    "osteoporosis_shift": 0.0,
}
CHINA = {
    "label": {"en": "China", "zh": "中国"},
    "hip_shift": -0.6,
    "other_shift": -0.3,
    "osteoporosis_shift": 0.25,
}
WOMAN = {"age": 72.0, "sex": 0.0, "height": 156.0, "weight": 51.0, "fn_t": -2.1}


def placed(**countries: dict[str, Any]) -> Predictor:
    bundle = replace(MODEL.bundle, metadata={**MODEL.bundle.metadata, "countries": countries})
    return Predictor(bundle, MODEL.schema, MODEL.engine, MODEL.imputer)


TWO = placed(US=HOME, CN=CHINA)


def test_home_is_the_network_itself() -> None:
    assert TWO.predict(WOMAN).probabilities == MODEL.predict(WOMAN).probabilities
    assert TWO.predict(WOMAN).country == "US"


def test_a_shift_moves_the_logit_of_every_member() -> None:
    z = TWO.z_scores(WOMAN)[None, :]
    home, moved = (logit(TWO.member_probabilities(z, country)) for country in ("US", "CN"))
    np.testing.assert_allclose(moved[..., 0] - home[..., 0], 0.25, atol=1e-9)
    np.testing.assert_allclose(moved[..., 3], home[..., 3], atol=1e-12)
    assert np.all(moved[..., 1:3] < home[..., 1:3])


def test_hip_stays_below_major_fracture_whatever_the_shift() -> None:
    upside_down = placed(XX={**CHINA, "hip_shift": 3.0, "other_shift": -3.0})
    rng = np.random.default_rng(1)
    people = MODEL.imputer.draws(np.full(len(MODEL.schema.inputs), np.nan), 500, rng)
    people[rng.random(people.shape) < 0.4] = np.nan
    chances = upside_down.member_probabilities(people, "XX").mean(axis=1)
    assert np.all(chances[:, 2] <= chances[:, 1])


def test_reasons_and_tables_follow_the_country() -> None:
    china = TWO.predict(WOMAN, country="CN")
    reasons = TWO.explain(WOMAN, country="CN")
    for outcome, probability in china.probabilities.items():
        assert reasons[outcome].total_logit == pytest.approx(float(logit(np.array(probability))), abs=1e-6)
    row = np.full((1, len(MODEL.schema.inputs)), np.nan)
    for name, value in WOMAN.items():
        row[0, MODEL.schema.column[name]] = value
    many = TWO.predict_many(row, country="CN")
    for outcome, probability in china.probabilities.items():
        assert many[outcome][0] == pytest.approx(probability, abs=1e-6)


def test_an_unknown_country_is_refused_by_name() -> None:
    with pytest.raises(ValuesError) as caught:
        TWO.predict(WOMAN, country="ZZ")
    assert caught.value.code == "unknown_country"
    assert "US, CN" in caught.value.message("en")


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {**CHINA, "hip_shift": "much"},
        {**CHINA, "hip_shift": float("inf")},
        {**CHINA, "label": "China"},
        3,
    ],
)
def test_an_entry_that_is_not_understood_is_refused(entry: Any) -> None:
    with pytest.raises(BundleError):
        read_countries({"countries": {"CN": entry}})


def test_a_bundle_that_names_no_country_speaks_of_its_own_people() -> None:
    assert list(read_countries({})) == ["US"]
    assert not read_countries({})["US"].moved
