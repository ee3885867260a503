"""Training of one member with JAX and Optax: real labels where they exist, generated hazards elsewhere.

Four losses: osteoporosis (real label); the levels of the lowest T-score about the same logit (real too: one person
in ten is a case, but everybody has a level; cumulative odds, McCullagh 1980 J R Stat Soc B 42:109); falls (real
label); fracture and death (expected log-likelihood of the generated yearly hazards: the distribution of outcomes
stands in for a draw from it, which has the same mean and no noise). Every step hides groups and single values at
random, so that "absent" is a game the network has played.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from osteofusion import heads
from osteofusion.lab import network
from osteofusion.lab.hider import LEVEL_INPUTS, Hider
from osteofusion.lab.network import CLAMP, Weights
from osteofusion.lab.tables import Flags, Values
from osteofusion.schema import Schema

LEVELS = np.array([-3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0])  # T-scores
LEVEL_SLOPE = 1.6  # log odds per T-score to start from: logistic residuals of about one T
HIP_SHARE = 1.5  # of the hip system against the other: rare, and with the steepest gradient of bone density
SURE = 0.999  # of a status that bone density in view settles: keeps its logit within what 8 bits and float32 resolve
SETTLED = 0.2  # weight of such a row: it pulls the weights of age, size and history to zero, and a rule answers there
BONE_PATH = ("phi", "gam", "out_u")  # decay there flattens the gradient of bone density
ONLY_IN_TRAINING = ("level_scale", "level_shift")  # no part of the network


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train.

    `weight` of osteoporosis, its levels, falls and fracture in the loss; `averaged` last steps whose weights are
    averaged; `jitter` in SD on continuous values other than bone density, against learning single people by heart.
    """

    steps: int = 3000
    bone_batch: int = 896
    falls_batch: int = 384
    learning_rate: float = 2e-3
    decay: float = 3e-2
    weight: tuple[float, float, float, float] = (0.5, 2.0, 0.9, 24.0)
    averaged: int = 1300
    jitter: float = 0.15
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Part:
    """Rows for one kind of label: z-scores, which of them were really measured, and the targets.

    The last `corners` rows are nobody's (see corners.py) and always show history and femoral neck.
    """

    z: Values
    measured: Flags
    label: Values
    label_weight: Values
    hazards: Mapping[str, Values]
    corners: int = 0

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.z)


def forward(weights: Any, x: Any) -> Any:
    """Logits (n, 32) in float; the same arithmetic as the integer graph before rounding."""

    def layer(name: str, value: Any) -> Any:
        return jnp.clip(value @ weights[name] + weights[f"{name}_b"], 0.0, CLAMP)

    hidden = layer("e2", layer("e1", x))
    gated = hidden * layer("g", hidden) / CLAMP
    context = layer("f", gated)
    bone = layer("phi", x) * layer("gam", context) / CLAMP
    return bone @ weights["out_u"] + context @ weights["out_c"] + x @ weights["out_x"] + weights["out_b"]


def _loss(weights: Any, batch: Any, weight: tuple[float, float, float, float]) -> Any:
    bone = forward(weights, batch["bone_x"])
    falls = forward(weights, batch["falls_x"])[:, heads.FALLS]
    status = optax.sigmoid_binary_cross_entropy(bone[:, heads.OSTEOPOROSIS], batch["bone_y"])
    status = (status * batch["bone_w"]).sum() / batch["bone_w"].sum()
    levels = _levels(weights, bone[:, heads.OSTEOPOROSIS], batch)
    fall = optax.sigmoid_binary_cross_entropy(falls, batch["falls_y"]).mean()
    hip, other, death = bone[:, heads.HIP], bone[:, heads.OTHER], bone[:, heads.DEATH]
    fracture = HIP_SHARE * _system(hip, death, batch["hip"], batch["death"])
    fracture += _system(jnp.logaddexp(hip, other), death, batch["hip"] + batch["other"], batch["death"])
    fracture = (batch["rarity"] * fracture).mean()
    return weight[0] * status + weight[1] * levels + weight[2] * fall + weight[3] * fracture


def _levels(weights: Any, status: Any, batch: Any) -> Any:
    """Cumulative-odds loss: the lowest T-score is at or below each of LEVELS, by the status logit moved and scaled.

    Move and scale depend on sex and on what is in view: the less is known, the wider the T-scores spread.
    """
    scale = jnp.exp(batch["in_view"] @ weights["level_scale"])
    shift = batch["in_view"] @ weights["level_shift"]
    below = (batch["lowest"][:, None] <= LEVELS).astype(status.dtype)
    loss = optax.sigmoid_binary_cross_entropy(scale * status[:, None] + shift, below).mean(axis=1)
    return (loss * batch["level_w"]).sum() / batch["level_w"].sum()


def _system(event: Any, death: Any, event_hazard: Any, death_hazard: Any) -> Any:
    """Expected negative log-likelihood of ten years of one event with death competing."""
    total = event_hazard + death_hazard
    before = jnp.exp(-(jnp.cumsum(total, axis=1) - total))
    stays = jnp.exp(-total)
    happens, dies = (1 - stays) * event_hazard / total, (1 - stays) * death_hazard / total
    rest = jnp.logaddexp(0.0, jnp.logaddexp(event, death))
    return (before * (rest - happens * event - dies * death)).sum(axis=1)


