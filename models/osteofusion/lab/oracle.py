"""The integer graph in NumPy, once for each of the two ways in which inference runtimes round.

Rule A (onnxruntime, LiteRT's XNNPACK): sum times scale in float32, to the nearest step, ties to even. Rule B
(tflite-runtime): fixed point, a 31-bit multiplier with a rounding doubling high multiply, then a rounding shift.
The same integers give other steps in most rows, so each engine is held to its own rule.

Notes
-----
Rule B is the arithmetic of TFLite's quantization specification and of gemmlowp (`SaturatingRoundingDoublingHighMul`,
`RoundingDivideByPOT`): integers only, so it has no tolerance. Rule A meets ties where runtimes may differ in the last
bit; its distance from them is part of the answer.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osteofusion.lab.quantize import (
    ACTIVATION_SCALE,
    INPUT_SCALE,
    INPUT_ZERO,
    PRODUCT_SCALE,
    IntegerLayer,
    IntegerMember,
)

TOP = 255
MULTIPLIER_BITS = 31

Steps = NDArray[
    np.float64
]  # whole numbers, exact far beyond any sum here; floats because BLAS multiplies them fast
Logits = NDArray[np.float32]


class Rule(Protocol):
    """How sums of a layer and products of activations become steps 0..255."""

    def layer(self, total: Steps, layer: IntegerLayer) -> Steps:
        """Steps of a layer's output from its integer sums (n, out)."""

    def product(self, product: Steps) -> Steps:
        """Steps of a product of two activations from the integer products (n, units)."""


class NearestEven:
    """Rule A, remembering how near each row came to a tie (in steps)."""

    def __init__(self, rows: int) -> None:
        self.tie_distance = np.full(rows, 0.5)

    def layer(self, total: Steps, layer: IntegerLayer) -> Steps:
        """float32 like the engines: sum times the scale of its channel."""
        return self._rounded(total, (layer.input_scale * layer.weight_scale) / ACTIVATION_SCALE)

    def product(self, product: Steps) -> Steps:
        """A product in its own scale."""
        return self._rounded(product, ACTIVATION_SCALE * ACTIVATION_SCALE / PRODUCT_SCALE)

    def _rounded(self, whole: Steps, scale: NDArray[np.float32] | np.float32) -> Steps:
        value = whole.astype(np.float32) * scale
        inside = (value > -0.5) & (value < TOP + 0.5)
        tie = np.abs(value - np.floor(value) - 0.5)
        self.tie_distance = np.minimum(self.tie_distance, np.where(inside, tie, 0.5).min(axis=1))
        steps: Steps = np.clip(np.rint(value), 0, TOP).astype(np.float64)
        return steps


class FixedPoint:
    """Rule B: everything in integers."""

    def layer(self, total: Steps, layer: IntegerLayer) -> Steps:
        """The scale of a channel in double precision, as TFLite prepares it."""
        scale = np.float64(layer.input_scale) * layer.weight_scale.astype(np.float64)
        return _fixed_point(total, scale / np.float64(ACTIVATION_SCALE))

    def product(self, product: Steps) -> Steps:
        """The scale of a product in single precision, as TFLite prepares it."""
        return _fixed_point(product, np.float64(ACTIVATION_SCALE * ACTIVATION_SCALE / PRODUCT_SCALE))


def _fixed_point(whole: Steps, scale: NDArray[np.float64] | np.float64) -> Steps:
    """round(whole * scale) by multiplier and shift, clamped to 0..255; every scale here is below one."""
    fraction, exponent = np.frexp(scale)
    multiplier = np.rint(fraction * (1 << MULTIPLIER_BITS)).astype(np.int64)
    high = _rounding_shift_away(whole.astype(np.int64) * multiplier, np.int64(MULTIPLIER_BITS))
    return np.clip(_rounding_shift_away(high, -exponent.astype(np.int64)), 0, TOP).astype(np.float64)


def _rounding_shift_away(value: NDArray[np.int64], bits: NDArray[np.int64] | np.int64) -> NDArray[np.int64]:
    """The quotient value / 2**bits to the nearest whole number, ties away from zero."""
    half = np.where(bits > 0, np.int64(1) << np.maximum(bits - 1, 0), 0)
    rounded: NDArray[np.int64] = np.sign(value) * ((np.abs(value) + half) >> bits)
    return rounded


def oracle_a(member: IntegerMember, x: NDArray[np.float32]) -> tuple[Logits, NDArray[np.float64]]:
    """Logits (n, 32) of network input (n, 2F) by rule A, and each row's least distance from a tie."""
    rule = NearestEven(len(x))
    return _run(member, x, rule), rule.tie_distance


def oracle_b(member: IntegerMember, x: NDArray[np.float32]) -> Logits:
    """Logits (n, 32) of network input (n, 2F) by rule B."""
    return _run(member, x, FixedPoint())


def quantize_input(x: NDArray[np.float32]) -> Steps:
    """Signed steps of the input grid."""
    steps: Steps = np.clip(np.rint(x / INPUT_SCALE), -INPUT_ZERO, TOP - INPUT_ZERO).astype(np.float64)
    return steps


def _run(member: IntegerMember, x: NDArray[np.float32], rule: Rule) -> Logits:
    def layer(name: str, steps: Steps) -> Steps:
        found = member.layers[name]
        return rule.layer(steps @ found.weight.astype(np.float64) + found.bias, found)

    q = quantize_input(x)
    hidden = layer("e2", layer("e1", q))
    gated = rule.product(hidden * layer("g", hidden))
    context = layer("f", gated)
    bone = rule.product(layer("phi", q) * layer("gam", context))
    parts = [bone * PRODUCT_SCALE, context * ACTIVATION_SCALE, q * INPUT_SCALE]
    logits: Logits = np.concatenate(parts, axis=1, dtype=np.float32) @ member.out + member.out_bias
    return logits
