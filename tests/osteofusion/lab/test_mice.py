"""Multiple imputation on people whose missing values are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteofusion.lab.mice import DRAWS, Imputer, pool, sensitivity
from osteofusion.lab.tables import Rows, read_bone_rows
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column
COUNT = 3000


def invented() -> tuple[Rows, np.ndarray]:
    """People whose vitamin D falls with weight and whose PTH falls with vitamin D; gaps at random given weight."""
    rng = np.random.default_rng(5)
    values = np.full((COUNT, len(SCHEMA.inputs)), np.nan)
    weight = rng.normal(78, 15, COUNT)
    vitamin = np.exp(4.0 - 0.01 * (weight - 78) + 0.3 * rng.standard_normal(COUNT))
    values[:, AT["age"]], values[:, AT["sex"]] = rng.uniform(50, 80, COUNT), rng.random(COUNT) < 0.5
    values[:, AT["height"]], values[:, AT["weight"]] = rng.normal(167, 9, COUNT), weight
    values[:, AT["vit_d25oh"]] = vitamin
    values[:, AT["pth"]] = np.exp(3.8 - 0.5 * (np.log(vitamin) - 4) + 0.3 * rng.standard_normal(COUNT))
    values[:, AT["current_smoking"]] = rng.random(COUNT) < 0.15
    truth = values.copy()
    gap = rng.random(COUNT) < 1 / (1 + np.exp(-(weight - 78) / 10))
    for name in ("vit_d25oh", "current_smoking"):
        values[gap, AT[name]] = np.nan
    nothing = np.full(COUNT, np.nan)
    numbers = np.arange(COUNT)
    rows = Rows(numbers, values, nothing, nothing, np.ones(COUNT), numbers < 0, numbers < 0, numbers, numbers)
    return rows, truth


ROWS, TRUTH = invented()
IMPUTER = Imputer.fit(SCHEMA, ROWS, 3)
GAP = np.isnan(ROWS.values[:, AT["vit_d25oh"]])


def test_measured_values_stay_and_named_gaps_are_filled() -> None:
    filled = IMPUTER.draw(ROWS.values)
    known = ~np.isnan(ROWS.values)
    np.testing.assert_array_equal(filled[known], ROWS.values[known])
    assert not np.isnan(filled[:, [AT[name] for name in IMPUTER.names]]).any()
    assert np.isnan(filled[:, AT["fn_t"]]).all(), "bone density is not the business of the imputer"


def test_the_mean_is_right_where_plain_deletion_is_wrong() -> None:
    truth = np.log(TRUTH[:, AT["vit_d25oh"]])
    drawn = np.mean([np.log(IMPUTER.draw(ROWS.values)[:, AT["vit_d25oh"]]).mean() for _ in range(DRAWS)])
    assert truth[~GAP].mean() - truth.mean() > 0.03
    assert drawn == pytest.approx(truth.mean(), abs=0.015)


def test_relations_survive_the_imputation() -> None:
    filled = np.log(IMPUTER.draw(ROWS.values)[:, [AT["vit_d25oh"], AT["pth"]]])
    truth = np.log(TRUTH[:, [AT["vit_d25oh"], AT["pth"]]])
    assert np.corrcoef(filled[GAP].T)[0, 1] == pytest.approx(np.corrcoef(truth[GAP].T)[0, 1], abs=0.09)


def test_yes_no_values_keep_their_frequency() -> None:
    drawn = np.stack([IMPUTER.draw(ROWS.values)[GAP, AT["current_smoking"]] for _ in range(DRAWS)])
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert drawn.mean() == pytest.approx(0.15, abs=0.03)


def test_draws_differ_and_stay_in_the_hard_range() -> None:
    first, second = IMPUTER.draw(ROWS.values), IMPUTER.draw(ROWS.values)
    column = AT["vit_d25oh"]
    assert np.all(first[GAP, column] != second[GAP, column])
    low, high = SCHEMA.by_id["vit_d25oh"].hard or (0, 0)
    assert first[:, column].min() >= low
    assert first[:, column].max() <= high


def test_same_seed_same_draws() -> None:
    again = [Imputer.fit(SCHEMA, ROWS, 9).draw(ROWS.values) for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_rubins_rules_by_hand() -> None:
    pooled = pool(("a",), np.array([[1.0], [2.0], [3.0]]), np.full((3, 1), 0.5))
    assert pooled.estimate[0] == 2.0
    assert pooled.standard_error[0] == pytest.approx(np.sqrt(0.5 + 4 / 3 * 1.0))
    assert pooled.missing_information[0] == pytest.approx((4 / 3) / (0.5 + 4 / 3))


@pytest.mark.realdata
def test_shifted_imputations_hardly_move_the_answer(shared: Path) -> None:
    rows = read_bone_rows(shared / "data" / "cohort", SCHEMA)
    some = rows.take(np.arange(0, len(rows), 2))
    found = sensitivity(SCHEMA, some, np.arange(len(some)) % 5, 1)
    by_shift = {run["imputed_laboratory_values_shifted_by_sd"]: run["auc"] for run in found["runs"]}
    assert by_shift[0.0] > 0.8
    assert all(abs(value - by_shift[0.0]) < 0.01 for value in by_shift.values())
