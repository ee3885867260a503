"""What lies outside the people the model was made from: single values, and combinations of ordinary values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import Z_LIMIT
from osteofusion.impute import Copula, GaussianImputer
from osteofusion.schema import Schema

MEASUREMENT = (
    0.05  # variance of a score by measuring alone: two values of one thing need not agree to the digit
)
ORDINARY = (
    3.0  # scores are taken up to here: one odd value by itself is no odd combination, and is named elsewhere
)
NAMED = 3  # values that are named as the ones that do not fit the others

Vector = NDArray[np.float64]
Columns = NDArray[np.int64]


def beyond_limit(schema: Schema, z: Vector) -> tuple[str, ...]:
    """Features whose value lies beyond what the network can tell apart (|z| > 4) and was clipped."""
    return tuple(schema.inputs[n].id for n in np.flatnonzero(np.abs(z) > Z_LIMIT))


def beyond_usual(schema: Schema, values: Mapping[str, float]) -> tuple[str, ...]:
    """Features whose value in stored units lies outside the usual (soft) range of the feature list, in its order."""
    ranges = {feature.id: feature.soft for feature in schema.inputs if feature.soft and feature.id in values}
    return tuple(name for name, (low, high) in ranges.items() if not low <= values[name] <= high)


def unusual_combination(imputer: GaussianImputer, schema: Schema, z: Vector) -> tuple[str, ...]:
    """Values that do not go together, the least fitting first, up to three; empty when the combination is ordinary.

    Notes
    -----
    Mahalanobis distance of the known continuous values under the law of the person's sex, turned into a normal score
    that hardly depends on how many are known, and compared with the cohort's 99.9th percentile.
    """
    known = np.flatnonzero(~np.isnan(z) & ~imputer.discrete)
    if len(known) < 2:
        return ()
    copula, scores = imputer.copula_of(z), imputer.scores(z)[known]
    if surprise(copula, scores[None, :], known)[0] <= np.interp(len(known), imputer.sizes, imputer.cut):
        return ()
    precision = np.linalg.inv(_spread(copula, known))
    pull = precision @ np.clip(scores, -ORDINARY, ORDINARY)
    gain = pull**2 / np.diag(precision)  # by how much the distance shrinks without the value
    return tuple(schema.inputs[known[n]].id for n in np.argsort(-gain)[:NAMED])


def surprise(copula: Copula, scores: Vector, columns: Columns) -> Vector:
    """Mahalanobis distance (n,) of rows of latent `scores` (n, k) of `columns`, as a standard normal score.

    Notes
    -----
    Wilson and Hilferty 1931 (PNAS 17:684): the cube root of a chi-square over its degrees of freedom is nearly normal.
    """
    inner = np.clip(scores, -ORDINARY, ORDINARY)
    squared = np.einsum("nk,nk->n", inner, np.linalg.solve(_spread(copula, columns), inner.T).T)
    ninth = 2 / (9 * len(columns))
    result: Vector = (np.cbrt(squared / len(columns)) - (1 - ninth)) / np.sqrt(ninth)
    return result


def _spread(copula: Copula, columns: Columns) -> Vector:
    spread: Vector = copula.correlation[np.ix_(columns, columns)] + MEASUREMENT * np.eye(len(columns))
    return spread
