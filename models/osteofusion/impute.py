"""Draws of missing values from a stored Gaussian, given what is known; never shown or stored as measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import Z_LIMIT
from osteofusion.errors import BundleError

IMPUTER_FILE = "imputer.npz"
RIDGE = 1e-6

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class GaussianImputer:
    """Mean (F,) and covariance (F, F) of the z-scores of the training cohort.

    `levels` (F, 3) are the z-scores that a yes-no value or a genotype can take (NaN where continuous) and
    `cuts` (F, 2) the Gaussian values between them, so that each level keeps its frequency.
    """

    mean: Vector
    covariance: Vector
    levels: Vector
    cuts: Vector

    @classmethod
    def load(cls, bundle: Path) -> GaussianImputer:
        """The imputer of `bundle`; BundleError when it is missing or not understood."""
        path = bundle / IMPUTER_FILE
        try:
            with np.load(path, allow_pickle=False) as content:
                return cls(
                    *(content[name].astype(np.float64) for name in ("mean", "covariance", "levels", "cuts"))
                )
        except FileNotFoundError as error:
            raise BundleError("bundle_file_missing", path=path.name) from error
        except (KeyError, ValueError, OSError) as error:
            raise BundleError("bundle_not_understood", path=path.name, reason=repr(error)) from error

    def draws(self, z: Vector, count: int, rng: np.random.Generator) -> Vector:
        """(count, F): known z-scores as they are, missing ones (NaN) drawn given the known."""
        missing = np.isnan(z)
        table = np.tile(z, (count, 1))
        if not missing.any():
            return table
        mean, root = self._conditional(z, missing)
        drawn = mean + rng.standard_normal((count, len(mean))) @ root.T
        table[:, missing] = np.clip(self._to_levels(drawn, missing), -Z_LIMIT, Z_LIMIT)
        return table

    def _conditional(self, z: Vector, missing: NDArray[np.bool_]) -> tuple[Vector, Vector]:
        """Mean and a root of the covariance of the missing values given the known ones."""
        known = ~missing
        own = self.covariance[np.ix_(missing, missing)]
        cross = self.covariance[np.ix_(missing, known)]
        seen = self.covariance[np.ix_(known, known)] + RIDGE * np.eye(int(known.sum()))
        gain = np.linalg.solve(seen, cross.T).T
        mean = self.mean[missing] + gain @ (np.clip(z[known], -Z_LIMIT, Z_LIMIT) - self.mean[known])
        left = own - gain @ cross.T + RIDGE * np.eye(len(mean))
        return mean, np.linalg.cholesky((left + left.T) / 2).astype(np.float64)

    def _to_levels(self, drawn: Vector, missing: NDArray[np.bool_]) -> Vector:
        levels, cuts = self.levels[missing], self.cuts[missing]
        discrete = ~np.isnan(levels[:, 0])
        rank = (drawn > cuts[:, 0]).astype(int) + (drawn > cuts[:, 1])
        chosen = np.take_along_axis(levels.T, np.clip(rank, 0, 2), axis=0)
        return np.where(discrete, chosen, drawn)
