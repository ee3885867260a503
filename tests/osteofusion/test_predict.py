"""Prediction: whatever is known, finite, coherent, monotone in bone density, wider when more is missing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from osteofusion.bundle import open_bundle, read_draft
from osteofusion.encode import unstandardise
from osteofusion.errors import SignatureError, ValuesError
from osteofusion.heads import OUTCOMES
from osteofusion.predict import Predictor
from osteofusion.schema import default_bundle

MODEL = Predictor.load()
SCHEMA = MODEL.schema
WOMAN = {
    "age": 72.0,
    "sex": 0.0,
    "height": 156.0,
    "weight": 51.0,
    "prior_fracture": 1.0,
    "fn_t": -2.1,
    "ctx": 0.41,
}
MAN = {"age": 64.0, "sex": 1.0, "height": 171.0, "weight": 74.0, "gait_speed": 1.05, "grip_one_hand": 38.0}
BONE = ("fn_t", "th_t", "ls_t")


def people(count: int, seed: int = 5) -> np.ndarray:
    """Plausible complete people: draws of the stored Gaussian, in stored units."""
    z = MODEL.imputer.draws(np.full(len(SCHEMA.inputs), np.nan), count, np.random.default_rng(seed))
    values = unstandardise(SCHEMA, z)
    values[:, SCHEMA.column["age"]] = np.clip(values[:, SCHEMA.column["age"]], 40, 95)
    for column, feature in enumerate(SCHEMA.inputs):
        low, high = feature.hard or (0.0, 1.0)
        values[:, column] = np.clip(values[:, column], low, high)
    return values


def hidden(values: np.ndarray, seed: int = 6) -> np.ndarray:
    """The same people with most values absent at random; age and sex stay."""
    rng = np.random.default_rng(seed)
    table = np.where(rng.random(values.shape) < rng.random((len(values), 1)), values, np.nan)
    for name in ("age", "sex"):
        table[:, SCHEMA.column[name]] = values[:, SCHEMA.column[name]]
    return table


def test_probabilities_lie_inside_their_intervals() -> None:
    for person in (WOMAN, MAN, {"age": 50.0, "sex": 1.0}, {"age": 90.0, "sex": 0.0}):
        found = MODEL.predict(person)
        for outcome in OUTCOMES:
            low, high = found.intervals[outcome]
            assert 0 < low <= found.probabilities[outcome] <= high < 1


def test_same_person_same_answer() -> None:
    assert MODEL.predict(WOMAN) == MODEL.predict(dict(reversed(WOMAN.items())))


def test_missing_groups_are_named() -> None:
    assert MODEL.predict({"age": 70.0, "sex": 0.0}).missing_groups == (
        "bmd",
        "microarchitecture",
        "turnover",
        "snp",
        "sensor",
    )


def test_hiding_a_group_equals_not_knowing_it() -> None:
    without = MODEL.predict(MAN, without=frozenset({"sensor"}))
    bare = MODEL.predict(
        {name: value for name, value in MAN.items() if name not in ("gait_speed", "grip_one_hand")}
    )
    assert without.probabilities == bare.probabilities
    only = MODEL.predict(WOMAN, without=frozenset(SCHEMA.group_columns))
    assert only.probabilities == MODEL.predict({"age": 72.0, "sex": 0.0}).probabilities


def test_intervals_are_wider_when_more_is_missing() -> None:
    table = people(25)
    ids = [feature.id for feature in SCHEMA.inputs]
    widths: dict[str, list[float]] = {"all": [], "few": []}
    for row in table:
        values = dict(zip(ids, row.tolist(), strict=True)) | {"scanner_generation": 1}
        few = {name: values[name] for name in ("age", "sex", "height", "weight")}
        for name, known in (("all", values), ("few", few)):
            low, high = MODEL.predict(known).intervals["mof_10y"]
            widths[name].append(np.log(high) - np.log(low))
    assert np.mean(widths["few"]) > 1.3 * np.mean(widths["all"])
    assert np.mean(np.array(widths["few"]) > np.array(widths["all"])) > 0.8


def test_a_value_beyond_the_training_range_is_named() -> None:
    assert MODEL.predict({**MAN, "weight": 190.0}).outside_training_range == ("weight",)
    assert MODEL.predict(MAN).outside_training_range == ()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"sex": 0.0}, "required_value"),
        ({"age": 70.0}, "required_value"),
        ({**MAN, "bmi": 24.0}, "unknown_value"),
        ({**MAN, "fn_z": -1.0}, "unknown_value"),
        ({**MAN, "ctx": float("nan")}, "value_not_finite"),
        ({**MAN, "ctx": float("inf")}, "value_not_finite"),
        ({**MAN, "age": 130.0}, "value_outside_hard_range"),
        ({**MAN, "stroke": 2.0}, "value_outside_hard_range"),
        ({**MAN, "tb_sp": 0.5}, "scanner_generation"),
    ],
)
def test_bad_values_are_refused(values: dict[str, float], code: str) -> None:
    with pytest.raises(ValuesError) as caught:
        MODEL.predict(values)
    assert caught.value.code == code
    assert caught.value.message("zh") != caught.value.message("en")


def test_unknown_group_is_refused() -> None:
    with pytest.raises(ValuesError):
        MODEL.predict(MAN, without=frozenset({"blood"}))


def test_many_equal_one_by_one() -> None:
    table = hidden(people(40))
    many = MODEL.predict_many(table, scanner_generation=1)
    ids = [feature.id for feature in SCHEMA.inputs]
    for number, row in enumerate(table):
        known = {name: float(value) for name, value in zip(ids, row, strict=True) if not np.isnan(value)}
        one = MODEL.predict(known | {"scanner_generation": 1}).probabilities
        for outcome in OUTCOMES:
            assert many[outcome][number] == pytest.approx(one[outcome], abs=1e-6)


def test_chunks_do_not_matter() -> None:
    table = people(2500)
    whole = MODEL.predict_many(table, 1)
    part = MODEL.predict_many(table[2000:], 1)
    for outcome in OUTCOMES:
        np.testing.assert_allclose(whole[outcome][2000:], part[outcome], atol=1e-7)


def test_an_empty_table_gives_empty_answers() -> None:
    many = MODEL.predict_many(np.zeros((0, len(SCHEMA.inputs))))
    assert all(len(many[outcome]) == 0 for outcome in OUTCOMES)


def test_a_bad_table_is_refused() -> None:
    table = people(3)
    with pytest.raises(ValuesError) as caught:
        MODEL.predict_many(table[:, :10])
    assert caught.value.code == "table_shape"
    table[1, SCHEMA.column["age"]] = np.nan
    with pytest.raises(ValuesError) as caught:
        MODEL.predict_many(table, 1)
    assert caught.value.code == "required_value"


def test_every_subset_of_groups_is_finite_and_coherent() -> None:
    table = people(60)
    groups = list(SCHEMA.group_columns)
    for size in range(len(groups) + 1):
        for subset in itertools.combinations(groups, size):
            shown = table.copy()
            for group in set(groups) - set(subset):
                shown[:, list(SCHEMA.group_columns[group])] = np.nan
            for name in ("age", "sex"):
                shown[:, SCHEMA.column[name]] = table[:, SCHEMA.column[name]]
            found = MODEL.predict_many(shown, 1)
            for outcome in OUTCOMES:
                assert np.all((found[outcome] > 0) & (found[outcome] < 1))
            assert np.all(found["hip_10y"] <= found["mof_10y"])


@pytest.mark.parametrize("site", BONE)
def test_a_lower_t_score_never_lowers_a_risk(site: str) -> None:
    table = hidden(people(220, seed=8), seed=9)
    steps = np.linspace(4.5, -6.5, 250)
    swept = np.repeat(table, len(steps), axis=0)
    swept[:, SCHEMA.column[site]] = np.tile(steps, len(table))
    found = MODEL.predict_many(swept, 1)
    for outcome in ("osteoporosis", "mof_10y", "hip_10y"):
        rises = np.diff(found[outcome].reshape(len(table), len(steps)), axis=1)
        assert rises.min() >= -1e-12
        assert rises.max() > 0


def test_bone_density_does_not_move_falls() -> None:
    table = hidden(people(50, seed=3))
    table[:, SCHEMA.column["fn_t"]] = -3.0
    low = MODEL.predict_many(table, 1)["falls_12m"]
    for other in (1.0, np.nan):  # not even whether it was measured: the survey never had both
        table[:, SCHEMA.column["fn_t"]] = other
        np.testing.assert_array_equal(low, MODEL.predict_many(table, 1)["falls_12m"])


def test_sensors_do_not_move_the_osteoporosis_estimate() -> None:
    table = people(400)
    shown = MODEL.predict_many(table, 1)["osteoporosis"]
    table[:, list(SCHEMA.group_columns["sensor"])] = np.nan
    np.testing.assert_allclose(MODEL.predict_many(table, 1)["osteoporosis"], shown, atol=1e-7)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_age_and_sex_alone_give_a_sensible_prior(outcome: str) -> None:
    women = [
        MODEL.predict({"age": age, "sex": 0.0}).probabilities[outcome] for age in (50.0, 60.0, 70.0, 80.0)
    ]
    assert women == sorted(women)
    published = {
        "osteoporosis": (0.02, 0.5),
        "mof_10y": (0.03, 0.3),
        "hip_10y": (0.002, 0.12),
        "falls_12m": (0.02, 0.3),
    }
    low, high = published[outcome]
    assert low < women[0] < women[-1] < high


def test_slow_walking_raises_falls_and_fracture() -> None:
    slow, fast = ({**MAN, "gait_speed": speed} for speed in (0.6, 1.3))
    for outcome in ("falls_12m", "hip_10y", "mof_10y"):
        assert MODEL.predict(slow).probabilities[outcome] > MODEL.predict(fast).probabilities[outcome]


def test_identity_of_the_model() -> None:
    model = MODEL.predict(MAN).model
    assert model.engine == "onnxruntime"
    assert model.sha256 == MODEL.sha256
    assert model.data_tier == {"osteoporosis": "R", "mof_10y": "S", "hip_10y": "S", "falls_12m": "R"}


def test_an_open_bundle_is_used_as_it_was_checked_and_a_draft_is_not() -> None:
    opened = open_bundle(default_bundle())
    again = Predictor.load(opened)
    assert again.bundle is opened
    assert again.sha256 == MODEL.sha256
    with pytest.raises(SignatureError) as refused:
        Predictor.load(read_draft(default_bundle()))
    assert refused.value.code == "bundle_unsigned"
