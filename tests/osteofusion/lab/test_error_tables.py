"""Tables of the bundle's own errors: conformal coverage, Venn-Abers bounds, noise bands, on data with known truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from osteofusion import heads
from osteofusion.lab.uncertainty import (
    EDGES,
    FEWEST_CASES,
    Seen,
    conformal,
    coverage,
    decade_of,
    kept_answers,
    limits,
    noise_bands,
    venn_abers,
)
from osteofusion.uncertainty import LEVEL, read_tables


@cache
def people(seed: int, count: int = 9000, slope: float = 1.0) -> Seen:
    """Risk that rises with age and is higher in women; the estimate is right when `slope` is 1."""
    rng = np.random.default_rng(seed)
    age, male = rng.uniform(40, 92, count), rng.random(count) < 0.5
    truth = -4.3 + 0.06 * (age - 50) - 1.0 * male + rng.normal(0, 0.9, count)
    label = (rng.random(count) < heads.sigmoid(truth)).astype(float)
    return Seen(heads.sigmoid(slope * truth), label, male, age, rng.integers(0, 5, count))


def test_coverage_is_what_it_promises_and_even_over_people() -> None:
    found = coverage(people(1))
    assert 0.88 <= found["all"] <= 0.92
    for group in ("with", "without", "women", "men", "40", "50", "60", "70", "80"):
        assert found[group] >= 0.85, group


def test_coverage_holds_on_new_people_even_when_the_estimate_is_wrong() -> None:
    for slope in (1.0, 0.5, 2.0):
        table, new = limits(people(2, slope=slope)), people(3, slope=slope)
        kept = kept_answers(table, new)
        right = np.where(new.label == 1, kept[:, 1], kept[:, 0])
        assert right.mean() == pytest.approx(LEVEL, abs=0.015)
        assert right[new.label == 1].mean() == pytest.approx(LEVEL, abs=0.04)
        for decade in range(5):
            assert right[decade_of(new.age) == decade].mean() >= 0.85


def test_a_cell_with_few_cases_borrows_from_the_next_decade() -> None:
    seen = people(4)
    young = (~seen.male) & (seen.label == 1) & (decade_of(seen.age) == 0)
    rare = seen.take(~young | (np.cumsum(young) <= 3))
    assert np.sum(~rare.male & (rare.label == 1) & (decade_of(rare.age) == 0)) < FEWEST_CASES
    older = limits(seen.take(decade_of(seen.age) > 0))["yes"][0][1]
    assert limits(rare)["yes"][0][0] == pytest.approx(older, abs=0.01)


def test_no_answer_is_ever_left_out_for_all() -> None:
    kept = kept_answers({"no": [[0.1] * 5] * 2, "yes": [[0.2] * 5] * 2}, people(5))
    assert kept.any(axis=1).all()


def test_the_table_is_the_one_the_device_reads() -> None:
    seen = people(6)
    table = conformal(seen)
    device = read_tables({"conformal": {"osteoporosis": table}}).conformal["osteoporosis"]
    kept = kept_answers(table, seen)
    for n in range(300):
        labels = device.labels(float(seen.probability[n]), bool(seen.male[n]), float(seen.age[n]))
        assert labels == tuple(name for name, one in zip(("no", "yes"), kept[n], strict=True) if one)


def test_bounds_are_isotonic_regressions_with_one_more_person() -> None:
    seen = people(7, 1500)
    table = venn_abers(seen)
    knots = read_tables({"venn_abers": {"falls_12m": table}}).venn_abers["falls_12m"]
    for number in (60, 128, 200):
        place = np.linspace(table["low_logit"], table["high_logit"], 257)[number]
        score = np.append(heads.logit(seen.probability), place)
        bounds = [
            IsotonicRegression().fit(score, np.append(seen.label, label)).predict([place])[0]
            for label in (0, 1)
        ]
        found = knots.at(float(heads.sigmoid(np.array(place))))
        assert found == pytest.approx(bounds, abs=1e-3)


def test_bounds_hold_the_share_observed() -> None:
    knots = read_tables({"venn_abers": {"falls_12m": venn_abers(people(8, slope=0.6))}}).venn_abers[
        "falls_12m"
    ]
    new = people(9, 30_000, slope=0.6)
    middle = np.array([np.mean(knots.at(float(p))) for p in new.probability[:4000]])
    order = np.argsort(middle)
    for part in np.array_split(order, 5):
        assert new.label[:4000][part].mean() == pytest.approx(middle[part].mean(), abs=0.035)
    assert venn_abers(people(8))["mean_width"] < 0.03


def test_noise_by_band() -> None:
    rng = np.random.default_rng(1)
    whole = rng.uniform(0.001, 0.6, (8000, 4))
    moved = whole + rng.normal(0, 1, whole.shape) * 0.01 * whole
    found = noise_bands(whole, moved)
    assert found["edges"] == list(EDGES)
    for outcome in heads.OUTCOMES:
        bands = found[outcome]
        assert len(bands) == len(EDGES) + 1
        assert bands == sorted(bands)
        assert bands[1] == pytest.approx(2.58 * 0.01 * 0.075, rel=0.35)


def test_an_empty_band_takes_the_noise_of_everybody() -> None:
    whole = np.full((500, 4), 0.05)
    found: dict[str, Any] = noise_bands(whole, whole + 0.001)
    assert found["mof_10y"] == pytest.approx([0.001] * 4)
