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

HIGHEST = 300.0  # of a logit: exp stays far below overflow, and a hazard there is 1 to the last bit
MARGIN = 1e-12  # nearer to 0 or 1 no probability comes, so that its logit exists
FEW = 128  # numbers below which the count of calls, not of numbers, is the cost
BLOCK = 640  # rows worked on at once: their intermediate values stay in the cache

Array = NDArray[np.float64]


def probabilities(logits: NDArray[np.floating]) -> Array:
    """Probability of each of OUTCOMES, (..., 4), from logits (..., 32)."""
    rows = np.asarray(logits).reshape(-1, WIDTH)
    result = np.empty((len(rows), len(OUTCOMES)))
    for start in range(0, len(rows), BLOCK):
        _fill(result[start : start + BLOCK], rows[start : start + BLOCK])
    return result.reshape(*np.shape(logits)[:-1], len(OUTCOMES))


def _fill(result: Array, rows: NDArray[np.floating]) -> None:
    """Write the probabilities of `rows` (n, 32) into `result` (n, 4); one column a row inside."""
    odds = np.array(rows.T, np.float64, order="C")
    np.exp(np.minimum(odds, HIGHEST, out=odds), out=odds)
    event = np.empty((YEARS, 2, len(rows)))
    event[:, 1] = odds[HIP]
    np.add(odds[HIP], odds[OTHER], out=event[:, 0])
    either, hip = _incidence(event, odds[DEATH][:, None])
    heads = odds[:2] / (1.0 + odds[:2])
    result[:, 0], result[:, 3] = heads[OSTEOPOROSIS], heads[FALLS]
    result[:, 1], result[:, 2] = np.maximum(either, hip), hip  # equal but for the last bit where other is nil
    np.minimum(np.maximum(result, MARGIN, out=result), 1 - MARGIN, out=result)


def cumulative_incidence(event: Array, death: Array) -> Array:
    """Ten-year incidence of the event with death competing; logits (..., 10)."""
    odds = np.exp(np.minimum(np.moveaxis(np.stack([event, death]), -1, 1), HIGHEST))
    return _incidence(odds[0], odds[1])


def _incidence(event: Array, death: Array) -> Array:
    """Incidence (...) over the years of the first axis, from odds against staying free of both.

    Both ways give the same to the last bits: for few rows the sum over years of odds times staying free up to that
    year; for many, faster, year by year from the last: (event + what happens later) / (1 + event + death).
    """
    stays = event + death
    stays += 1.0
    np.divide(1.0, stays, out=stays)
    if event[0].size <= FEW:
        free = np.multiply.accumulate(stays, axis=0)
        result: Array = np.multiply(free, event, out=free).sum(axis=0)
        return result
    later: Array = event[-1] * stays[-1]
    for happens, survives in zip(event[-2::-1], stays[-2::-1], strict=True):
        np.add(later, happens, out=later)
        np.multiply(later, survives, out=later)
    return later


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)) without overflow."""
    result: Array = np.exp(-np.logaddexp(0.0, -z))
    return result


def logit(p: Array) -> Array:
    """log(p / (1 - p)) of a probability strictly between 0 and 1."""
    result: Array = np.log(p) - np.log1p(-p)
    return result
