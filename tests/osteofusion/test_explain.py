"""Reasons: exact, additive, reproducible."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from osteofusion.encode import standardise
from osteofusion.explain import contributions, group_shapley, owen_values
from osteofusion.heads import OUTCOMES, logit
from osteofusion.predict import Predictor

MODEL = Predictor.load()
GROUPS = list(MODEL.schema.group_columns)
PERSON = {
    "age": 74.0, "sex": 0.0, "height": 155.0, "weight": 49.0, "prior_fracture": 1.0, "fn_t": -2.2, "ls_t": -1.9,
    "ctx": 0.6, "vit_d25oh": 31.0, "gait_speed": 0.75, "tug": 14.0, "rs3736228": 1.0, "tb_sp": 0.62,
    "scanner_generation": 1,
}  # fmt: skip
CASES = [PERSON, {"age": 50.0, "sex": 1.0}, {"age": 66.0, "sex": 1.0, "fn_t": -1.0}]


def worth(z: np.ndarray, coalitions: list[tuple[str, ...]]) -> np.ndarray:
    """All in one batch: the engine's float layer may differ in the last bits between batch sizes."""
    shown = np.full((len(coalitions), len(z)), np.nan)
    for row, groups in enumerate(coalitions):
        for group in groups:
            columns = list(MODEL.schema.group_columns[group])
            shown[row, columns] = z[columns]
    return logit(MODEL.member_probabilities(shown).mean(axis=1))


def test_group_bars_equal_the_mean_over_all_orders() -> None:
    z = MODEL.z_scores(PERSON)
    coalitions = [s for n in range(7) for s in itertools.combinations(GROUPS, n)]
    table = dict(zip(map(frozenset, coalitions), worth(z, coalitions), strict=True))
    expected = dict.fromkeys(GROUPS, np.zeros(len(OUTCOMES)))
    orders = list(itertools.permutations(GROUPS))
    for order in orders:
        for place, group in enumerate(order):
            gain = table[frozenset(order[: place + 1])] - table[frozenset(order[:place])]
            expected[group] = expected[group] + gain / len(orders)
    found = group_shapley(MODEL, PERSON)
    for n, outcome in enumerate(OUTCOMES):
        for group in GROUPS:
            assert found[outcome][group] == pytest.approx(expected[group][n], abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_bars_add_up(case: dict[str, float]) -> None:
    found = contributions(MODEL, case)
    probabilities = MODEL.predict(case).probabilities
    for outcome in OUTCOMES:
        reasons = found[outcome]
        assert reasons.baseline_logit + sum(reasons.groups.values()) == pytest.approx(
            reasons.total_logit, abs=1e-9
        )
        assert reasons.baseline_logit + sum(reasons.features.values()) == pytest.approx(
            reasons.total_logit, abs=1e-9
        )
        assert reasons.total_logit == pytest.approx(float(logit(np.array(probabilities[outcome]))), abs=1e-6)
        for group in GROUPS:
            ids = [f.id for f in MODEL.schema.inputs if f.group == group and f.id in reasons.features]
            parts = sum(reasons.features[name] for name in ids)
            assert parts == pytest.approx(reasons.groups[group], abs=1e-9)


def test_absent_values_and_groups_have_no_share() -> None:
    found = contributions(MODEL, {"age": 66.0, "sex": 1.0, "fn_t": -1.0})
    for outcome in OUTCOMES:
        assert set(found[outcome].features) == {"age", "sex", "fn_t"}
        for group in ("microarchitecture", "turnover", "snp", "sensor"):
            assert found[outcome].groups[group] == pytest.approx(0.0, abs=1e-12)


def test_hidden_groups_have_no_share() -> None:
    found = contributions(MODEL, PERSON, without=frozenset({"bmd"}))
    assert found["hip_10y"].groups["bmd"] == pytest.approx(0.0, abs=1e-12)
    assert "fn_t" not in found["hip_10y"].features


def test_same_case_same_bars() -> None:
    assert contributions(MODEL, PERSON) == contributions(MODEL, PERSON)
    assert owen_values(MODEL, PERSON) == {
        o: dict(r.features) for o, r in contributions(MODEL, PERSON).items()
    }


def test_gait_has_no_share_in_osteoporosis() -> None:
    reasons = contributions(MODEL, PERSON)["osteoporosis"]
    assert reasons.groups["sensor"] == pytest.approx(0.0, abs=1e-9)


def test_a_low_t_score_speaks_for_fracture() -> None:
    reasons = contributions(MODEL, {**PERSON, "fn_t": -3.5})
    assert reasons["hip_10y"].features["fn_t"] > 0.3


def test_a_single_value_of_a_group_gets_the_bar_of_its_group() -> None:
    person = {"age": 66.0, "sex": 1.0, "fn_t": -1.7}
    reasons = contributions(MODEL, person)["mof_10y"]
    assert reasons.features["fn_t"] == pytest.approx(reasons.groups["bmd"], abs=1e-12)


def test_z_scores_are_those_of_the_schema() -> None:
    row = np.full((1, len(MODEL.schema.inputs)), np.nan)
    row[0, MODEL.schema.column["age"]] = 66.0
    row[0, MODEL.schema.column["sex"]] = 1.0
    np.testing.assert_array_equal(
        MODEL.z_scores({"age": 66.0, "sex": 1.0}), standardise(MODEL.schema, row)[0]
    )
