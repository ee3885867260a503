"""The network: block encoders, gates, a monotone bone path and a linear path; only what quantizes cleanly.

Layers (F values, 2F inputs, widths for 60 values)::

    e1   2F -> 120   six encoders as one block-diagonal matrix; bone density enters by its mask only
    e2  120 -> 120   block-diagonal
    g   120 -> 120   gates between groups; h = e2 * clamp(g) / 6
    f   120 ->  48   context: 8 units for osteoporosis, 16 for fracture and death, 24 for falls, fracture and death; the
                     first 24 never see gait, balance or strength, the others never see bone density
    phi  2F ->  32   bone density values only, weights <= 0 on z(T)
    gam  48 ->  32   scales phi by the first half of the context; u = phi * clamp(gam) / 6
    out  u, c, x -> 32 logits, float; x is the quantized input itself (the linear path)

Notes
-----
clamp(v) = min(max(v, 0), 6) is the saturation of an 8-bit quantizer. Weights on u are >= 0 for osteoporosis,
hip and other fracture, and those of the linear path on z(T) are <= 0 there; both are zero for falls and
death. So no risk ever falls as a T-score falls. Osteoporosis gets nothing from the sensor group: measured
null. Falls get nothing from bone density, not even whether it was measured: the survey never had both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from osteofusion import heads
from osteofusion.encode import GRID, layout
from osteofusion.schema import Schema

CLAMP = 6.0
ENCODER = 20  # units of one group's encoder
STATUS_UNITS, BONE_UNITS, CONTEXT = 8, 24, 48
PHI = 32
STEEP_AT = (-2.2, -2.35, -2.5)  # T-scores where the steep bone units begin to rise
STEEP = 3 * len(
    STEEP_AT
)  # they come first, one a site: for the status alone, no fracture hazard has a step there

Weights = dict[str, NDArray[np.float32]]
EVENTS = np.r_[heads.HIP, heads.OTHER]
BONE_HEADS = np.r_[heads.OSTEOPOROSIS, EVENTS]
BLIND_HEADS = np.r_[heads.FALLS, heads.DEATH]


@dataclass(frozen=True)
class Rules:
    """`open` (1 where a weight may differ from zero) and `sign` (-1, 0 = free, 1) of each weight matrix."""

    open: Weights
    sign: Weights


def rules(schema: Schema) -> Rules:
    """Which weights exist and which sign they must have."""
    at, groups = layout(schema), list(schema.group_columns)
    width, hidden = at.width, ENCODER * len(groups)
    values_of = {group: at.value[list(columns)] for group, columns in schema.group_columns.items()}
    masks_of = {group: at.mask[list(columns)] for group, columns in schema.group_columns.items()}
    units = {group: slice(ENCODER * n, ENCODER * (n + 1)) for n, group in enumerate(groups)}
    e1, e2 = np.zeros((width, hidden), np.float32), np.zeros((hidden, hidden), np.float32)
    for group in groups:
        e1[masks_of[group], units[group]] = 1
        if group != "bmd":
            e1[values_of[group], units[group]] = 1
        e2[units[group], units[group]] = 1
    g, f = np.ones((hidden, hidden), np.float32), np.ones((hidden, CONTEXT), np.float32)
    g[units["sensor"], : units["sensor"].start] = 0
    g[units["bmd"], units["bmd"].stop :] = 0
    f[units["sensor"], :BONE_UNITS] = 0
    f[units["bmd"], BONE_UNITS:] = 0
    phi = np.zeros((width, PHI), np.float32)
    phi[values_of["bmd"]] = 1
    gam = np.ones((CONTEXT, PHI), np.float32)
    gam[BONE_UNITS:] = 0
    return Rules(
        {"e1": e1, "e2": e2, "g": g, "f": f, "phi": phi, "gam": gam, **_out_open(schema)},
        {"phi": -phi, **_out_sign(schema)},
    )


def _out_open(schema: Schema) -> Weights:
    at, columns = layout(schema), schema.group_columns
    u, c = np.zeros((PHI, heads.WIDTH), np.float32), np.ones((CONTEXT, heads.WIDTH), np.float32)
    x = np.ones((at.width, heads.WIDTH), np.float32)
    u[:, BONE_HEADS] = 1
    c[STATUS_UNITS:, heads.OSTEOPOROSIS] = 0
    c[:STATUS_UNITS, EVENTS] = 0
    c[:STATUS_UNITS, heads.DEATH] = 0
    c[:BONE_UNITS, heads.FALLS] = 0
    sensor, bone = list(columns["sensor"]), list(columns["bmd"])
    x[np.r_[at.value[sensor], at.mask[sensor]], heads.OSTEOPOROSIS] = 0
    x[np.ix_(at.value[bone], BLIND_HEADS)] = 0
    x[at.mask[bone], heads.FALLS] = 0
    return {"out_u": u, "out_c": c, "out_x": x}


def _out_sign(schema: Schema) -> Weights:
    at, bone = layout(schema), list(schema.group_columns["bmd"])
    x = np.zeros((at.width, heads.WIDTH), np.float32)
    x[np.ix_(at.value[bone], BONE_HEADS)] = -1
    return {"out_u": np.ones((PHI, heads.WIDTH), np.float32), "out_x": x}


def initial(schema: Schema, rng: np.random.Generator) -> Weights:
    """Random weights that obey the rules; biases zero except where a clamp must start open."""
    weights: Weights = {}
    allowed = rules(schema)
    for name, where in allowed.open.items():
        fan_in = np.maximum(where.sum(axis=0, keepdims=True), 1)
        weights[name] = (rng.standard_normal(where.shape) * where / np.sqrt(fan_in)).astype(np.float32)
    for name in ("out_u", "out_c", "out_x"):
        weights[name] *= 0.02
    for name, value in (("e1", 0.5), ("e2", 0.5), ("g", 3.0), ("f", 1.0), ("gam", 3.0)):
        weights[f"{name}_b"] = np.full(weights[name].shape[1], value, np.float32)
    weights["phi"], weights["phi_b"] = _ramps(schema)
    weights["out_b"] = np.zeros(heads.WIDTH, np.float32)
    weights["out_b"][np.r_[heads.OSTEOPOROSIS, heads.FALLS]] = -2.5
    weights["out_b"][EVENTS], weights["out_b"][heads.DEATH] = -5.5, -4.0
    return {name: project(name, value, allowed) for name, value in weights.items()}


def _ramps(schema: Schema) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and biases of the bone units to start from: ramps that rise as one T-score falls.

    Broad ones begin at heights spread over the range, steep ones about the WHO cut-off, where status jumps.
    """
    at, bone = layout(schema), list(schema.group_columns["bmd"])
    weight, bias = np.zeros((at.width, PHI), np.float32), np.zeros(PHI, np.float32)
    for unit in range(PHI):
        column, number = bone[unit % len(bone)], unit // len(bone)
        scaling = schema.inputs[column].scaling
        assert scaling is not None  # noqa: S101 - schema.py refuses an input without scaling
        steep = number < len(STEEP_AT)
        begin = (
            (STEEP_AT[number] - scaling.centre) / scaling.scale
            if steep
            else 2.0 - 0.6 * (number - len(STEEP_AT))
        )
        slope = 20.0 if steep else 3.0
        weight[at.value[column], unit], bias[unit] = -slope, slope * begin
    return weight, bias


def project(name: str, value: NDArray[np.float32], allowed: Rules) -> NDArray[np.float32]:
    """The nearest weights that obey the rules."""
    if name not in allowed.open:
        return value
    value = value * allowed.open[name]
    sign = allowed.sign.get(name)
    return value if sign is None else np.where(sign * value < 0, 0, value).astype(np.float32)


def on_grid(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The input as the quantizer of the graph will see it (steps of 4/127)."""
    return (np.round(x / np.float32(GRID)) * np.float32(GRID)).astype(np.float32)
