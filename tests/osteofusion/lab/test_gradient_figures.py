"""Risk per SD of bone density through members whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from osteofusion import heads
from osteofusion.lab import fracture_figures
from osteofusion.lab.cohort import Cohort
from osteofusion.lab.gradient_figures import EVERYTHING, VIEWS, gradient_table, tables, worst
from osteofusion.lab.out_of_fold import Answer, OutOfFold

Values = NDArray[np.float64]
FLAT = 0.01  # what the blind members say of everybody


def blind(cohort: Cohort) -> OutOfFold:
    def member(number: int, z: Values) -> Values:
        return np.full((len(z), heads.WIDTH), -6.0)

    return OutOfFold(cohort, member, member)


class Told(OutOfFold):
    """Answers with the generated probability where bone density is known, else the same for everybody."""

    def answer(self, z: Values, fold: NDArray[np.int64]) -> Answer:
        simulated = fracture_figures.simulate(blind(self.cohort))
        p = np.full((len(z), len(heads.OUTCOMES)), FLAT)
        if np.isfinite(z[:, self.schema.column["ls_t"]]).all():
            for outcome, truth in simulated.truth.items():
                p[:, heads.OUTCOMES.index(outcome)] = truth
        return Answer(p, p * 0.5)


@pytest.fixture(scope="module")
def found(cohort_made_up: Cohort) -> list[dict[str, Any]]:
    simulated = fracture_figures.simulate(blind(cohort_made_up))
    oof = blind(cohort_made_up)
    return tables(Told(cohort_made_up, oof.integers, oof.floats), simulated)


def test_a_network_that_lost_nothing_gives_back_the_generated_gradients(found: list[dict[str, Any]]) -> None:
    assert [item["cell"] for item in found][:4] == [f"hip at {age}" for age in (50, 60, 70, 80)]
    assert len(found) == 8
    for item in found:
        assert item[EVERYTHING]["int8"] == pytest.approx(item["generated"], abs=1e-9)
        # half of every probability is half of every hazard: the ratio stays
        assert item[EVERYTHING]["float"] == pytest.approx(item["generated"], abs=2e-3)


def test_a_network_blind_to_bone_density_is_seen_as_flat(found: list[dict[str, Any]]) -> None:
    for item in found:
        # the same chance for everybody, over fewer years at risk for those in danger: near one, far from the truth
        assert item["age, sex, neck"]["int8"] == pytest.approx(1.0, abs=0.1)
        assert item["generated"] > 1.2


def test_the_worst_cell_keeps_its_sign(found: list[dict[str, Any]]) -> None:
    made = [
        {"published": 2.0, EVERYTHING: {"int8": 2.1}},
        {"published": 3.0, EVERYTHING: {"int8": 2.4}},
    ]
    assert worst(made, EVERYTHING) == pytest.approx(-0.2)
    lines = gradient_table(found).splitlines()
    assert len(lines) == 2 + len(found)
    assert all(view in lines[0] for view in (*VIEWS, EVERYTHING))
