"""Logistic regression and gradient boosting on the same rows and folds: what the network has to reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from osteofusion.lab.generator import Index
from osteofusion.lab.tables import Flags, Rows, Values
from osteofusion.schema import Schema

Fitted = Callable[[Values], Values]
Fit = Callable[[Values, Values, Values | None], Fitted]

REGULARISATION = 0.5  # C of the logistic regression that the published baselines of these rows used
TREES = 120
FEWEST_MEASURED = 200  # a column that hardly anybody has is no input for a rival


def logistic(x: Values, label: Values, weight: Values | None = None) -> Fitted:
    """Logistic regression on standardised, median-filled inputs; `weight` of each person."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(C=REGULARISATION, max_iter=2000),
    )
    model.fit(x, label, logisticregression__sample_weight=weight)
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1], float)


def boosting(x: Values, label: Values, weight: Values | None = None) -> Fitted:
    """Gradient-boosted trees; missing values as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=1.0,
        random_state=0,
    )
    model.fit(x, label, sample_weight=weight)
    return lambda rows: np.asarray(model.predict_proba(rows)[:, 1], float)


def boosting_filled(x: Values, label: Values, weight: Values | None = None) -> Fitted:
    """The same with gaps filled by medians: who was tested at all says nothing to it."""
    middle = np.nanmedian(x, axis=0)

    def filled(rows: Values) -> Values:
        result: Values = np.where(np.isnan(rows), middle, rows)
        return result

    fitted = boosting(filled(x), label, weight)
    return lambda rows: fitted(filled(rows))


RIVALS: dict[str, Fit] = {"logistic regression": logistic, "gradient boosting": boosting}


def inputs(schema: Schema, rows: Rows, without: tuple[str, ...] = ()) -> Values:
    """What a rival sees: measured values without the groups `without`, ancestry, and age x sex."""
    hidden = {column for group in without for column in schema.group_columns[group]}
    seen = [
        column
        for column in range(len(schema.inputs))
        if column not in hidden and (~np.isnan(rows.values[:, column])).sum() >= FEWEST_MEASURED
    ]
    age, sex = (rows.values[:, schema.column[name]] for name in ("age", "sex"))
    races = [(rows.ancestry == number).astype(float) for number in range(1, int(rows.ancestry.max()) + 1)]
    return np.column_stack([rows.values[:, seen], age * sex, *races])


def out_of_fold(fit: Fit, x: Values, label: Values, fold: Index, weight: Values | None = None) -> Values:
    """Probability (n,) of everybody by the fit that did not see their fold; people of weight 0 teach nothing."""
    p = np.full(len(x), np.nan)
    for number in np.unique(fold):
        teach = fold != number if weight is None else (weight > 0) & (fold != number)
        fitted = fit(x[teach], label[teach], None if weight is None else weight[teach])
        p[fold == number] = fitted(x[fold == number])
    return p


def in_common(x: Values, parts: Sequence[Flags]) -> Values:
    """The columns of `x` that each of the groups of people was measured in."""
    known = ~np.isnan(x)
    return x[:, np.all([known[part].sum(axis=0) >= FEWEST_MEASURED for part in parts], axis=0)]


def transported(fit: Fit, x: Values, label: Values, teach: Flags, judge: Flags) -> Values:
    """Probability of the people of `judge` by a fit on other years."""
    return fit(x[teach], label[teach], None)(x[judge])


def few_inputs(columns: list[Values], label: Values, fold: Index, weight: Values | None = None) -> Values:
    """Out-of-fold probability from a handful of columns, such as age alone or one score."""
    return out_of_fold(logistic, np.column_stack(columns), label, fold, weight)
