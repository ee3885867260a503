"""The interval by source, and the tables a bundle stores about its own errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from osteofusion.errors import BundleError
from osteofusion.heads import OUTCOMES, logit, sigmoid
from osteofusion.predict import DRAWS, Predictor
from osteofusion.uncertainty import LEVEL, Limits, ranges, read_tables, spread

MODEL = Predictor.load()
KNOTS = " ".join(str(n) for n in range(0, 9000, 1000))
METADATA: dict[str, Any] = {
    "conformal": {
        "level": 0.9,
        "osteoporosis": {"no": [[0.1] * 5, [0.05] * 5], "yes": [[0.04] * 5, [0.02] * 5]},
        "falls_12m": {"no": [[0.2] * 5] * 2, "yes": [[0.05] * 5] * 2},
    },
    "venn_abers": {"falls_12m": {"low_logit": -6, "high_logit": 2, "lower": KNOTS, "upper": KNOTS}},
    "noise": {"edges": [0.03, 0.1, 0.3], **{name: [0.001, 0.002, 0.003, 0.004] for name in OUTCOMES}},
}
WOMAN = {"age": 72.0, "sex": 0.0, "height": 156.0, "weight": 51.0, "prior_fracture": 1.0}


def with_tables(**changed: Any) -> Predictor:
    """The shipped model with other tables in its metadata."""
    bundle = replace(MODEL.bundle, metadata={**MODEL.bundle.metadata, **METADATA, **changed})
    return Predictor(bundle, MODEL.schema, MODEL.engine, MODEL.imputer)


def random_spread(seed: int, members: int = 5) -> tuple[np.ndarray, Any]:
    rng = np.random.default_rng(seed)
    chances = sigmoid(rng.normal(-2, 0.3, (members, 4)))
    headline = chances.mean(axis=0)
    completed = sigmoid(logit(chances) + rng.normal(0, 0.5, (DRAWS, 1, 4)))
    return headline, spread(headline, completed, np.full(4, 0.004))


def test_the_shown_interval_holds_every_source() -> None:
    for seed in range(30):
        headline, reach = random_spread(seed)
        shown = np.array(ranges(reach.centre, reach.combined(), headline))
        for part in (reach.members, reach.missing, reach.rounding):
            alone = np.array(ranges(reach.centre, part, headline))
            assert np.all(shown[:, 0] <= alone[:, 0] + 1e-15)
            assert np.all(shown[:, 1] >= alone[:, 1] - 1e-15)
            assert np.all((alone[:, 0] <= headline) & (headline <= alone[:, 1]))


def test_the_shown_interval_is_the_root_of_the_sum_of_squares() -> None:
    _, reach = random_spread(1)
    squares = reach.members**2 + reach.missing**2 + reach.rounding**2
    np.testing.assert_allclose(reach.combined(), np.sqrt(squares))


def test_one_more_member_lies_in_the_range_of_members_nine_times_in_ten() -> None:
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(4000):
        logits = rng.normal(-2, 0.4, (6, 4))
        headline = sigmoid(logits[:5].mean(axis=0))
        reach = spread(headline, sigmoid(logits[None, :5]), np.zeros(4))
        low, high = np.array(ranges(reach.centre, reach.members, headline)).T
        inside.append((low <= sigmoid(logits[5])) & (sigmoid(logits[5]) <= high))
    assert np.mean(inside) == pytest.approx(LEVEL, abs=0.01)


def test_one_more_completion_lies_in_the_range_of_missing_values_nine_times_in_ten() -> None:
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(1500):
        drawn = sigmoid(rng.gamma(2, 1, (DRAWS + 1, 4)) - 4)
        headline = drawn[:DRAWS].mean(axis=0)
        reach = spread(headline, drawn[:DRAWS, None], np.zeros(4))
        low, high = np.array(ranges(reach.centre, reach.missing, headline)).T
        inside.append((low <= drawn[-1] + 1e-12) & (drawn[-1] <= high + 1e-12))
    assert np.mean(inside) == pytest.approx(1 - 2 * 3 / 65, abs=0.01)


def test_a_single_member_has_no_range_of_its_own() -> None:
    headline, reach = random_spread(3, members=1)
    np.testing.assert_allclose(reach.members, 0, atol=1e-12)
    assert np.all(reach.missing > 0)
    assert len(headline) == 4


def test_a_complete_person_has_nothing_missing() -> None:
    ids = [feature.id for feature in MODEL.schema.inputs]
    z = MODEL.imputer.draws(np.full(len(ids), np.nan), 1, np.random.default_rng(2))[0]
    chances, reach = MODEL.spread(z)
    assert len(chances) == 1
    np.testing.assert_array_equal(reach.missing, 0)
    assert np.all(reach.members > 0)


def test_sources_are_named_apart() -> None:
    found = with_tables().predict(WOMAN)
    for outcome in OUTCOMES:
        source, (low, high) = found.sources[outcome], found.intervals[outcome]
        for part in (source.members, source.missing, source.rounding):
            assert low <= part[0] <= found.probabilities[outcome] <= part[1] <= high
        assert source.rounding[1] - source.rounding[0] == pytest.approx(2 * found.noise[outcome], rel=0.1)


@pytest.mark.parametrize(
    ("probability", "male", "labels"),
    [
        (0.03, False, ("no",)),
        (0.06, False, ("no", "yes")),
        (0.3, False, ("yes",)),
        (0.06, True, ("yes",)),
        (0.01, True, ("no",)),
    ],
)
def test_answers_that_are_not_ruled_out(probability: float, male: bool, labels: tuple[str, ...]) -> None:
    limits = read_tables(METADATA).conformal["osteoporosis"]
    assert limits.labels(probability, male, 72.0) == labels


def test_an_estimate_unusual_under_both_answers_tells_neither() -> None:
    apart = Limits(np.full((2, 5), 0.1), np.full((2, 5), 0.2))
    assert apart.labels(0.15, False, 65.0) == ("no", "yes")


def test_the_decade_decides_and_the_ends_are_open() -> None:
    limits = Limits(np.tile([0.1, 0.2, 0.3, 0.4, 0.5], (2, 1)), np.zeros((2, 5)))
    kept = [limits.labels(0.35, False, age)[0] for age in (40, 49.9, 50, 69.9, 70, 80, 104)]
    assert kept == ["yes", "yes", "yes", "yes", "no", "no", "no"]


def test_bounds_are_read_between_knots() -> None:
    knots = read_tables(METADATA).venn_abers["falls_12m"]
    assert knots.at(float(sigmoid(np.array(-2.0)))) == (pytest.approx(0.4), pytest.approx(0.4))
    assert knots.at(1e-6)[0] == pytest.approx(0.0)
    assert knots.at(1 - 1e-6)[1] == pytest.approx(0.8)


def test_tables_speak_only_of_people_like_those_they_were_made_of() -> None:
    shifts = {"hip_shift": -0.5, "other_shift": -0.4, "osteoporosis_shift": 0.3}
    model = with_tables(countries={"CN": {"label": {"en": "China", "zh": "中国"}, **shifts}})
    assert set(with_tables().predict(WOMAN).conformal) == {"osteoporosis", "falls_12m"}
    assert set(with_tables().predict({**WOMAN, "fn_t": -1.0}).conformal) == {"falls_12m"}
    assert set(model.predict(WOMAN, country="CN").conformal) == {"falls_12m"}
    assert set(with_tables().predict(WOMAN).venn_abers) == {"falls_12m"}


def test_a_probability_at_the_threshold_says_so() -> None:
    found = with_tables().predict(WOMAN)
    chance = found.probabilities["mof_10y"]
    assert found.noise["mof_10y"] == pytest.approx(0.003 if chance < 0.3 else 0.004)
    assert found.at_threshold("mof_10y", chance + 0.002)
    assert not found.at_threshold("mof_10y", chance + 0.01)


def test_a_bundle_without_tables_still_answers() -> None:
    found = with_tables(conformal=None, venn_abers=None, noise=None).predict(WOMAN)
    assert (found.conformal, found.venn_abers) == ({}, {})
    assert found.noise == dict.fromkeys(OUTCOMES, 0.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"conformal": {"osteoporosis": {"no": [[0.1] * 4] * 2, "yes": [[0.1] * 5] * 2}}},
        {"conformal": {"osteoporosis": {"no": [[0.1] * 5] * 2}}},
        {"noise": {"edges": [0.1], "mof_10y": [0.1]}},
        {"noise": {"edges": [0.1], "mof_10y": [0.1, float("nan")]}},
        {"venn_abers": {"falls_12m": {"low_logit": 0, "high_logit": 1, "lower": "1 2", "upper": "1"}}},
        {"venn_abers": {"falls_12m": {"low_logit": 0, "high_logit": 1, "lower": "a b", "upper": "1 2"}}},
        {"conformal": [1]},
    ],
)
def test_a_damaged_table_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BundleError) as caught:
        read_tables(changed)
    assert caught.value.code == "bundle_not_understood"


def test_the_shipped_tables_hold_what_they_promise() -> None:
    """Measured when the bundle was made, on survey people that the answering member had not seen."""
    for outcome in ("osteoporosis", "falls_12m"):
        stated = MODEL.bundle.metadata["conformal"][outcome]["coverage"]
        assert 0.88 <= stated["all"] <= 0.92
        for group in ("women", "men", "with", "without", "40", "50", "60", "70", "80"):
            assert stated[group] >= 0.85, (outcome, group)
        assert MODEL.bundle.metadata["venn_abers"][outcome]["mean_width"] < 0.02
    assert set(MODEL.tables.noise) == set(OUTCOMES)
    assert all(bands.max() <= 0.02 for bands in MODEL.tables.noise.values())


def test_people_with_osteoporotic_bone_have_finite_intervals() -> None:
    found = MODEL.predict({**WOMAN, "fn_t": -4.8, "th_t": -4.9, "ls_t": -5.0})
    for low, high in found.intervals.values():
        assert 0 < low <= high < 1
