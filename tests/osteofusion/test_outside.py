"""Values and combinations outside the people the model was made from are named."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.outside import MEASUREMENT, surprise, unusual_combination
from osteofusion.predict import Predictor

MODEL = Predictor.load()
SCHEMA = MODEL.schema
WOMAN = {"age": 72.0, "sex": 0.0, "height": 156.0, "weight": 51.0, "fn_t": -1.9, "th_t": -1.6, "ls_t": -1.7}


def test_an_ordinary_person_has_nothing_to_name() -> None:
    found = MODEL.predict(WOMAN)
    assert found.outside_training_range == found.outside_usual_range == found.unusual_combination == ()


def test_a_value_beyond_the_usual_range_is_named_before_it_is_clipped() -> None:
    found = MODEL.predict({**WOMAN, "ls_t": 4.5})
    assert found.outside_usual_range == ("ls_t",)
    assert MODEL.predict({**WOMAN, "age": 100.0}).outside_usual_range == ("age",)
    assert MODEL.predict({**WOMAN, "weight": 190.0}).outside_training_range == ("weight",)


def test_values_that_do_not_go_together_are_named() -> None:
    found = MODEL.predict({**WOMAN, "fn_t": -3.5, "th_t": 1.5})
    assert found.outside_training_range == ()
    assert set(found.unusual_combination[:2]) == {"fn_t", "th_t"}


def test_a_hidden_value_is_not_judged() -> None:
    odd = {**WOMAN, "fn_t": -3.5, "th_t": 1.5}
    assert MODEL.predict(odd, without=frozenset({"bmd"})).unusual_combination == ()
    assert MODEL.predict({**WOMAN, "ls_t": 4.5}, without=frozenset({"bmd"})).outside_usual_range == ()


def test_one_odd_value_is_no_odd_combination() -> None:
    found = MODEL.predict({**WOMAN, "creatinine": 300.0, "calcium": 2.35})
    assert found.outside_training_range == ("creatinine",)
    assert found.unusual_combination == ()


def test_one_value_is_no_combination() -> None:
    assert MODEL.predict({"age": 95.0, "sex": 1.0}).unusual_combination == ()


@pytest.mark.parametrize("share", [0.15, 0.5, 1.0])
def test_few_drawn_people_are_called_unusual(share: float) -> None:
    rng = np.random.default_rng(5)
    people = MODEL.imputer.draws(np.full(len(SCHEMA.inputs), np.nan), 1500, rng)
    person = [SCHEMA.column["age"], SCHEMA.column["sex"]]
    named = 0
    for z in people:
        shown = np.where(rng.random(len(z)) < share, z, np.nan)
        shown[person] = z[person]
        named += bool(unusual_combination(MODEL.imputer, SCHEMA, shown))
    assert named / len(people) < 0.01


@pytest.mark.parametrize("size", [2, 6, 20])
def test_surprise_does_not_depend_on_how_many_are_known(size: int) -> None:
    copula = MODEL.imputer.copulas[0]
    columns = np.flatnonzero(~MODEL.imputer.discrete)[:size]
    normals = np.random.default_rng(6).standard_normal((20_000, len(copula.noise)))
    measured = normals @ copula.root.T + np.sqrt(MEASUREMENT) * np.random.default_rng(7).standard_normal(
        normals.shape
    )
    found = surprise(copula, measured[:, columns], columns)
    assert np.mean(found) == pytest.approx(0.0, abs=0.05)
    assert np.quantile(found, 0.99) == pytest.approx(2.33, abs=0.25)
