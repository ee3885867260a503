"""The rules of the network hold for any weights that obey them."""

from __future__ import annotations

import numpy as np

from osteofusion import heads
from osteofusion.encode import layout, network_input
from osteofusion.lab import network
from osteofusion.lab.train import forward
from osteofusion.schema import load_schema

SCHEMA = load_schema()
AT = layout(SCHEMA)


def wild(seed: int) -> network.Weights:
    rng, allowed = np.random.default_rng(seed), network.rules(SCHEMA)
    start = network.initial(SCHEMA, rng)
    return {
        name: network.project(name, rng.standard_normal(value.shape).astype(np.float32), allowed)
        for name, value in start.items()
    }


def people(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, len(SCHEMA.inputs)))
    z[rng.random(z.shape) < 0.4] = np.nan
    return z


def chances(weights: network.Weights, z: np.ndarray) -> np.ndarray:
    logits = np.asarray(forward(weights, network_input(z, AT)), np.float64)
    return heads.probabilities(np.clip(logits, -30, 30))


def test_falling_bone_density_never_lowers_a_risk() -> None:
    z = people(200, 1)
    for seed in range(4):
        weights = wild(seed)
        for name in ("fn_t", "th_t", "ls_t"):
            low, high = z.copy(), z.copy()
            low[:, SCHEMA.column[name]], high[:, SCHEMA.column[name]] = -2.0, 1.0
            difference = chances(weights, low) - chances(weights, high)
            assert difference[:, [0, 1, 2]].min() >= -1e-6
            assert np.abs(difference[:, 3]).max() < 1e-6


def test_sensors_never_reach_the_osteoporosis_head() -> None:
    z = people(200, 2)
    blind = z.copy()
    blind[:, list(SCHEMA.group_columns["sensor"])] = np.nan
    for seed in range(4):
        weights = wild(seed)
        assert np.abs(chances(weights, z)[:, 0] - chances(weights, blind)[:, 0]).max() < 1e-6
        assert np.abs(chances(weights, z)[:, 3] - chances(weights, blind)[:, 3]).max() > 0


def test_status_has_units_of_its_own() -> None:
    where = network.rules(SCHEMA).open["out_c"]
    own = slice(0, network.STATUS_UNITS)
    assert where[own, heads.OSTEOPOROSIS].all()
    assert not where[network.STATUS_UNITS :, heads.OSTEOPOROSIS].any()
    assert not where[own, heads.HIP].any()
    assert not where[own, heads.DEATH].any()


def test_initial_weights_obey_their_own_rules() -> None:
    weights, allowed = network.initial(SCHEMA, np.random.default_rng(0)), network.rules(SCHEMA)
    for name, where in allowed.open.items():
        assert not np.any(weights[name][where == 0])
        if name in allowed.sign:
            assert np.all(allowed.sign[name] * weights[name] >= 0)


def test_grid_is_that_of_the_quantizer() -> None:
    x = np.array([[0.0, 4.0, -4.0, 1.0]], np.float32)
    steps = network.on_grid(x) / (4 / 127)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)
    assert network.on_grid(x)[0, 3] != 1.0
