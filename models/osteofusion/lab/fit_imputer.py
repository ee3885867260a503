"""Fits the stored law of the missing values on the completed rows of the cohort: one Gaussian copula a sex."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri

from osteofusion.encode import Z_LIMIT, hard_limits
from osteofusion.impute import IMPUTER_FILE, KNOTS, RIDGE, Copula, GaussianImputer
from osteofusion.lab.tables import Values
from osteofusion.outside import surprise
from osteofusion.schema import Schema

DISCRETE = ("bool", "category", "dosage")
LEAST_SLOPE = 0.05  # z between two knots: values piled up on one number must not divide by nothing
RARE = 1e-6
HIGHEST_CORRELATION = 0.995
ALWAYS_KNOWN = "clinical"
CUT_PERCENTILE = 99.9


def fit_imputer(schema: Schema, z: Values, weight: Values) -> GaussianImputer:
    """The law of complete z-scores (n, F) with survey weights (n,)."""
    sex, levels = schema.column["sex"], _levels(schema, z)
    of_men = z[:, sex] == levels[sex, 1]
    women, men = (_copula(z[rows], weight[rows] / weight[rows].sum(), levels) for rows in (~of_men, of_men))
    imputer = GaussianImputer(
        copulas=(women, men),
        levels=levels,
        bounds=np.clip(hard_limits(schema), -Z_LIMIT, Z_LIMIT),
        sex=sex,
        men=float(weight[of_men].sum() / weight.sum()),
        sizes=np.zeros(1),
        cut=np.zeros(1),
    )
    sizes, cut = _cuts(schema, imputer, z)
    return replace(imputer, sizes=sizes, cut=cut)


def write_imputer(path: Path, imputer: GaussianImputer) -> None:
    """Save as float32 arrays in a plain .npz."""
    with (path / IMPUTER_FILE).open("wb") as file:
        np.savez(file, **imputer.arrays())  # type: ignore[arg-type]


def _levels(schema: Schema, z: Values) -> Values:
    """The z-scores that each discrete feature takes, up to three; NaN for the others."""
    levels = np.full((z.shape[1], 3), np.nan)
    for column, feature in enumerate(schema.inputs):
        if feature.kind in DISCRETE:
            found = np.unique(z[:, column])
            levels[column] = np.r_[found, np.repeat(found[-1], 3 - len(found))]
    return levels


def _copula(z: Values, share: Values, levels: Values) -> Copula:
    """The law of the rows of one sex."""
    count = z.shape[1]
    knots, cuts = np.tile(KNOTS, (count, 1)), np.full((count, 2), np.inf)
    scores, noise, latent = np.zeros((count, 3)), np.zeros(count), np.zeros_like(z)
    for column in range(count):
        if np.isnan(levels[column, 0]):
            knots[column] = _knots(z[:, column], share)
            latent[:, column] = _score(z[:, column], knots[column])
        else:
            cuts[column], scores[column], noise[column] = _cutting(z[:, column], share, levels[column])
            latent[:, column] = scores[column][np.argmin(np.abs(z[:, [column]] - levels[column]), axis=1)]
    return Copula(_correlation(latent, share, noise), knots, cuts, scores, noise)


def _knots(values: Values, share: Values) -> Values:
    """Weighted quantiles at the Gaussian scores KNOTS, rising everywhere."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(share[order]) - share[order] / 2
    knots = np.interp(ndtr(KNOTS), middle, values[order])
    half = len(KNOTS) // 2
    steps = np.maximum(np.diff(knots), LEAST_SLOPE)
    down, up = np.cumsum(steps[:half][::-1])[::-1], np.cumsum(steps[half:])
    rising: Values = np.concatenate([knots[half] - down, knots[half : half + 1], knots[half] + up])
    return rising


def _score(values: Values, knots: Values) -> Values:
    below = np.clip(np.searchsorted(knots, values, side="right") - 1, 0, len(KNOTS) - 2)
    step = (values - knots[below]) / (knots[below + 1] - knots[below])
    score: Values = KNOTS[below] + (KNOTS[1] - KNOTS[0]) * step
    return score


def _cutting(values: Values, share: Values, levels: Values) -> tuple[Values, Values, float]:
    """Cuts between levels, what each level says of the latent score (unbiased), and the noise of saying it by level."""
    distinct = np.unique(levels)
    shares = np.array([share[values == level].sum() for level in distinct])
    edges = ndtri(np.clip(np.r_[0.0, np.cumsum(shares)], RARE, 1 - RARE))
    cuts = np.full(2, np.inf)
    cuts[: len(distinct) - 1] = np.where(np.cumsum(shares)[:-1] < RARE, -np.inf, edges[1:-1])
    if shares.max() > 1 - RARE:
        return cuts, np.zeros(3), 0.0
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    density[[0, -1]] = 0.0
    means = (density[:-1] - density[1:]) / np.maximum(shares, RARE)
    told = float(shares @ means**2)
    scores = np.r_[means, np.repeat(means[-1], 3 - len(means))] / told
    return cuts, scores, 1 / told - 1


def _correlation(latent: Values, share: Values, noise: Values) -> Values:
    """Correlation of the latent scores: the visible ones without the noise of the levels, made positive definite."""
    centred = latent - share @ latent
    covariance = (centred * share[:, None]).T @ centred
    spread = np.sqrt(np.maximum(np.diag(covariance) - noise, RARE))
    spread[np.diag(covariance) < RARE] = 1.0  # one level only in this sex: related to nothing
    correlation = np.clip(covariance / np.outer(spread, spread), -HIGHEST_CORRELATION, HIGHEST_CORRELATION)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    repaired = (vectors * np.maximum(values, RIDGE)) @ vectors.T
    scale = np.sqrt(np.diag(repaired))
    result: Values = repaired / np.outer(scale, scale)
    return result


def _cuts(schema: Schema, imputer: GaussianImputer, z: Values) -> tuple[Values, Values]:
    """Numbers of known continuous values, and the surprise that one cohort row in a thousand exceeds there.

    Taken over the clinical group with every choice of other groups, as tests come in groups; it never falls with the
    number known, so that a few heavy-tailed markers are not called odd for being few.
    """
    scores = np.stack([imputer.scores(row) for row in z])
    of_men = z[:, imputer.sex] == imputer.levels[imputer.sex, 1]
    groups = {
        name: [c for c in columns if not imputer.discrete[c]]
        for name, columns in schema.group_columns.items()
    }
    others = [columns for name, columns in groups.items() if name != ALWAYS_KNOWN and columns]
    found: dict[int, float] = {}
    for chosen in itertools.chain(*(itertools.combinations(others, size) for size in range(len(others) + 1))):
        columns = np.sort(np.array([*groups[ALWAYS_KNOWN], *itertools.chain(*chosen)], np.int64))
        parts = [
            surprise(copula, scores[rows][:, columns], columns)
            for rows, copula in zip((~of_men, of_men), imputer.copulas, strict=True)
        ]
        cut = float(np.percentile(np.concatenate(parts), CUT_PERCENTILE))
        found[len(columns)] = max(cut, found.get(len(columns), cut))
    sizes = np.array(sorted(found), float)
    return sizes, np.maximum.accumulate([found[int(size)] for size in sizes])
