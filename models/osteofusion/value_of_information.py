"""Which missing group, and which missing test, would narrow an answer most: looked at before it is taken.

Notes
-----
Pre-posterior analysis by regression: one set of exact draws of everything missing given what is known goes through the
network in one batch; the share of the spread that a test explains in those draws is the share expected to vanish once
its result is known (Strong, Oakley and Brennan 2014, Med Decis Making 34:311: partial expected value of information
from one sample by regression; here linear and quadratic terms, R2 adjusted). Members and rounding do not shrink.

Bone density defines osteoporosis, so for that outcome it is not drawn: a scan that completes neck, hip and spine
decides by rule, a scan that leaves a site open is rated by how much of the drawn status it explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from osteofusion.country import HOME
from osteofusion.encode import unstandardise
from osteofusion.examinations import examinations
from osteofusion.heads import OUTCOMES, logit
from osteofusion.impute import balanced_normals
from osteofusion.product import product
from osteofusion.uncertainty import Spread

if TYPE_CHECKING:
    from osteofusion.predict import Predictor

DRAWS, SEED = 512, 20240714
NOTICEABLE = 0.10  # of the interval's width; a judgement: less would not be seen on the screen
OSTEOPOROSIS = "osteoporosis"
BONE, THRESHOLD_T = "bmd", -2.5  # WHO 1994, lowest T-score of neck, hip and spine
CONSTANT, RIDGE = 1e-9, 1e-6

Table = NDArray[np.float64]
Columns = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gain:
    """What one missing group or examination is worth for one outcome.

    `features` are those of it that are missing; `narrowing` is the expected share of the interval's width that
    vanishes; `decides`: it settles the outcome by rule, whatever it shows.
    """

    id: str
    features: tuple[str, ...]
    narrowing: float
    decides: bool

    @property
    def noticeable(self) -> bool:
        """Whether it is worth naming."""
        return self.decides or self.narrowing >= NOTICEABLE


@dataclass(frozen=True, slots=True)
class ValueOfInformation:
    """Gains by outcome, the largest first; groups and examinations of which nothing is missing are left out."""

    groups: Mapping[str, tuple[Gain, ...]]
    examinations: Mapping[str, tuple[Gain, ...]]

    def best(self, outcome: str) -> Gain | None:
        """The examination that would help most; None when none would narrow the answer noticeably."""
        first = next(iter(self.examinations[outcome]), None)
        return first if first is not None and first.noticeable else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: str
    columns: Columns


def value_of_information(
    predictor: Predictor,
    values: Mapping[str, float],
    *,
    without: frozenset[str] = frozenset(),
    country: str = HOME,
) -> ValueOfInformation:
    """Gains of every missing group and examination for every outcome."""
    z = predictor.z_scores(values, without)
    groups, tests = _groups(predictor, z), _examinations(predictor, z)
    if not groups:
        nothing: dict[str, tuple[Gain, ...]] = dict.fromkeys(OUTCOMES, ())
        return ValueOfInformation(nothing, nothing)
    rate = _Rating(predictor, z, predictor.spread(z, country)[1], _sampled(predictor, z, country))
    return ValueOfInformation(rate.ranked(groups), rate.ranked(tests))


@dataclass(frozen=True)
class _Rating:
    """What the draws of one person tell, and how to read a gain out of it."""

    predictor: Predictor
    z: Table
    reach: Spread
    terms: _Terms

    def ranked(self, candidates: Iterable[_Candidate]) -> dict[str, tuple[Gain, ...]]:
        """Gains of `candidates` by outcome, what decides first, then the largest."""
        shares = {candidate.id: self.terms.explained(candidate.columns) for candidate in candidates}
        return {
            outcome: tuple(
                sorted(
                    (self._gain(candidate, n, shares[candidate.id]) for candidate in candidates),
                    key=lambda gain: (not gain.decides, -gain.narrowing),
                )
            )
            for n, outcome in enumerate(OUTCOMES)
        }

    def _gain(self, candidate: _Candidate, outcome: int, shares: Table) -> Gain:
        names = tuple(self.predictor.schema.inputs[column].id for column in candidate.columns)
        bone = set(self.predictor.schema.group_columns[BONE])
        if OUTCOMES[outcome] != OSTEOPOROSIS or not bone & set(candidate.columns.tolist()):
            return Gain(candidate.id, names, self._narrowing(outcome, shares[outcome]), False)
        left = {column for column in bone if np.isnan(self.z[column])} - set(candidate.columns.tolist())
        return Gain(candidate.id, names, 1 - float(np.sqrt(1 - shares[-1])) if left else 1.0, not left)

    def _narrowing(self, outcome: int, share: float) -> float:
        """Share of the interval's width (in logits) that vanishes with `share` of the spread by missing values."""
        fixed = self.reach.members[:, outcome] ** 2 + self.reach.rounding[:, outcome] ** 2
        missing = self.reach.missing[:, outcome] ** 2
        before, after = (np.sqrt(fixed + left * missing).sum() for left in (1.0, 1.0 - share))
        return float(1 - after / before) if before > 0 else 0.0


