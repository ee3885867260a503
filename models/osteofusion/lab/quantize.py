"""One quantizer: float weights of a member to the integers that every engine file and the oracle share.

Notes
-----
Input int8-like on a grid of 4/127; activations 0..255 on [0, 6], whose saturation is the clamp; weights
symmetric, one scale an output channel, 7 bits (|q| <= 63): with 8 bits, machines with AVX2 but no VNNI
saturate in 16 bits and answer wrongly. No calibration data: every range is fixed. A product of two
activations is labelled with scale 36/255 and its division by 6 goes into the next weights. The last layer
stays float32, for the resolution of hazards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import GRID
from osteofusion.lab.network import CLAMP, Weights

WEIGHT_LIMIT = 63
INPUT_SCALE = np.float32(GRID)
INPUT_ZERO = 128
ACTIVATION_SCALE = np.float32(CLAMP / 255)
PRODUCT_SCALE = np.float32(CLAMP * CLAMP / 255)

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IntegerLayer:
    """Weights int8 (in, out), bias int32 (out,), input scale, weight scale (out,): all float32 scales."""

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    input_scale: np.float32
    weight_scale: NDArray[np.float32]

    def accumulate(self, q: Integers) -> NDArray[np.float32]:
        """The value before rounding, in steps of the output: float32 like the engines."""
        total = q @ self.weight.astype(np.int64) + self.bias
        scale = (self.input_scale * self.weight_scale) / ACTIVATION_SCALE
        result: NDArray[np.float32] = total.astype(np.float32) * scale
        return result


@dataclass(frozen=True, slots=True)
class IntegerMember:
    """One member of the ensemble: integer layers and the float last layer over [u, c, x]."""

    layers: dict[str, IntegerLayer]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]


def quantize(weights: Weights) -> IntegerMember:
    """The integers of one member; the same weights always give the same integers."""
    inputs = {
        "e1": INPUT_SCALE,
        "e2": ACTIVATION_SCALE,
        "g": ACTIVATION_SCALE,
        "f": PRODUCT_SCALE,
        "phi": INPUT_SCALE,
        "gam": ACTIVATION_SCALE,
    }
    layers = {
        name: _layer(weights[name] / (CLAMP if name == "f" else 1.0), weights[f"{name}_b"], scale)
        for name, scale in inputs.items()
    }
    out = np.concatenate([weights["out_u"] / np.float32(CLAMP), weights["out_c"], weights["out_x"]])
    return IntegerMember(layers, out.astype(np.float32), weights["out_b"].astype(np.float32))


def _layer(weight: NDArray[np.floating], bias: NDArray[np.float32], input_scale: np.float32) -> IntegerLayer:
    largest = np.abs(weight).max(axis=0)
    scale = np.where(largest > 0, largest / WEIGHT_LIMIT, 1.0 / WEIGHT_LIMIT).astype(np.float32)
    q = np.clip(np.rint(weight / scale), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8)
    bias_q = np.rint(bias.astype(np.float64) / (np.float64(input_scale) * scale.astype(np.float64)))
    if np.abs(bias_q).max() > np.iinfo(np.int32).max:
        raise ValueError("a bias does not fit into 32 bits: a channel has all but vanishing weights")
    return IntegerLayer(q, bias_q.astype(np.int32), input_scale, scale)


def quantize_input(x: NDArray[np.float32]) -> Integers:
    """Signed steps of the input grid (the graph adds 128)."""
    steps: Integers = np.clip(np.rint(x / INPUT_SCALE), -INPUT_ZERO, 255 - INPUT_ZERO).astype(np.int64)
    return steps


class Rounding:
    """Rounds to nearest even and clamps to 0..255, remembering how near each row came to a tie (in steps)."""

    def __init__(self, rows: int) -> None:
        self.tie_distance = np.full(rows, 0.5)

    def __call__(self, value: NDArray[np.float32]) -> Integers:
        """The steps of a layer's output."""
        inside = (value > -0.5) & (value < 255.5)
        tie = np.abs(value - np.floor(value) - 0.5)
        self.tie_distance = np.minimum(self.tie_distance, np.where(inside, tie, 0.5).min(axis=1))
        rounded: Integers = np.clip(np.rint(value), 0, 255).astype(np.int64)
        return rounded

    def product(self, first: Integers, second: Integers) -> Integers:
        """Product of two activations in its own scale."""
        ratio = ACTIVATION_SCALE * ACTIVATION_SCALE / PRODUCT_SCALE
        return self((first * second).astype(np.float32) * ratio)


def oracle(member: IntegerMember, x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The integer graph in NumPy: logits (n, 32) of network input (n, 2F), and each row's least distance from a tie."""
    layers, q, rounded = member.layers, quantize_input(x), Rounding(len(x))
    hidden = rounded(layers["e2"].accumulate(rounded(layers["e1"].accumulate(q))))
    gated = rounded.product(hidden, rounded(layers["g"].accumulate(hidden)))
    context = rounded(layers["f"].accumulate(gated))
    gain = rounded(layers["gam"].accumulate(context))
    bone = rounded.product(rounded(layers["phi"].accumulate(q)), gain)
    parts = [bone * PRODUCT_SCALE, context * ACTIVATION_SCALE, q * INPUT_SCALE]
    logits: NDArray[np.float32] = (
        np.concatenate(parts, axis=1, dtype=np.float32) @ member.out + member.out_bias
    )
    return logits, rounded.tie_distance
