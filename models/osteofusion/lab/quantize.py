"""One quantizer: float weights of a member to the integers that both engine files and the oracles share.

Notes
-----
Input 8 bits on a grid of 4/127; activations 0..255 on [0, 6], whose saturation is the clamp; weights
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


@dataclass(frozen=True, slots=True)
class IntegerLayer:
    """Weights int8 (in, out), bias int32 (out,), input scale, weight scale (out,): all float32 scales."""

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    input_scale: np.float32
    weight_scale: NDArray[np.float32]


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
