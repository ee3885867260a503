"""Draws of missing values from a stored law, given what is known; never shown or stored as measured.

Notes
-----
A Gaussian copula, one for each sex. Every continuous value is first turned into a Gaussian score by its own ranks
(so a skewed marker is Gaussian before it is conditioned upon), every yes-no value or genotype is a latent score cut
into levels (so a draw is a genotype, never 0.7 of one). A known level is the mean of its latent score, seen with the
noise that the cutting adds; its covariance with another score is then the latent one to first order.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.errors import BundleError
from osteofusion.parts import Parts, part
from osteofusion.product import product

IMPUTER_FILE = "imputer.npz"
KNOTS = np.linspace(-3.0, 3.0, 25)  # Gaussian scores at which the values of a feature are stored
RIDGE = 1e-4
SEXES = 2

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Copula:
    """The law of one sex for F features.

    `knots` (F, 25): z-scores of a continuous feature at the Gaussian scores KNOTS; `cuts` (F, 2) and `scores` (F, 3):
    latent scores between the levels of a discrete one, and what each level says of it; `noise` (F,): variance that
    the cutting adds; `correlation` (F, F) of the latent scores.
    """

    correlation: Vector
    knots: Vector
    cuts: Vector
    scores: Vector
    noise: Vector

    @cached_property
    def root(self) -> Vector:
        """A root of the correlation."""
        root = np.linalg.cholesky(self.correlation + RIDGE * np.eye(len(self.noise)))
        return np.asarray(root, np.float64)

    def conditional(self, known: Flags) -> Vector:
        """Weights (missing, known) of what is known in the mean of the scores of what is missing."""
        seen = self.correlation[np.ix_(known, known)] + np.diag(self.noise[known] + RIDGE)
        weights = np.linalg.solve(seen, self.correlation[np.ix_(known, ~known)]).T
        return np.asarray(weights, np.float64)


@dataclass(frozen=True)
class GaussianImputer:
    """Both copulas; `levels` (F, 3) are the z-scores of a discrete feature (NaN where continuous), `bounds` (F, 2) the
    possible range of the others; `men` is the share of men, for rows without a sex in column `sex`."""

    copulas: tuple[Copula, Copula]
    levels: Vector
    bounds: Vector
    sex: int
    men: float
    sizes: Vector
    cut: Vector

    @classmethod
    def load(cls, bundle: Parts) -> GaussianImputer:
        """The imputer of `bundle`; BundleError when it is missing or not understood."""
        import zipfile  # late, like NumPy does it
        import zlib

        archive = part(bundle, IMPUTER_FILE)
        try:
            with np.load(io.BytesIO(archive), allow_pickle=False) as content:
                return cls.from_arrays({name: content[name].astype(np.float64) for name in content.files})
        except (KeyError, ValueError, OSError, IndexError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise BundleError("bundle_not_understood", path=IMPUTER_FILE, reason=repr(error)) from error

    @classmethod
    def from_arrays(cls, content: dict[str, Vector]) -> GaussianImputer:
        """The imputer from what `arrays` gave; KeyError when a part is missing, ValueError for a wrong shape."""
        count = len(content["levels"])
        for name, shape in _shapes(count).items():
            if content[name].shape != shape:
                raise ValueError(f"{name} has shape {content[name].shape}, not {shape}")
        law = ("correlation", "knots", "cuts", "scores", "noise")
        women, men = (Copula(*(content[name][sex] for name in law)) for sex in range(SEXES))
        return cls(
            (women, men),
            content["levels"],
            content["bounds"],
            int(content["sex"]),
            float(content["men"]),
            content["sizes"],
            content["cut"],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything for the file: the law in float32, levels and bounds exact."""
        law = ("correlation", "knots", "cuts", "scores", "noise")
        stacked = {name: np.stack([getattr(copula, name) for copula in self.copulas]) for name in law}
        own = {
            name: np.asarray(getattr(self, name))
            for name in ("levels", "bounds", "sex", "men", "sizes", "cut")
        }
        return {name: value.astype(np.float32) for name, value in stacked.items()} | own

    @cached_property
    def discrete(self) -> Flags:
        """Which features (F,) have levels."""
        return ~np.isnan(self.levels[:, 0])

    def draws(self, z: Vector, count: int, rng: np.random.Generator) -> Vector:
        """(count, F): known z-scores as they are, missing ones (NaN) drawn given the known."""
        normals = rng.standard_normal((count, 2, len(z)))
        if not np.isnan(z[self.sex]):
            return self.complete(z, normals)
        of_men = rng.random(count) < self.men
        table = np.empty((count, len(z)))
        for sex, rows in enumerate((~of_men, of_men)):
            table[rows] = self.complete(self._with_sex(z, sex), normals[rows])
        return table

    def complete(self, z: Vector, normals: Vector) -> Vector:
        """One completion (n, F) a row of standard `normals` (n, 2, F): the same normals, the same chances of life.

        Notes
        -----
        Matheron's rule: a draw of the whole law, corrected by what is known minus what was drawn of it. With the same
        normals a value more or a value changed moves the draws smoothly. The sex must be known.
        """
        table = np.tile(z, (len(normals), 1))
        known = ~np.isnan(z)
        if known.all():
            return table
        copula = self.copula_of(z)
        free = product(normals[:, 0], copula.root.T)
        seen = free[:, known] + np.sqrt(copula.noise[known]) * normals[:, 1, known]
        scores = free[:, ~known] + product(self.scores(z)[known] - seen, copula.conditional(known).T)
        table[:, ~known] = self._values(copula, scores, np.flatnonzero(~known))
        return table

    def copula_of(self, z: Vector) -> Copula:
        """The law of the person's sex."""
        return self.copulas[int(z[self.sex] > self.levels[self.sex, :2].mean())]

    def scores(self, z: Vector) -> Vector:
        """Latent scores (F,) of one person's z-scores, NaN where absent; beyond the stored range in a straight line."""
        copula = self.copula_of(z)
        below = np.clip((copula.knots <= z[:, None]).sum(axis=1) - 1, 0, len(KNOTS) - 2)
        every = np.arange(len(z))
        left, right = copula.knots[every, below], copula.knots[every, below + 1]
        continuous = KNOTS[below] + (KNOTS[1] - KNOTS[0]) * (z - left) / (right - left)
        level = np.nanargmin(
            np.abs(np.where(self.discrete[:, None], self.levels, 0.0) - np.nan_to_num(z)[:, None]), axis=1
        )
        scores: Vector = np.where(self.discrete, copula.scores[every, level], continuous)
        return np.where(np.isnan(z), np.nan, scores)

    def _values(self, copula: Copula, scores: Vector, columns: Index) -> Vector:
        """Z-scores (n, m) of latent scores of `columns`."""
        place = (scores - KNOTS[0]) / (KNOTS[1] - KNOTS[0])
        below = np.clip(place.astype(np.int64), 0, len(KNOTS) - 2)
        left, right = copula.knots[columns, below], copula.knots[columns, below + 1]
        low, high = self.bounds[columns].T
        continuous = np.clip(left + (place - below) * (right - left), low, high)
        rank = (scores > copula.cuts[columns, 0]).astype(np.int64) + (scores > copula.cuts[columns, 1])
        values: Vector = np.where(self.discrete[columns], self.levels[columns, rank], continuous)
        return values

    def _with_sex(self, z: Vector, sex: int) -> Vector:
        result = z.copy()
        result[self.sex] = self.levels[self.sex, sex]
        return result


def balanced_normals(count: int, features: int, seed: int) -> Vector:
    """Standard normals (count, 2, features) that fill every feature evenly.

    Notes
    -----
    Latin hypercube (McKay 1979, Technometrics 21:239): with few draws the spread along one feature would otherwise be
    a matter of luck.
    """
    side = [
        math.copysign(_half_normal(abs(share)), share) for share in (np.arange(count) * 2 + 1) / count - 1
    ]
    order = np.tile(np.arange(count)[:, None, None], (1, 2, features))
    normals: Vector = np.array(side)[np.random.default_rng(seed).permuted(order, axis=0)]
    return normals


def _half_normal(share: float) -> float:
    """The size below which `share` of standard normals lie, by bisection."""
    low, high = 0.0, 8.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < share else (low, middle)
    return low


def _shapes(count: int) -> dict[str, tuple[int, ...]]:
    return {
        "correlation": (SEXES, count, count),
        "knots": (SEXES, count, len(KNOTS)),
        "cuts": (SEXES, count, 2),
        "scores": (SEXES, count, 3),
        "noise": (SEXES, count),
        "levels": (count, 3),
        "bounds": (count, 2),
    }
