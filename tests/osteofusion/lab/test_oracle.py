"""The two oracles: rule B against TFLite's arithmetic written with Python's own integers, rule A and its ties."""

from __future__ import annotations

import math

import numpy as np
import pytest

from osteofusion.lab import oracle
from osteofusion.lab.oracle import FixedPoint, NearestEven
from osteofusion.lab.quantize import ACTIVATION_SCALE, INPUT_SCALE, IntegerLayer


def tflite_step(total: int, scale: float) -> int:
    """gemmlowp's SaturatingRoundingDoublingHighMul and RoundingDivideByPOT, as their source has them."""
    fraction, exponent = math.frexp(scale)
    multiplier, shift = round(fraction * 2**31), -exponent
    product = total * multiplier
    nudge = 2**30 if product >= 0 else 1 - 2**30
    high = abs(product + nudge) // 2**31 * (1 if product + nudge >= 0 else -1)
    mask = (1 << shift) - 1
    remainder, threshold = high & mask, (mask >> 1) + (1 if high < 0 else 0)
    return min(max((high >> shift) + (1 if remainder > threshold else 0), 0), 255)


def layer_of(scale: float) -> IntegerLayer:
    """A layer of one unit with about this scale."""
    weight_scale = np.array([scale * float(ACTIVATION_SCALE) / float(INPUT_SCALE)], np.float32)
    return IntegerLayer(np.zeros((1, 1), np.int8), np.zeros(1, np.int32), INPUT_SCALE, weight_scale)


@pytest.mark.parametrize("scale", [0.9, 0.5, 0.37, 0.05, 0.0031, 0.00017])
def test_rule_b_is_tflites_arithmetic(scale: float) -> None:
    layer = layer_of(scale)
    exact = float(INPUT_SCALE) * float(layer.weight_scale[0]) / float(ACTIVATION_SCALE)
    reach = 300 / exact
    totals = np.unique(np.random.default_rng(1).uniform(-reach, reach, 4000).astype(np.int64))
    found = FixedPoint().layer(totals[:, None].astype(np.float64), layer)[:, 0]
    assert found.tolist() == [tflite_step(int(total), exact) for total in totals]


def test_rule_b_for_products() -> None:
    first, second = np.meshgrid(np.arange(256), np.arange(256))
    product = (first * second).reshape(-1, 1).astype(np.float64)
    scale = float(ACTIVATION_SCALE * ACTIVATION_SCALE / oracle.PRODUCT_SCALE)
    found = FixedPoint().product(product)[:, 0]
    assert found.tolist() == [tflite_step(int(value), scale) for value in product[:, 0]]


def test_rule_a_rounds_to_even_and_tells_its_distance_from_a_tie() -> None:
    layer = layer_of(0.5)
    totals = np.array([[1.0], [3.0], [4.0], [5.0], [-7.0], [900.0]])
    rule = NearestEven(len(totals))
    assert rule.layer(totals, layer)[:, 0].tolist() == [0, 2, 2, 2, 0, 255]
    # beyond the clamp no tie can matter
    np.testing.assert_allclose(rule.tie_distance, [0, 0, 0.5, 0, 0.5, 0.5], atol=1e-6)


def test_the_rules_agree_away_from_ties() -> None:
    layer = layer_of(0.037)
    totals = np.arange(-2000.0, 9000.0)[:, None]
    a, b = NearestEven(len(totals)), FixedPoint()
    same = a.layer(totals, layer) == b.layer(totals, layer)
    assert same[a.tie_distance > 0.04].all()
    assert np.abs(a.layer(totals, layer) - b.layer(totals, layer)).max() <= 1


def test_input_steps_saturate_on_the_grid() -> None:
    x = np.array([[4.0, -4.0, 0.0, 1.0, 0.5 * oracle.INPUT_SCALE * 1.02]], np.float32)
    assert oracle.quantize_input(x).tolist() == [[127, -127, 0, 32, 1]]