def train_member(schema: Schema, bone: Part, falls: Part, plan: Plan, seed: int) -> Weights:
    """One member's weights; same seed, same weights."""
    rng = np.random.default_rng(seed)
    hider = Hider(schema, rng)
    rules = network.rules(schema)
    open_, sign = jax.device_put((rules.open, rules.sign))
    weights = {name: jnp.asarray(value) for name, value in network.initial(schema, rng).items()}
    weights |= {name: jnp.asarray(value) for name, value in _level_start().items()}
    lowest = lowest_measured(schema, bone)
    run = (weights, weights, _optimizer(plan).init(weights))
    for number in range(plan.steps):
        averaged = max(0, number - max(plan.steps - plan.averaged, plan.steps // 2))
        run = _step(
            *run,
            _batch(bone, lowest, falls, hider, plan, rng),
            open_,
            sign,
            np.float32(1 / (1 + averaged)),
            plan,
        )
    return {
        name: np.asarray(value, np.float32) for name, value in run[1].items() if name not in ONLY_IN_TRAINING
    }


def _level_start() -> Weights:
    """Scale (as logarithm) and shift of each level."""
    scale = np.zeros((LEVEL_INPUTS, len(LEVELS)), np.float32)
    shift = scale.copy()
    shift[0] = LEVEL_SLOPE * (LEVELS + 2.5)
    return {"level_scale": scale, "level_shift": shift}


def lowest_measured(schema: Schema, bone: Part) -> Values:
    """Lowest measured T-score (n,), infinite where no site was measured."""
    columns = list(schema.group_columns["bmd"])
    scaling = [schema.inputs[column].scaling for column in columns]
    t = bone.z[:, columns] * [s.scale for s in scaling if s] + [s.centre for s in scaling if s]
    lowest: Values = np.where(bone.measured[:, columns], t, np.inf).min(axis=1)
    return lowest


def _optimizer(plan: Plan) -> optax.GradientTransformation:
    schedule = optax.cosine_decay_schedule(plan.learning_rate, plan.steps)
    descent = optax.adamw(schedule, weight_decay=plan.decay, mask=_decayed)
    return optax.chain(optax.clip_by_global_norm(5.0), descent)


def _decayed(weights: Mapping[str, Any]) -> dict[str, bool]:
    return {name: not name.endswith("_b") and name not in (*ONLY_IN_TRAINING, *BONE_PATH) for name in weights}


@partial(jax.jit, static_argnames="plan")
def _step(
    weights: Any, mean: Any, state: Any, batch: Any, open_: Any, sign: Any, share: Any, plan: Plan
) -> Any:
    """One step of descent, back to the weights that the rules allow, and their mean; compiled once for all members."""
    gradient = jax.grad(_loss)(weights, batch, plan.weight)
    updates, state = _optimizer(plan).update(gradient, state, weights)
    weights = optax.apply_updates(weights, updates)
    weights = {name: _obey(name, value, open_, sign) for name, value in weights.items()}
    mean = {
        name: value + share * (weights[name] - value) for name, value in mean.items()
    }  # obeys the rules too
    return weights, mean, state


def _obey(name: str, value: Any, open_: Mapping[str, Any], sign: Mapping[str, Any]) -> Any:
    if name in open_:
        value = value * open_[name]
    if name in sign:
        value = jnp.where(sign[name] * value < 0, 0.0, value)
    return value


def _batch(
    bone: Part, lowest: Values, falls: Part, hider: Hider, plan: Plan, rng: np.random.Generator
) -> dict[str, Any]:
    b = rng.integers(len(bone), size=plan.bone_batch)
    f = rng.integers(len(falls), size=plan.falls_batch)
    z = bone.z[b] + plan.jitter * rng.standard_normal(bone.z[b].shape) * hider.smooth
    bone_x, seen = hider.inputs(z, bone.measured[b], b >= len(bone) - bone.corners)
    # a label from fewer than three sites says nothing of the others: it teaches only where no site is in view
    blind = ~seen[:, hider.bone].any(axis=1)
    partial = ~blind & ~bone.measured[b][:, hider.bone].all(axis=1)
    label = bone.label[b]
    return {
        "bone_x": bone_x,
        "bone_y": np.where(blind, label, (1 - SURE) + label * (2 * SURE - 1)).astype(np.float32),
        "bone_w": (np.where(blind, 1.0, np.where(partial, 0.0, SETTLED)) * bone.label_weight[b]).astype(
            np.float32
        ),
        "in_view": hider.in_view(bone.z[b], seen),
        "lowest": np.nan_to_num(lowest[b]).astype(np.float32),
        "level_w": np.where(blind & np.isfinite(lowest[b]), bone.label_weight[b], 0.0).astype(np.float32),
        "rarity": hider.rarity(z, seen),
        "falls_x": hider.inputs(falls.z[f], falls.measured[f])[0],
        "falls_y": falls.label[f].astype(np.float32),
        **{cause: table[b].astype(np.float32) for cause, table in bone.hazards.items()},
    }