@dataclass(frozen=True)
class _Terms:
    """What a regression of the answers on terms of the drawn columns needs: linear and quadratic terms, standardised.

    `column` (p,) is the column of each term, `inner` (p, p) and `cross` (p, outcomes) are products over the draws of
    terms and of centred answers, `total` (outcomes,) is the squared spread of the answers over `count` draws.
    """

    column: Columns
    inner: Table
    cross: Table
    total: Table
    count: int

    @classmethod
    def of(cls, drawn: Table, missing: Columns, answers: Table) -> _Terms:
        """Terms of `missing` columns in the draws (n, F); a term that does not vary is left out."""
        part = drawn[:, missing]
        centred = part - part.mean(axis=0)
        terms = np.concatenate([centred, centred**2], axis=1)
        terms -= terms.mean(axis=0)
        spread = terms.std(axis=0)
        two_levels = ((part == part.min(axis=0)) | (part == part.max(axis=0))).all(axis=0)
        varies = (spread > CONSTANT) & ~np.r_[np.zeros(len(missing), bool), two_levels]
        terms = terms[:, varies] / spread[varies]
        answers = answers - answers.mean(axis=0)
        return cls(
            np.r_[missing, missing][varies],
            product(terms.T, terms),
            product(terms.T, answers),
            np.einsum("no,no->o", answers, answers),
            len(drawn),
        )

    def explained(self, columns: Columns) -> Table:
        """Adjusted share (outcomes,) of the variance of the answers that the terms of `columns` explain."""
        chosen = np.flatnonzero(np.isin(self.column, columns))
        free = len(chosen)
        if not free:
            return np.zeros(len(self.total))
        inner, cross = self.inner[np.ix_(chosen, chosen)], self.cross[chosen]
        weight = np.linalg.solve(inner + RIDGE * self.count * np.eye(free), cross)
        left = 1 - np.einsum("po,po->o", weight, cross) / np.where(self.total > CONSTANT, self.total, np.inf)
        shares: Table = np.clip(1 - left * (self.count - 1) / (self.count - free - 1), 0.0, 1.0)
        return shares


def _sampled(predictor: Predictor, z: Table, country: str) -> _Terms:
    """Five answers over the draws: logits of OUTCOMES with everything known (but bone density for osteoporosis), and
    the status that the drawn bone density gives."""
    drawn = predictor.imputer.complete(z, _normals(len(z)))
    bone = list(predictor.schema.group_columns[BONE])
    without_bone = drawn.copy()
    without_bone[:, bone] = z[bone]
    worth = logit(predictor.member_probabilities(np.concatenate([drawn, without_bone]), country).mean(axis=1))
    answers = worth[:DRAWS].copy()
    answers[:, OUTCOMES.index(OSTEOPOROSIS)] = worth[DRAWS:, OUTCOMES.index(OSTEOPOROSIS)]
    lowest = unstandardise(predictor.schema, drawn)[:, bone].min(axis=1)
    status = (lowest <= THRESHOLD_T).astype(float)
    return _Terms.of(drawn, np.flatnonzero(np.isnan(z)), np.column_stack([answers, status]))


def _groups(predictor: Predictor, z: Table) -> list[_Candidate]:
    return _missing(z, predictor.schema.group_columns.items())


def _examinations(predictor: Predictor, z: Table) -> list[_Candidate]:
    at = predictor.schema.column
    tests = examinations(predictor.schema)
    return _missing(z, ((test.id, tuple(at[name] for name in test.features)) for test in tests))


def _missing(z: Table, parts: Iterable[tuple[str, tuple[int, ...]]]) -> list[_Candidate]:
    """The parts of which something is missing, with their missing columns; of two that lack the same, the smaller."""
    lacking: dict[tuple[int, ...], str] = {}
    for name, columns in sorted(parts, key=lambda part: -len(part[1])):
        missing = tuple(column for column in columns if np.isnan(z[column]))
        if missing:
            lacking[missing] = name
    return [_Candidate(name, np.array(missing, np.int64)) for missing, name in lacking.items()]


@cache
def _normals(features: int) -> Table:
    return balanced_normals(DRAWS, features, SEED)
