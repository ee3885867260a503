"""Fits the stored Gaussian on the completed rows of the cohort."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import numpy as np

from osteofusion.impute import IMPUTER_FILE, GaussianImputer
from osteofusion.lab.tables import Values
from osteofusion.schema import Schema


def fit_imputer(schema: Schema, z: Values, weight: Values) -> GaussianImputer:
    """Survey-weighted mean and covariance of complete z-scores, and the cuts between discrete values."""
    share = weight / weight.sum()
    mean = share @ z
    centred = z - mean
    covariance = (centred * share[:, None]).T @ centred
    levels, cuts = np.full((z.shape[1], 3), np.nan), np.full((z.shape[1], 2), np.inf)
    for column, feature in enumerate(schema.inputs):
        if feature.kind in ("bool", "category", "dosage"):
            found = np.unique(z[:, column])
            levels[column] = np.r_[found, np.repeat(found[-1], 3 - len(found))]
            below = np.array([share[z[:, column] <= level].sum() for level in found[:-1]])
            normal = NormalDist(mean[column], np.sqrt(covariance[column, column]))
            cuts[column, : len(below)] = [normal.inv_cdf(min(max(p, 1e-6), 1 - 1e-6)) for p in below]
    return GaussianImputer(mean, covariance, levels, cuts)


def write_imputer(path: Path, imputer: GaussianImputer) -> None:
    """Save as float32 arrays in a plain .npz."""
    arrays = {
        name: getattr(imputer, name).astype(np.float32) for name in ("mean", "covariance", "levels", "cuts")
    }
    np.savez(path / IMPUTER_FILE, **arrays)
