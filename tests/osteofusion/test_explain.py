"""Reasons: exact, additive, reproducible."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from osteofusion import game
from osteofusion.encode import standardise, unstandardise
from osteofusion.explain import TRACE, contributions, group_shapley, owen_of_scores, owen_values
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


def everything_known() -> dict[str, float]:
    inputs = MODEL.schema.inputs
    z = MODEL.imputer.draws(np.full(len(inputs), np.nan), 1, np.random.default_rng(3))
    values = dict(zip([f.id for f in inputs], unstandardise(MODEL.schema, z)[0].tolist(), strict=True))
    return values | {"scanner_generation": 1.0}


def test_bars_add_up_when_everything_is_known() -> None:
    found = contributions(MODEL, everything_known())
    for reasons in found.values():
        gained = reasons.total_logit - reasons.baseline_logit
        assert sum(reasons.features.values()) == pytest.approx(gained, abs=1e-9)
        for group in GROUPS:
            parts = [reasons.features[f.id] for f in MODEL.schema.inputs if f.group == group]
            assert sum(parts) == pytest.approx(reasons.groups[group], abs=1e-9)


def test_sharing_the_orders_out_between_coalitions_hardly_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    person = everything_known()
    shared = owen_values(MODEL, person)
    monkeypatch.setattr(game, "OWEN_ROWS", 10**6)
    both = owen_values(MODEL, person)
    assert shared != both
    for outcome in OUTCOMES:
        one, two = (np.array(list(bars[outcome].values())) for bars in (shared, both))
        assert np.sqrt(np.mean((one - two) ** 2)) < 0.05
        assert np.corrcoef(one, two)[0, 1] > 0.97


def test_owen_values_of_small_groups_are_exact() -> None:
    """With at most two known values in a group an order and its reverse are all orders there are."""
    person = {"age": 74.0, "sex": 0.0, "fn_t": -2.2, "ls_t": -1.4, "gait_speed": 0.8, "tug": 13.0, "ctx": 0.6}
    z = MODEL.z_scores(person)
    blocks = [[MODEL.schema.column[name] for name in names]
              for names in (("age", "sex"), ("fn_t", "ls_t"), ("gait_speed", "tug"), ("ctx",))]  # fmt: skip
    orders = [
        [column for block in chosen for column in block]
        for order in itertools.permutations(blocks)
        for chosen in itertools.product(*(list(itertools.permutations(block)) for block in order))
    ]
    prefixes = sorted({frozenset(order[:n]) for order in orders for n in range(len(order) + 1)}, key=sorted)
    shown = np.full((len(prefixes), len(z)), np.nan)
    for row, known in enumerate(prefixes):
        shown[row, list(known)] = z[list(known)]
    table = dict(zip(prefixes, logit(MODEL.member_probabilities(shown).mean(axis=1)), strict=True))
    expected = np.zeros((len(z), len(OUTCOMES)))
    for order in orders:
        for n, column in enumerate(order):
            expected[column] += (table[frozenset(order[: n + 1])] - table[frozenset(order[:n])]) / len(orders)
    np.testing.assert_allclose(
        owen_of_scores(MODEL, z), expected, atol=1e-6
    )  # batches differ in the last float32 bit


def test_the_trace_ends_at_the_prediction() -> None:
    for outcome, reasons in contributions(MODEL, PERSON).items():
        assert [step.group for step in reasons.trace] == list(TRACE)
        assert reasons.trace[-1].probability == pytest.approx(
            MODEL.predict(PERSON).probabilities[outcome], abs=1e-6
        )
        clinical = MODEL.predict(PERSON, without=frozenset(GROUPS) - {"clinical"})
        assert reasons.trace[0].probability == pytest.approx(clinical.probabilities[outcome], abs=1e-6)


def test_the_trace_leaves_out_what_is_not_known() -> None:
    steps = contributions(MODEL, {"age": 66.0, "sex": 1.0, "fn_t": -1.0})["hip_10y"].trace
    assert [step.group for step in steps] == ["clinical", "bmd"]
