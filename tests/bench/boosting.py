"""`make bench-boosting`: speed of the network beside XGBoost and LightGBM that answer one of its questions as well.

The question: osteoporosis without bone density. Rows: the open survey people where they are, else people drawn from
the bundle's own imputer and labelled by the network. One thread each, in one run. The network gives four outcomes of
five members with every row; a boosted model gives one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from model import BATCH, BUNDLE, installed
from timing import median_wall

from osteofusion.encode import network_input, standardise
from osteofusion.engines.base import Engine
from osteofusion.heads import OUTCOMES, WIDTH, probabilities
from osteofusion.predict import Predictor

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "accuracy"))
from peers import Peer, environment, missing  # a folder of scripts, no package

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
COHORT = Path(os.environ.get("OSTEOGAIT_SHARED", REPO.parent / "shared")) / "data" / "cohort"
PEER = Peer("gradient boosting", "boosting")
DRAWN = 6000
INTRODUCTION = f"""\
Osteoporosis without bone density, {{source}}; AUC on a third held back (that of the network, on
people no member saw, stands in the model report). One thread each, medians of one run.

| | AUC | outcomes | one row, us | thousand rows a second at {BATCH} | thousand answers a second |
|---|---|---|---|---|---|"""

Rows = tuple[np.ndarray, np.ndarray, str]


def rows(predictor: Predictor) -> Rows:
    """Values (n, F) in stored units without bone density, osteoporosis (n,), and where they come from."""
    bone = list(predictor.schema.group_columns["bmd"])
    if COHORT.is_dir():
        from osteofusion.lab.tables import read_bone_rows

        read = read_bone_rows(COHORT, predictor.schema)
        values, label, source = read.values.copy(), read.osteoporosis, f"{len(read)} open survey people"
    else:
        values, label = _drawn(predictor)
        source = f"{DRAWN} people drawn from the bundle's imputer, labelled by the network"
    values[:, bone] = np.nan
    return values, label, source


def _drawn(predictor: Predictor) -> tuple[np.ndarray, np.ndarray]:
    from osteofusion.encode import unstandardise

    rng = np.random.default_rng(1)
    z = predictor.imputer.draws(np.full(len(predictor.schema.inputs), np.nan), DRAWN, rng)
    chance = predictor.member_probabilities(z).mean(axis=1)[:, 0]
    return unstandardise(predictor.schema, z), rng.random(DRAWN) < chance


def answers(engine: Engine, x: np.ndarray) -> np.ndarray:
    """Probability (n, 4) of every outcome: network, head arithmetic, mean over members."""
    return probabilities(engine.run(x).reshape(len(x), engine.members, WIDTH)).mean(axis=1)


def ours(predictor: Predictor, values: np.ndarray) -> Iterator[str]:
    """A line of the table for every engine that is installed."""
    z = standardise(predictor.schema, np.resize(values, (BATCH, values.shape[1])), 1)
    x = network_input(z, predictor.layout)
    for engine in installed():
        row_s = median_wall(partial(answers, engine, x[:1]), 1000)
        batch_s = median_wall(partial(answers, engine, x), 60)
        yield line(f"ours, {engine.name} {engine.version}", "", len(OUTCOMES), 1e6 * row_s, BATCH / batch_s)


def boosted(path: Path) -> Iterator[str]:
    """A line of the table for each library."""
    command = [str(PEER.python), str(HERE / "peer_boosting.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode != 0:
        raise SystemExit(f"the boosted models ended with {done.returncode}:\n{done.stderr[-2000:]}")
    for name, told in json.loads(done.stdout).items():
        yield line(
            f"{name}, {told['trees']} trees", f"{told['auc']:.3f}", 1, told["row_us"], told["rows_per_s"]
        )


def line(name: str, auc: str, outcomes: int, row_us: float, rows_per_s: float) -> str:
    """One line of the table; an answer is one outcome of one person."""
    thousands = f"{rows_per_s / 1e3:.0f} | {outcomes * rows_per_s / 1e3:.0f}"
    return f"| {name} | {auc} | {outcomes} | {row_us:.1f} | {thousands} |"


def main() -> int:
    """Print the table as Markdown; 1 when the libraries cannot be installed."""
    why = missing(PEER)
    if why is not None:
        print(f"Not shown: {why}.")  # noqa: T201
        return 1
    predictor = Predictor.load(BUNDLE)
    values, label, source = rows(predictor)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "rows.npz", x=values, y=label)
        lines = [*boosted(Path(folder) / "rows.npz"), *ours(predictor, values)]
    print("\n".join([INTRODUCTION.format(source=source), *lines]))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
