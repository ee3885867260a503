"""From the logits of the network to probabilities: float64, outside the graph, the same for every engine.

Columns of one member's 32 logits: osteoporosis, falls, then ten yearly logits each of hip fracture (a), other
major fracture (b) and death (d).

Notes
-----
Year t of a system {event z, death d}: hazard exp(z) / (1 + exp z + exp d). The hip system is {a, d}, the MOF
system {m, d} with m = log(exp a + exp b) >= a and the same d, so P(hip) <= P(MOF) always.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

OUTCOMES = ("osteoporosis", "mof_10y", "hip_10y", "falls_12m")
YEARS = 10
OSTEOPOROSIS, FALLS = 0, 1
HIP, OTHER, DEATH = slice(2, 12), slice(12, 22), slice(22, 32)
WIDTH = 32

Array = NDArray[np.float64]


def probabilities(logits: Array) -> Array:
    """Probability of each of OUTCOMES, (..., 4), from logits (..., 32)."""
    z = np.asarray(logits, np.float64)
    hip, death = z[..., HIP], z[..., DEATH]
    either = np.logaddexp(hip, z[..., OTHER])
    return np.stack(
        [
            sigmoid(z[..., OSTEOPOROSIS]),
            cumulative_incidence(either, death),
            cumulative_incidence(hip, death),
            sigmoid(z[..., FALLS]),
        ],
        axis=-1,
    )


def cumulative_incidence(event: Array, death: Array) -> Array:
    """Ten-year incidence of the event with death competing; logits (..., 10)."""
    log_survival = -np.logaddexp(0.0, np.logaddexp(event, death))
    before = np.cumsum(log_survival, axis=-1) - log_survival
    incidence: Array = np.exp(before + event + log_survival).sum(axis=-1)
    return incidence


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)) without overflow."""
    result: Array = np.exp(-np.logaddexp(0.0, -z))
    return result


def logit(p: Array) -> Array:
    """log(p / (1 - p)) of a probability strictly between 0 and 1."""
    result: Array = np.log(p) - np.log1p(-p)
    return result
