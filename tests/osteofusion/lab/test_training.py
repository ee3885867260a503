"""Training: learns what is there, obeys the rules, repeats itself to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion import heads
from osteofusion.encode import layout, unstandardise
from osteofusion.lab import network
from osteofusion.lab.hider import Hider
from osteofusion.lab.members import float_logits
from osteofusion.lab.metrics import auc
from osteofusion.lab.train import Part, Plan, lowest_measured, train_member
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = SCHEMA.column
TINY = Plan(
    steps=150, bone_batch=128, falls_batch=128, averaged=50, weight=(1.0, 1.0, 1.0, 1.0), learning_rate=4e-3
)


def invented(count: int, seed: int) -> tuple[Part, Part]:
    """People whose status follows age and bone, whose falls follow gait: nobody real."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(SCHEMA.inputs)))
    measured = np.ones(z.shape, bool)
    status = (z[:, AT["age"]] - z[:, AT["weight"]] - 1.5 * z[:, AT["fn_t"]] > 2.0).astype(float)
    falls = (rng.random(count) < heads.sigmoid(-1.5 - 1.5 * z[:, AT["gait_speed"]])).astype(float)
    hip = 0.002 * np.exp(0.8 * z[:, AT["age"]] - 0.9 * z[:, AT["fn_t"]])[:, None] * np.ones((1, 10))
    hazards = {"hip": hip, "other": 2 * hip**0.5 * 0.05, "death": np.full((count, 10), 0.02)}
    return Part(z, measured, status, np.ones(count), hazards), Part(z, measured, falls, np.ones(count), {})


@pytest.fixture(scope="module")
def weights() -> network.Weights:
    return train_member(SCHEMA, *invented(3000, 1), TINY, seed=5)


def test_same_seed_same_bits(weights: network.Weights) -> None:
    again = train_member(SCHEMA, *invented(3000, 1), TINY, seed=5)
    for name, value in weights.items():
        np.testing.assert_array_equal(value, again[name])


def test_it_learns_what_is_there(weights: network.Weights) -> None:
    bone, falls = invented(2000, 2)
    logits = float_logits(weights, bone.z, layout(SCHEMA))
    assert auc(logits[:, heads.OSTEOPOROSIS], bone.label) > 0.85
    assert auc(logits[:, heads.FALLS], falls.label) > 0.7


def test_trained_weights_obey_the_rules(weights: network.Weights) -> None:
    allowed = network.rules(SCHEMA)
    for name, where in allowed.open.items():
        assert not np.any(weights[name][where == 0])
        if name in allowed.sign:
            assert np.all(allowed.sign[name] * weights[name] >= 0)


def test_history_is_sometimes_hidden_as_a_whole() -> None:
    hider = Hider(SCHEMA, np.random.default_rng(3))
    keep = hider.keep(np.ones((20_000, len(SCHEMA.inputs)), bool))
    only_size = keep[:, hider.size].all(axis=1) & ~keep[:, hider.history].any(axis=1)
    assert 0.05 < only_size.mean() < 0.3
    assert 0.4 < keep[:, AT["black_ancestry"]].mean() < keep[:, AT["prior_fracture"]].mean()


def test_a_bare_report_of_bone_density_is_played_too() -> None:
    hider = Hider(SCHEMA, np.random.default_rng(5))
    keep = hider.keep(np.ones((30_000, len(SCHEMA.inputs)), bool))
    others = np.ones(keep.shape[1], bool)
    others[[*hider.person, *hider.bone]] = False
    bare = keep[:, hider.bone].any(axis=1) & ~keep[:, others].any(axis=1)
    assert 0.005 < bare.mean() < 0.1
    alone = keep[:, AT["fn_t"]] & ~keep[:, [AT["th_t"], AT["ls_t"]]].any(axis=1)
    assert (bare & alone).sum() > 50


def test_rarity_hangs_on_age_and_sex_in_view_alone() -> None:
    hider, rng = Hider(SCHEMA, np.random.default_rng(6)), np.random.default_rng(7)
    z = rng.standard_normal((200, len(SCHEMA.inputs)))
    seen = np.ones(z.shape, bool)
    seen[:20, AT["age"]] = False
    weight = hider.rarity(z, seen)
    other = z.copy()
    other[:, [column for name, column in AT.items() if name not in ("age", "sex")]] = 9.0
    np.testing.assert_array_equal(weight, hider.rarity(other, seen))
    np.testing.assert_array_equal(weight[:20], 1.0)
    men = z[:, AT["sex"]] > 0
    for rows in (~men[20:], men[20:]):
        assert np.corrcoef(z[20:][rows, AT["age"]], weight[20:][rows])[0, 1] < -0.9


def test_levels_are_of_the_lowest_measured_site() -> None:
    bone, _ = invented(50, 4)
    bone.measured[:, AT["th_t"]] = False
    bone.measured[0, [AT["fn_t"], AT["ls_t"]]] = False
    values = unstandardise(SCHEMA, bone.z)
    lowest = lowest_measured(SCHEMA, bone)
    assert np.isinf(lowest[0])
    np.testing.assert_allclose(lowest[1:], values[1:, [AT["fn_t"], AT["ls_t"]]].min(axis=1))


def test_hiding_plays_every_game() -> None:
    hider = Hider(SCHEMA, np.random.default_rng(1))
    keep = hider.keep(np.random.default_rng(2).random((30_000, len(SCHEMA.inputs))) < 0.6)
    groups = [keep[:, list(columns)].any(axis=1) for columns in SCHEMA.group_columns.values()]
    patterns = {tuple(row) for row in np.column_stack(groups).tolist()}
    assert len(patterns) == 64
    bone = keep[:, hider.bone]
    assert len({tuple(row) for row in bone.tolist()}) == 8
    person = keep[:, hider.person].all(axis=1)
    assert 0.9 < person.mean() < 1
