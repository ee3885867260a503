"""The rehearsal: who is held out, that nobody held out teaches, and whose answers are written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteofusion import heads
from osteofusion.encode import columns_of_groups
from osteofusion.lab import network, rehearsal
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.generator import MEMBERS
from osteofusion.lab.quantize import quantize
from osteofusion.lab.tables import Rows
from osteofusion.lab.train import Plan
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column


def invented_rows(count: int, seed: int) -> Rows:
    """People of six survey cycles; some stand in two rows."""
    rng = np.random.default_rng(seed)
    values = np.full((count, len(SCHEMA.inputs)), np.nan)
    values[:, AT["age"]], values[:, AT["sex"]] = rng.uniform(45, 85, count), rng.integers(0, 2, count)
    values[:, AT["fn_t"]], values[:, AT["gait_speed"]] = rng.normal(-1, 1, count), rng.normal(1, 0.2, count)
    label = (rng.random(count) < 0.2).astype(float)
    no = np.zeros(count, bool)
    return Rows(
        seqn=rng.integers(0, count, count),
        values=values,
        osteoporosis=label,
        falls=label,
        weight=np.ones(count),
        asian=no,
        top_coded=no,
        cycle=rng.choice([1999, 2003, 2005, 2007, 2009, 2013], count),
        ancestry=np.zeros(count, np.int64),
    )


@pytest.fixture
def cohort() -> Cohort:
    bone, function = invented_rows(900, 1), invented_rows(600, 2)
    folds = np.arange(900) % MEMBERS, np.arange(600) % MEMBERS
    return Cohort(SCHEMA, bone, function, *folds, 7, {}, {}, {})


def test_a_sixth_of_the_people_with_all_their_rows(cohort: Cohort) -> None:
    sixth, _ = rehearsal.rehearsals(cohort)
    for rows, out in ((cohort.bone, sixth.bone), (cohort.function, sixth.function)):
        assert 0.12 < out.mean() < 0.21
        assert not set(rows.seqn[out]) & set(rows.seqn[~out])


def test_later_years_are_held_out(cohort: Cohort) -> None:
    _, later = rehearsal.rehearsals(cohort)
    assert set(cohort.bone.cycle[later.bone]) == {2009, 2013}
    assert cohort.function.cycle[~later.function].max() == 1999


def test_the_ensemble_is_the_mean_of_its_members_without_bone_density(cohort: Cohort) -> None:
    members = [quantize(network.initial(SCHEMA, np.random.default_rng(n))) for n in range(3)]
    rows = cohort.bone.take(np.arange(40))
    together = rehearsal.ensemble(SCHEMA, members, rows)
    single = np.mean([rehearsal.ensemble(SCHEMA, [member], rows) for member in members], axis=0)
    np.testing.assert_allclose(together, single, atol=1e-12)
    blind = rows.values.copy()
    blind[:, columns_of_groups(SCHEMA, ["bmd"])] = np.nan
    np.testing.assert_array_equal(together, rehearsal.ensemble(SCHEMA, members, rows.with_values(blind)))


def test_the_stage_answers_whom_it_held_out(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[Any] = []

    def without(self: Cohort, bone: np.ndarray, function: np.ndarray) -> Cohort:
        kept, tested = np.flatnonzero(~bone), np.flatnonzero(~function)
        return Cohort(
            SCHEMA,
            self.bone.take(kept),
            self.function.take(tested),
            self.bone_fold[kept],
            self.function_fold[tested],
            7,
            {},
            {},
            {},
        )

    def float_members(kept: Cohort, plan: Plan, say: object) -> tuple[list[network.Weights], dict[str, Any]]:
        taught.append((set(kept.bone.seqn), set(kept.function.seqn)))
        return [network.initial(SCHEMA, np.random.default_rng(n)) for n in range(MEMBERS)], {}

    monkeypatch.setattr(rehearsal, "read_cohort", lambda work, schema: cohort)
    monkeypatch.setattr(Cohort, "without", without)
    monkeypatch.setattr(rehearsal, "float_members", float_members)
    rehearsal.rehearse_stage(tmp_path, Plan(), lambda line: None)
    figures = json.loads((tmp_path / rehearsal.FIGURES_FILE).read_text(encoding="utf-8"))
    with np.load(tmp_path / rehearsal.ANSWERS_FILE, allow_pickle=False) as stored:
        for (bone, function), name in zip(taught, ("sixth", "later"), strict=True):
            assert stored[f"{name}/bone/p"].shape == (len(stored[f"{name}/bone"]), len(heads.OUTCOMES))
            if name == "sixth":
                assert not bone & set(cohort.bone.seqn[stored[f"{name}/bone"]])
                assert not function & set(cohort.function.seqn[stored[f"{name}/function"]])
            assert figures[name]["falls all"]["n"] == len(stored[f"{name}/function"])
