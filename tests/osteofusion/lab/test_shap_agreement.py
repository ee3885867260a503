"""The exact Shapley values of the groups against the shap package, which plays the same game in its own way."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.explain import group_shapley
from osteofusion.game import Game
from osteofusion.heads import OUTCOMES
from osteofusion.predict import Predictor

pytestmark = pytest.mark.filterwarnings("ignore")  # of the package and what it imports, not of ours

MODEL = Predictor.load()
PERSON = {
    "age": 74.0, "sex": 0.0, "height": 155.0, "weight": 49.0, "prior_fracture": 1.0, "fn_t": -2.2, "ls_t": -1.9,
    "ctx": 0.6, "vit_d25oh": 31.0, "gait_speed": 0.75, "tug": 14.0, "rs3736228": 1.0, "tb_sp": 0.62,
    "scanner_generation": 1,
}  # fmt: skip
CASES = [PERSON, {"age": 50.0, "sex": 1.0, "fn_t": 0.3, "gait_speed": 1.2}]


@pytest.mark.parametrize("case", CASES)
def test_group_bars_are_those_of_shap(case: dict[str, float]) -> None:
    shap = pytest.importorskip("shap")
    game = Game.of(MODEL, case, frozenset(), "US")
    table = game.worth(game.coalitions())
    players = len(game.names)
    places = 2 ** np.arange(players)

    def worth(present: np.ndarray) -> np.ndarray:
        return table[(present.astype(int) * places).sum(axis=1)]

    explainer = shap.explainers.Exact(worth, shap.maskers.Independent(np.zeros((1, players))))
    found = explainer(np.ones((1, players))).values[0]
    ours = group_shapley(MODEL, case)
    for number, outcome in enumerate(OUTCOMES):
        for player, name in enumerate(game.names):
            assert ours[outcome][name] == pytest.approx(found[player, number], abs=1e-9)
