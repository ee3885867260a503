"""The cohort: real stays real, drawn follows its parameters, nulls are nulls."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.encode import standardise
from osteofusion.lab.cohort import MEMBERS, Cohort
from osteofusion.lab.mice import Imputer
from osteofusion.lab.modalities import BORROWED, DRAWN, IMPUTED, MEASURED, bone_residual, complete
from osteofusion.lab.tables import five_folds
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column
pytestmark = pytest.mark.realdata


def given_person(values: np.ndarray, name: str, body: bool = False) -> np.ndarray:
    """Z-scores of a feature less what age and sex (and body mass) say of it."""
    z = standardise(SCHEMA, values, 1)[:, AT[name]]
    age, sex = values[:, AT["age"]], values[:, AT["sex"]]
    bmi = values[:, AT["weight"]] / (values[:, AT["height"]] / 100) ** 2 * body
    design = np.column_stack([np.ones_like(age), age, sex, age * sex, age**2, bmi, bmi**2])
    return z - design @ np.linalg.lstsq(design, z, rcond=None)[0]


def test_labels_and_measured_values_are_untouched(real_cohort: Cohort) -> None:
    rows, values = real_cohort.bone, real_cohort.reference[0]
    measured = ~np.isnan(rows.values)
    measured[rows.top_coded, AT["age"]] = False  # the survey hides these ages: drawn anew
    np.testing.assert_array_equal(values[measured], rows.values[measured])
    lowest = np.nanmin(rows.values[:, [AT[name] for name in ("fn_t", "th_t", "ls_t")]], axis=1)
    np.testing.assert_array_equal(rows.osteoporosis == 1, lowest <= -2.5)


def test_completed_rows_lack_nothing_and_stay_in_range(real_cohort: Cohort) -> None:
    values, measured = real_cohort.reference[0], ~np.isnan(real_cohort.bone.values)
    assert not np.isnan(values).any()
    for column, feature in enumerate(SCHEMA.inputs):
        low, high = feature.hard or (0.0, 1.0)
        drawn = values[~measured[:, column], column]
        assert np.all((drawn >= low) & (drawn <= high)), feature.id


def test_people_never_cross_folds(real_cohort: Cohort) -> None:
    fold = real_cohort.bone_fold
    assert sorted(np.unique(fold)) == list(range(MEMBERS))
    seqn = np.array([5, 7, 5, 9, 7, 11, 5])
    folds = five_folds(seqn, 1)
    assert len({int(f) for f, s in zip(folds, seqn, strict=True) if s == 5}) == 1


@pytest.mark.parametrize(
    ("name", "r"), [("ctx", -0.19), ("tb_vbmd", 0.45), ("tb_sp", -0.35), ("failure_load", 0.55)]
)
def test_drawn_markers_follow_bone_as_published(real_cohort: Cohort, name: str, r: float) -> None:
    values = real_cohort.reference[0]
    found = np.corrcoef(given_person(values, name), bone_residual(values, SCHEMA))[0, 1]
    assert found == pytest.approx(r, abs=0.05)


@pytest.mark.parametrize("name", ["gait_speed", "sway_rms_acc_ml", "tug", "stride_time_cv", "rs2228570"])
def test_gait_balance_and_vdr_know_nothing_of_bone(real_cohort: Cohort, name: str) -> None:
    values = real_cohort.reference[0]
    assert abs(np.corrcoef(given_person(values, name, True), given_person(values, "fn_t", True))[0, 1]) < 0.04


@pytest.mark.parametrize(("a", "b", "r"), [("ctx", "pinp", 0.70), ("gait_speed", "tug", -0.70)])
def test_markers_among_themselves(real_cohort: Cohort, a: str, b: str, r: float) -> None:
    values = real_cohort.reference[0]
    assert np.corrcoef(given_person(values, a), given_person(values, b))[0, 1] == pytest.approx(r, abs=0.08)


def test_borrowed_gait_keeps_its_distribution(real_cohort: Cohort) -> None:
    values = real_cohort.reference[0]
    women = values[:, AT["sex"]] == 0
    for low, high, mean in ((50, 60, 1.07), (60, 70, 0.98), (70, 80, 0.88)):
        cell = women & (values[:, AT["age"]] >= low) & (values[:, AT["age"]] < high)
        assert values[cell, AT["gait_speed"]].mean() == pytest.approx(mean, abs=0.06)


def test_falling_problem_and_gait_keep_their_relation(real_cohort: Cohort) -> None:
    """Slower gait of the real people with a falling problem survives the filling of gaps."""
    imputer = Imputer.fit(SCHEMA, real_cohort.function, 1)
    rng = np.random.default_rng(1)
    values = complete(
        SCHEMA, real_cohort.parameters, real_cohort.function, real_cohort.bone, imputer, rng
    ).values
    falls, speed = real_cohort.function.falls == 1, given_person(values, "gait_speed")
    real = ~np.isnan(real_cohort.function.values[:, AT["gait_speed"]])
    for rows in (real, ~real):
        assert speed[rows & falls].mean() < speed[rows & ~falls].mean() - 0.3


def test_tests_that_were_given_carry_no_information(real_cohort: Cohort) -> None:
    falls = real_cohort.training_parts(0, copies=2)[1]
    tested = falls.measured[:, AT["romberg_foam_ec"]]
    assert abs(falls.label[tested].mean() - falls.label[~tested].mean()) < 0.02


def test_older_copies_do_not_teach_status(real_cohort: Cohort) -> None:
    bone = real_cohort.training_parts(1, copies=2)[0]
    age = bone.z[:, AT["age"]] * 11.5 + 65
    assert age.max() > 88
    assert np.all(bone.label_weight[age > 85.01] == 0)


@pytest.mark.parametrize("fold", [0, 1])
def test_copies_of_a_person_never_cross_folds(real_cohort: Cohort, fold: int) -> None:
    for table, own in (("bone", real_cohort.bone), ("falls", real_cohort.function)):
        folds = real_cohort.bone_fold if table == "bone" else real_cohort.function_fold
        index = real_cohort.arrays[f"{table}{fold}/index"]
        assert not (folds[index] == fold).any()
        assert set(own.seqn[index].tolist()).isdisjoint(own.seqn[folds == fold].tolist())
    assert (real_cohort.bone_fold[real_cohort.arrays[f"unseen{fold}/index"]] == fold).all()


def test_every_value_carries_its_origin(real_cohort: Cohort) -> None:
    origin, index = real_cohort.arrays["bone0/origin"], real_cohort.arrays["bone0/index"]
    measured = ~np.isnan(real_cohort.bone.values[index])
    assert np.array_equal(origin == MEASURED, measured)
    assert set(origin[:, AT["ctx"]].tolist()) == {DRAWN}
    assert set(origin[:, AT["gait_speed"]].tolist()) == {BORROWED}
    assert set(origin[:, AT["pth"]].tolist()) == {MEASURED, IMPUTED}
