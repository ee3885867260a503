"""Multiple imputation of what a survey could have measured but did not on a person: laboratory values and history.

Notes
-----
Chained equations (van Buuren 2011 J Stat Softw 45(3)) with a Bayesian ridge regression per value, draws from its
posterior predictive, five of them. Fitted on training people only; bone density and every label are left out, so the
same imputer serves a person who comes later. Skewed markers are on the log scale of features.yaml. Yes-no values are
rounded adaptively (Bernaards 2007 Stat Med 26:1368, unverified), so that their frequency stays. It assumes that values
are missing at random given the others; `sensitivity` shows what changes when they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteofusion.encode import standardise, unstandardise
from osteofusion.lab.hazards import CLINICAL
from osteofusion.lab.metrics import auc
from osteofusion.lab.tables import Flags, Rows, Values
from osteofusion.schema import Schema

LABORATORY = ("vit_d25oh", "pth", "alp", "calcium", "phosphate", "albumin", "creatinine")
PERSON = ("age", "sex", "height", "weight")
HISTORY = (*CLINICAL, "diabetes_type2", "copd", "stroke", "cancer")
FEWEST = 0.05  # share of people who must have a value before it is imputed from the others
ROUNDS = 5
DRAWS = 5
SHIFTS = (-0.5, 0.0, 0.5)  # SD added to every imputed laboratory value in the sensitivity run


@dataclass(frozen=True)
class Imputer:
    """Fitted chained equations; `names` are the values they fill, `cut` where a yes-no draw becomes yes."""

    schema: Schema
    names: tuple[str, ...]
    cut: dict[str, float]
    equations: Any

    @classmethod
    def fit(cls, schema: Schema, rows: Rows, seed: int) -> Imputer:
        """Equations from training people."""
        from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - switches the class on
        from sklearn.impute import IterativeImputer

        names = tuple(
            name
            for name in (*PERSON, *LABORATORY, *HISTORY)
            if np.mean(~np.isnan(rows.values[:, schema.column[name]])) >= FEWEST
        )
        z = standardise(schema, rows.values, 1)[:, [schema.column[name] for name in names]]
        low, high = zip(*(_bounds(schema, name) for name in names), strict=True)
        equations = IterativeImputer(
            sample_posterior=True, max_iter=ROUNDS, min_value=low, max_value=high, random_state=seed
        ).fit(z)
        cut = {name: _cut(float(np.nanmean(z[:, names.index(name)]))) for name in names if name in HISTORY}
        return cls(schema, names, cut, equations)

    def draw(self, values: Values) -> Values:
        """A copy of `values` (n, F) with one draw for each gap among `names`; measured values stay."""
        columns = [self.schema.column[name] for name in self.names]
        z = np.zeros_like(values)
        z[:, columns] = self.equations.transform(standardise(self.schema, values, 1)[:, columns])
        drawn, result = unstandardise(self.schema, z), values.copy()
        for name, column in zip(self.names, columns, strict=True):
            new = (z[:, column] >= self.cut[name]) * 1.0 if name in self.cut else drawn[:, column]
            result[:, column] = np.where(np.isnan(values[:, column]), new, values[:, column])
        return result


def _bounds(schema: Schema, name: str) -> tuple[float, float]:
    """Hard range of a value on the scale of the equations; yes-no values are free until they are rounded."""
    hard, columns = schema.by_id[name].hard, len(schema.inputs)
    if hard is None:
        return -np.inf, np.inf
    z = standardise(schema, np.tile(np.array(hard)[:, None], columns), 1)[:, schema.column[name]]
    return float(z[0]), float(z[1])


def _cut(share: float) -> float:
    """Threshold of a normal draw with the mean and variance of a yes-no value, exceeded by `share` of draws."""
    if not 0 < share < 1:
        return 0.5
    return share - NormalDist().inv_cdf(share) * float(np.sqrt(share * (1 - share)))


@dataclass(frozen=True, slots=True)
class Pooled:
    """Coefficients of several imputed data sets by Rubin's rules (Rubin 1987)."""

    names: tuple[str, ...]
    estimate: Values
    standard_error: Values
    missing_information: Values


def pool(names: Sequence[str], estimates: Values, variances: Values) -> Pooled:
    """Pool `estimates` and their `variances`, both (m, k)."""
    draws = len(estimates)
    within, between = variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / draws) * between
    return Pooled(tuple(names), estimates.mean(axis=0), np.sqrt(total), (1 + 1 / draws) * between / total)


def sensitivity(schema: Schema, rows: Rows, fold: NDArray[np.int64], seed: int) -> dict[str, Any]:
    """No-DXA logistic regression, five folds, 50 and over, with imputed laboratory values shifted; tier R.

    Averages the probabilities of five imputations; imputer and regression see training people only. Coefficients of
    the unshifted run are pooled over imputations of all people.
    """
    old = rows.values[:, schema.column["age"]] >= 50.0
    people, folds = rows.take(np.flatnonzero(old)), fold[old]
    probability = {shift: np.zeros(len(people)) for shift in SHIFTS}
    for number in np.unique(folds):
        inside = folds == number
        imputer = Imputer.fit(schema, people.take(np.flatnonzero(~inside)), seed + int(number))
        for _ in range(DRAWS):
            filled = imputer.draw(people.values)
            for shift in SHIFTS:
                design = _design(imputer, people.values, filled, shift)
                model = _regression(design[~inside], people.osteoporosis[~inside])
                probability[shift][inside] += model.predict_proba(design[inside])[:, 1] / DRAWS
    label = people.osteoporosis
    return {
        "assumption": "missing at random given the other values; bone density and labels left out of the imputer",
        "people": len(people),
        "draws": DRAWS,
        "runs": [
            {
                "imputed_laboratory_values_shifted_by_sd": shift,
                "auc": round(auc(p, label), 4),
                "brier": round(float(np.mean((p - label) ** 2)), 5),
            }
            for shift, p in probability.items()
        ],
    }


def _design(imputer: Imputer, measured: Values, filled: Values, shift: float) -> Values:
    z = standardise(imputer.schema, filled, 1)
    for name in set(LABORATORY) & set(imputer.names):
        column = imputer.schema.column[name]
        z[np.isnan(measured[:, column]), column] += shift
    columns = [imputer.schema.column[name] for name in imputer.names]
    age, sex = z[:, imputer.schema.column["age"]], z[:, imputer.schema.column["sex"]]
    return np.column_stack([z[:, columns], age * sex])


def _regression(design: Values, label: Values) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.5, max_iter=500).fit(design, label)


def coefficients(schema: Schema, rows: Rows, seed: int) -> Pooled:
    """Pooled coefficients of the same regression on all people of 50 and over (per SD of features.yaml)."""
    people = rows.take(np.flatnonzero(rows.values[:, schema.column["age"]] >= 50.0))
    imputer = Imputer.fit(schema, people, seed)
    estimates, variances = [], []
    for _ in range(DRAWS):
        design = _design(imputer, people.values, imputer.draw(people.values), 0.0)
        model = _regression(design, people.osteoporosis)
        p = model.predict_proba(design)[:, 1]
        whole = np.column_stack([np.ones(len(design)), design])
        covariance = np.linalg.inv((whole * (p * (1 - p))[:, None]).T @ whole)
        estimates.append(model.coef_[0])
        variances.append(np.diag(covariance)[1:])
    return pool((*imputer.names, "age x sex"), np.stack(estimates), np.stack(variances))


def imputed(before: Values, after: Values) -> Flags:
    """Which values an imputation filled."""
    result: Flags = np.isnan(before) & ~np.isnan(after)
    return result
