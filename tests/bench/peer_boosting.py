"""XGBoost and LightGBM on the rows of `boosting.py`; runs in an environment of its own.

python peer_boosting.py ROWS.npz    prints one JSON object: by library AUC, trees, microseconds a row, rows a second

Each is trained on two thirds of the rows (the last sixth of these stops it) and scored on the rest; one thread. Values
and their absence go in as they are: both handle absent values natively.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import xgboost
from sklearn.metrics import roc_auc_score

DEPTH, LEAVES, RATE, MOST_TREES, PATIENCE = 3, 8, 0.05, 1500, 60
BATCH = 1024


def xgb(train: Any, stop: Any) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    """Predictor and number of trees of XGBoost."""
    settings = {
        "objective": "binary:logistic", "eval_metric": "auc", "max_depth": DEPTH, "eta": RATE,
        "subsample": 0.8, "colsample_bytree": 0.6, "min_child_weight": 5, "nthread": 1, "seed": 1,
    }  # fmt: skip
    booster = xgboost.train(
        settings,
        xgboost.DMatrix(*train),
        MOST_TREES,
        evals=[(xgboost.DMatrix(*stop), "stop")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    booster = booster[: booster.best_iteration + 1]
    booster.set_param({"nthread": 1})
    return booster.inplace_predict, booster.num_boosted_rounds()


def lgb(train: Any, stop: Any) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    """Predictor and number of trees of LightGBM."""
    settings = {
        "objective": "binary", "metric": "auc", "num_leaves": LEAVES, "learning_rate": RATE, "bagging_fraction": 0.8,
        "bagging_freq": 1, "feature_fraction": 0.6, "min_data_in_leaf": 30, "num_threads": 1, "seed": 1, "verbose": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(train[0], train[1])
    booster = lightgbm.train(
        settings,
        data,
        MOST_TREES,
        valid_sets=[lightgbm.Dataset(stop[0], stop[1], reference=data)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )
    best = booster.best_iteration
    return lambda x: booster.predict(x, num_iteration=best, num_threads=1), best


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Median wall seconds of a call."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Train, score, time, print."""
    with np.load(sys.argv[1]) as stored:
        x, y = stored["x"].astype(np.float32), stored["y"].astype(int)
    order = np.random.default_rng(1).permutation(len(x))
    held = len(x) // 3
    test, stop, train = order[:held], order[held : held + len(x) // 9], order[held + len(x) // 9 :]
    found = {}
    for name, fit, version in (
        ("XGBoost", xgb, xgboost.__version__),
        ("LightGBM", lgb, lightgbm.__version__),
    ):
        predict, trees = fit((x[train], y[train]), (x[stop], y[stop]))
        batch = np.resize(x[test], (BATCH, x.shape[1]))
        found[f"{name} {version}"] = {
            "auc": float(roc_auc_score(y[test], predict(x[test]))),
            "trees": trees,
            "row_us": 1e6 * seconds(lambda call=predict: call(x[:1]), 300),
            "rows_per_s": BATCH / seconds(lambda call=predict, rows=batch: call(rows), 60),
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
