"""Calibration: slope, level of a group, level by what is known, all folded into the last layer."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion import heads
from osteofusion.encode import standardise
from osteofusion.lab import network
from osteofusion.lab.calibrate import (
    BLOCKS,
    Platt,
    blocks,
    fit_falls,
    fit_logistic,
    fit_status,
    fold_in,
    out_of_fold,
)
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.tables import Rows
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column
RNG = np.random.default_rng(8)


def test_weights_count_people() -> None:
    design = np.column_stack([RNG.standard_normal(400), np.ones(400)])
    label = (RNG.random(400) < heads.sigmoid(design[:, 0])).astype(float)
    twice = np.r_[np.arange(400), np.arange(100)]
    weight = np.r_[np.full(100, 2.0), np.ones(300)]
    np.testing.assert_allclose(
        fit_logistic(design, label, weight), fit_logistic(design[twice], label[twice]), atol=1e-9
    )


def test_blocks_name_features_once() -> None:
    parts = blocks(SCHEMA)
    names = [name for block in BLOCKS for name in parts[block]]
    assert len(names) == len(set(names))
    assert set(names) <= set(AT)


def invented_cohort(count: int) -> Cohort:
    """People whose status hangs on age and weight and is twice as frequent as any random network thinks."""
    values = np.full((count, len(SCHEMA.inputs)), np.nan)
    for feature in SCHEMA.inputs:
        if feature.group == "clinical":
            values[:, AT[feature.id]] = (RNG.random(count) < 0.3) * 1.0
    values[:, AT["age"]] = RNG.uniform(50, 85, count)
    values[:, AT["weight"]] = RNG.normal(78, 15, count)
    values[:, AT["height"]] = RNG.normal(166, 9, count)
    for name in blocks(SCHEMA)["laboratory"]:
        values[:, AT[name]] = 1.0
    score = 0.06 * (values[:, AT["age"]] - 65) - 0.05 * (values[:, AT["weight"]] - 78)
    label = (RNG.random(count) < heads.sigmoid(score - 1.0)).astype(float)
    nothing = np.zeros(count, np.int64)
    rows = Rows(
        seqn=np.arange(count),
        values=values,
        osteoporosis=label,
        falls=label,
        weight=np.ones(count),
        asian=nothing == 1,
        top_coded=nothing == 1,
        cycle=nothing,
        ancestry=nothing,
    )
    fold = np.arange(count) % MEMBERS
    return Cohort(SCHEMA, rows, rows, fold, fold, 7, {}, {}, {})


def test_levels_are_right_whatever_is_known() -> None:
    cohort = invented_cohort(6000)
    member = network.initial(SCHEMA, np.random.default_rng(2))
    names = ("weight", "age")
    for name, slope in zip(names, (-0.9, 0.7), strict=True):
        member["out_x"][network.layout(SCHEMA).value[AT[name]], heads.OSTEOPOROSIS] = slope
    status = fit_status(cohort, [member] * MEMBERS)
    folded = fold_in(SCHEMA, member, status, Platt(1.0, 0.0), (0.0, 0.0))
    z = standardise(SCHEMA, cohort.bone.values, 1)
    bare = z.copy()
    bare[:, [c for name, c in AT.items() if name not in ("age", "sex")]] = np.nan
    for view in (z, bare):
        p = heads.sigmoid(
            out_of_fold(cohort, [folded] * MEMBERS, view, cohort.bone_fold)[:, heads.OSTEOPOROSIS]
        )
        assert p.mean() == pytest.approx(cohort.bone.osteoporosis.mean(), abs=0.02)


def test_people_whose_walk_was_timed_fall_less_at_any_speed() -> None:
    cohort = invented_cohort(8000)
    timed = RNG.random(8000) < 0.4
    cohort.function.values[timed, AT["gait_speed"]] = RNG.normal(0.98, 0.2, timed.sum())
    z = np.nan_to_num(standardise(SCHEMA, cohort.function.values, 1)[:, AT["gait_speed"]])
    cohort.function.falls[:] = RNG.random(8000) < heads.sigmoid(-1.5 - 0.8 * z - 0.9 * timed)
    member = network.initial(SCHEMA, np.random.default_rng(3))
    member["out_c"][:, heads.FALLS] = 0
    member["out_x"][:, heads.FALLS] = 0
    member["out_x"][network.layout(SCHEMA).value[AT["gait_speed"]], heads.FALLS] = -0.8
    found = fit_falls(cohort, [member] * MEMBERS)
    assert found.known["gait_speed"] == pytest.approx(-0.9, abs=0.2)
    assert found.slope == pytest.approx(1.0, abs=0.2)
