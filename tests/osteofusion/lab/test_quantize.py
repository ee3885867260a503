"""One quantizer: integers of seven bits that keep zeros and signs and stay near the float network."""

from __future__ import annotations

import numpy as np
import pytest
from random_members import SCHEMA, random_inputs, random_weights

from osteofusion.lab import network
from osteofusion.lab.oracle import oracle_a, oracle_b
from osteofusion.lab.quantize import WEIGHT_LIMIT, quantize
from osteofusion.lab.train import forward

WEIGHTS = [random_weights(seed) for seed in range(3)]
MEMBERS = [quantize(weights) for weights in WEIGHTS]


def test_weights_fit_seven_bits() -> None:
    for member in MEMBERS:
        assert all(np.abs(layer.weight.astype(int)).max() <= WEIGHT_LIMIT for layer in member.layers.values())


def test_integers_keep_zeros_and_signs() -> None:
    allowed = network.rules(SCHEMA)
    for member in MEMBERS:
        for name, layer in member.layers.items():
            assert not np.any(layer.weight[allowed.open[name] == 0])
        assert np.all(member.layers["phi"].weight <= 0)


@pytest.mark.parametrize("oracle", [lambda *given: oracle_a(*given)[0], oracle_b], ids=["A", "B"])
def test_integers_stay_near_the_float_network(oracle: object) -> None:
    x = network.on_grid(random_inputs(400))
    for weights, member in zip(WEIGHTS, MEMBERS, strict=True):
        difference = np.abs(oracle(member, x) - np.asarray(forward(weights, x)))  # type: ignore[operator]
        assert np.quantile(difference, 0.99) < 0.25
        assert np.mean(difference) < 0.06


def test_same_weights_same_integers() -> None:
    again = quantize(random_weights(0))
    for name, layer in MEMBERS[0].layers.items():
        assert np.array_equal(layer.weight, again.layers[name].weight)
        assert np.array_equal(layer.bias, again.layers[name].bias)


def test_a_bias_that_does_not_fit_is_refused() -> None:
    weights = dict(WEIGHTS[0])
    weights["e1"] = (weights["e1"] * 1e-9).astype(np.float32)
    weights["e1_b"] = np.full_like(weights["e1_b"], 5.0)
    with pytest.raises(ValueError, match="bias"):
        quantize(weights)
