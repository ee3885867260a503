"""Who answers for whom, and figures of people whose truth is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion import heads
from osteofusion.encode import standardise
from osteofusion.lab import (
    fact_tables,
    falls_figures,
    fracture_figures,
    null_figures,
    rivals,
    status_figures,
    stranger_figures,
    subset_figures,
)
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.evaluate import LEAK, LeakSuspected, check_leak
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.metrics import auc
from osteofusion.lab.out_of_fold import OutOfFold

Values = NDArray[np.float64]


@pytest.fixture(autouse=True, scope="module")
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rivals, "TREES", 3)
        yield


def logits(status: Values, falls: Values, event: Values) -> Values:
    result = np.full((len(status), heads.WIDTH), -4.0)
    result[:, heads.OSTEOPOROSIS], result[:, heads.FALLS] = status, falls
    result[:, heads.HIP] = (event - 6.0)[:, None]
    result[:, heads.OTHER] = (event - 5.0)[:, None]
    return result


def knowing(cohort: Cohort, noise: float = 0.0) -> OutOfFold:
    """Members that know the made-up truth as far as its inputs give it; `noise` on the float ones."""
    at = cohort.schema.column

    def member(number: int, z: Values, spread: float) -> Values:
        known = np.nan_to_num(z)
        age, male, weight, speed, neck = (
            known[:, at[name]] for name in ("age", "sex", "weight", "gait_speed", "fn_t")
        )
        shift = spread * np.sin(np.arange(len(z)))
        status = -2.0 + 0.8 * age - 1.1 * weight - 0.75 * male + shift
        return logits(status, -1.8 + 0.35 * age - 0.7 * speed + shift, 0.5 * age - 0.4 * neck + shift)

    return OutOfFold(cohort, lambda n, z: member(n, z, 0.0), lambda n, z: member(n, z, noise))


def test_everybody_is_answered_by_the_member_of_their_fold(cohort_made_up: Cohort) -> None:
    def member(number: int, z: Values) -> Values:
        return logits(np.full(len(z), float(number)), np.zeros(len(z)), np.zeros(len(z)))

    oof = OutOfFold(cohort_made_up, member, member)
    fold = cohort_made_up.bone_fold
    found = oof.answer(np.zeros((len(fold), len(cohort_made_up.schema.inputs))), fold).outcome("osteoporosis")
    np.testing.assert_allclose(found.int8, heads.sigmoid(fold.astype(float)))
    assert set(np.unique(fold)) == set(range(MEMBERS))


def test_hidden_groups_and_kept_features(cohort_made_up: Cohort) -> None:
    oof, schema = knowing(cohort_made_up), cohort_made_up.schema
    z = np.ones((3, len(schema.inputs)))
    hidden = np.isnan(oof.hide_groups(z, ["bmd", "snp"])).all(axis=0)
    wanted = {feature.id for feature in schema.inputs if feature.group in ("bmd", "snp")}
    assert {feature.id for feature in schema.inputs if hidden[schema.column[feature.id]]} == wanted
    kept = ~np.isnan(oof.only(z, ("age", "sex"))).all(axis=0)
    assert {feature.id for feature in schema.inputs if kept[schema.column[feature.id]]} == {"age", "sex"}
    assert not np.isnan(z).any()


@pytest.fixture(scope="module")
def found_of_status(cohort_made_up: Cohort) -> dict[str, Any]:
    oof = knowing(cohort_made_up, noise=0.01)
    z = standardise(cohort_made_up.schema, cohort_made_up.bone.values, 1)
    return status_figures.tables(status_figures.measure_status(oof, z), oof, z)


def test_status_tables_of_a_known_truth(found_of_status: dict[str, Any]) -> None:
    found = found_of_status
    everybody = found["by_group"]["everybody 50+"]
    assert everybody["n"] == 2000
    assert everybody["auc"][0] > everybody["rival_auc"]  # sex counts here and OST does not know it
    assert abs(everybody["int8_less_float"]["auc"]) < 0.01
    assert everybody["int8_less_float"]["p99_change"] > 0
    regression = found["comparators"]["everybody 50+"]["logistic regression"]
    assert regression["auc"][0] == pytest.approx(everybody["auc"][0], abs=0.06)
    assert set(found["transport"]) == {"2009-2010", "2013-2014"}
    assert found["dxa_alone"]["WHO rule, sites measured"]["auc"] == 1.0
    women = found["published_scores"]["women"]["OST"]["any site"]
    assert women["cases"] + found["published_scores"]["men"]["OST"]["any site"]["cases"] == everybody["cases"]


def test_each_cut_is_chosen_on_other_people(found_of_status: dict[str, Any]) -> None:
    found = found_of_status["operating_points"]["everybody 50+"]
    sensitive = found["90 % sensitivity"]["int8"]
    assert sensitive["sensitivity"] == pytest.approx(0.9, abs=0.04)
    # the same cut on the people it was chosen from gives at least 90 %: out of fold it may fall short
    assert 0 < sensitive["cut"] < found["Youden"]["int8"]["cut"] < 1


def test_a_leaked_column_stops_the_stage(cohort_made_up: Cohort) -> None:
    at = cohort_made_up.schema.column
    values = cohort_made_up.bone.values.copy()
    values[:, at["albumin"]] = 42 + 3 * values[:, at["fn_t"]]  # bone density in disguise
    leaked = dataclasses.replace(cohort_made_up, bone=cohort_made_up.bone.with_values(values))

    def member(number: int, z: Values) -> Values:
        return logits(-z[:, at["albumin"]], np.zeros(len(z)), np.zeros(len(z)))

    status = status_figures.measure_status(
        OutOfFold(leaked, member, member), standardise(leaked.schema, values, 1)
    )
    with pytest.raises(LeakSuspected, match="albumin") as caught:
        check_leak(status)
    assert caught.value.found > LEAK
    check_leak(
        status_figures.measure_status(
            knowing(cohort_made_up), standardise(cohort_made_up.schema, cohort_made_up.bone.values, 1)
        )
    )


def test_falls_tables_of_a_known_truth(cohort_made_up: Cohort) -> None:
    oof = knowing(cohort_made_up, noise=0.01)
    found = falls_figures.tables(oof, standardise(cohort_made_up.schema, cohort_made_up.function.values, 1))
    gain, low, high = found["gain_over_age"]["gait over age alone"]
    assert low < gain < high
    assert gain > 0.05
    assert "2003-2004" in found["transport"]


def test_fracture_tables_of_a_known_truth(cohort_made_up: Cohort) -> None:
    oof = knowing(cohort_made_up)
    simulated = fracture_figures.simulate(oof)
    np.testing.assert_array_equal(simulated.label, cohort_made_up.bone.osteoporosis[simulated.rows])
    found = fracture_figures.tables(oof, simulated, None)["mof_10y"]
    assert found["agreement"]["r2_of_logit"] > 0.9
    ceiling = found["comparators"]["the generator itself (ceiling)"]["auc"]
    assert found["by_group"]["everybody 50+"]["auc"] <= ceiling + 0.01
    assert found["comparators"]["age, sex, femoral neck"]["auc"] > found["comparators"]["age and sex"]["auc"]


def test_subsets_come_with_the_usable_ones_first(cohort_made_up: Cohort) -> None:
    oof = knowing(cohort_made_up)
    table = subset_figures.tables(oof, fracture_figures.simulate(oof))
    assert len(table) == len({row["known"] for row in table}) == 64
    assert all("clinical" in row["known"].split("+") for row in table[:32])
    assert table[0]["known"] == "clinical"
    by_name = {row["known"]: row for row in table}
    assert "osteoporosis" not in by_name["nothing"]
    # what the made-up members look at counts, what they do not changes nothing
    assert by_name["clinical"]["osteoporosis"] == by_name["clinical+snp"]["osteoporosis"]
    assert by_name["bmd+clinical"]["hip_10y"]["auc"] > by_name["clinical"]["hip_10y"]["auc"]
    falls = subset_figures.falls_table(oof, standardise(oof.schema, cohort_made_up.function.values, 1))
    assert {row["known"] for row in falls} >= {"clinical", "clinical+sensor"}


def test_nulls_of_members_that_do_not_look_at_sensors(cohort_made_up: Cohort) -> None:
    oof = knowing(cohort_made_up)
    z = standardise(cohort_made_up.schema, cohort_made_up.bone.values, 1)
    found = null_figures.tables(oof, status_figures.measure_status(oof, z), fracture_figures.simulate(oof))
    sensors = found["sensors add to osteoporosis without DXA, completed people (S)"]
    assert sensors["figure"] == 0
    assert sensors["holds"]
    odds = next(item for name, item in found.items() if "more gait_speed, age, sex held" in name)
    low, high = np.log(odds["interval"])
    assert abs(np.log(odds["figure"])) < 3 * (high - low) / 3.92  # within three standard errors of no effect


def test_people_no_member_has_seen(cohort_made_up: Cohort, tmp_path: Path) -> None:
    assert stranger_figures.tables(tmp_path, cohort_made_up) == {}
    held = np.arange(0, 2000, 2)
    p = np.full((len(held), 4), 0.2)
    values = cohort_made_up.bone.values[held]
    p[:, 0] = heads.sigmoid(-2.0 - 0.06 * (values[:, cohort_made_up.schema.column["weight"]] - 75))
    answers = {f"{name}/{table}": held for name in ("sixth", "later") for table in ("bone", "function")}
    np.savez(tmp_path / "rehearsal.npz", **answers, **{f"{name}/p": p for name in answers})  # type: ignore[arg-type]
    found = stranger_figures.tables(tmp_path, cohort_made_up)
    assert set(found) == set(stranger_figures.WORDS.values())
    sixth = found[stranger_figures.WORDS["sixth"]]
    label = cohort_made_up.bone.osteoporosis[held]
    assert sixth["osteoporosis, everybody 50+"]["auc"][0] == pytest.approx(auc(p[:, 0], label), abs=1e-4)
    assert sixth["falls, everybody 40+"]["auc"][0] == 0.5
    table = fact_tables.strangers_table(found)
    assert table.count("\n") + 1 == 2 + sum(len(items) for items in found.values())
