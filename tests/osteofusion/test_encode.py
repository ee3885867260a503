"""Values to network input: scaling, clipping, masks, scanner generations."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.encode import (
    GRID,
    columns_of_groups,
    layout,
    network_input,
    standardise,
    unstandardise,
)
from osteofusion.errors import ValuesError
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = layout(SCHEMA)


def row(**values: float) -> np.ndarray:
    table = np.full((1, len(SCHEMA.inputs)), np.nan)
    for name, value in values.items():
        table[0, SCHEMA.column[name]] = value
    return table


def test_layout_uses_every_column_once() -> None:
    assert sorted([*AT.value, *AT.mask]) == list(range(2 * len(SCHEMA.inputs)))


def test_values_then_masks_of_each_group() -> None:
    start = 0
    for columns in SCHEMA.group_columns.values():
        assert [AT.value[c] for c in columns] == list(range(start, start + len(columns)))
        start += 2 * len(columns)


def test_absent_is_value_zero_and_mask_zero() -> None:
    x = network_input(standardise(SCHEMA, row(age=65.0)), AT)
    assert x[0, AT.mask].sum() == 1
    assert np.count_nonzero(x[0, AT.value]) == 0


def test_known_and_clipped() -> None:
    x = network_input(standardise(SCHEMA, row(age=200.0, fn_t=-0.9)), AT)
    assert x[0, AT.value[SCHEMA.column["age"]]] == pytest.approx(4.0)
    assert x[0, AT.value[SCHEMA.column["fn_t"]]] == pytest.approx(0.0)
    assert x[0, AT.mask[SCHEMA.column["fn_t"]]] == 1


def test_a_measured_zero_on_a_logarithmic_scale_is_finite() -> None:
    z = standardise(SCHEMA, row(sway_rms_acc_ml=0.0))
    assert np.isfinite(z[0, SCHEMA.column["sway_rms_acc_ml"]])


def test_scaling_and_back() -> None:
    z = np.random.default_rng(1).normal(size=(20, len(SCHEMA.inputs)))
    np.testing.assert_allclose(standardise(SCHEMA, unstandardise(SCHEMA, z), 1), z, atol=1e-9)


def test_one_step_of_the_grid_is_finer_than_a_scanner() -> None:
    scaling = SCHEMA.by_id["fn_t"].scaling
    assert scaling is not None
    assert GRID * scaling.scale < 0.05  # T-score; precision of DXA is about 0.1


def test_generations_of_a_scanner_are_different_numbers() -> None:
    column = SCHEMA.column["tb_sp"]
    first = standardise(SCHEMA, row(tb_sp=0.8), 1)[0, column]
    second = standardise(SCHEMA, row(tb_sp=0.8), 2)[0, column]
    assert first > second + 1


@pytest.mark.parametrize(("name", "generation"), [("tb_sp", None), ("tb_sp", 3), ("tb_th", 2)])
def test_a_generation_without_reference_is_refused(name: str, generation: int | None) -> None:
    with pytest.raises(ValuesError) as caught:
        standardise(SCHEMA, row(**{name: 0.07}), generation)
    assert caught.value.code == "scanner_generation"


def test_columns_of_groups() -> None:
    assert len(columns_of_groups(SCHEMA, ["bmd"])) == 3
    kept = columns_of_groups(SCHEMA, ["clinical"], ["age", "sex"])
    assert SCHEMA.column["age"] not in kept
    with pytest.raises(ValuesError):
        columns_of_groups(SCHEMA, ["blood"])
