"""Which test would help most: against nested simulation, and against common sense."""

from __future__ import annotations

import numpy as np
import pytest

from osteofusion.encode import unstandardise
from osteofusion.examinations import examinations
from osteofusion.heads import OUTCOMES, logit
from osteofusion.predict import Predictor
from osteofusion.value_of_information import NOTICEABLE, ValueOfInformation

MODEL = Predictor.load()
SCHEMA = MODEL.schema
WOMAN = {"age": 70.0, "sex": 0.0, "height": 158.0, "weight": 58.0, "prior_fracture": 1.0}


def explained_by_nesting(columns: list[int], outcome: int) -> float:
    """Share of the variance of the answer that `columns` explain: many completions for each of many results."""
    z, rng = MODEL.z_scores(WOMAN), np.random.default_rng(1)
    outer = MODEL.imputer.draws(z, 150, rng)
    means, spreads = [], []
    for row in outer:
        known = z.copy()
        known[columns] = row[columns]
        inner = MODEL.imputer.draws(known, 100, rng)
        answers = logit(MODEL.member_probabilities(inner).mean(axis=1))[:, outcome]
        means.append(answers.mean())
        spreads.append(answers.var(ddof=1))
    between = np.var(means) - np.mean(spreads) / 100
    return float(between / (between + np.mean(spreads)))


def narrowing(found: ValueOfInformation, kind: str, outcome: str, name: str) -> float:
    return next(gain.narrowing for gain in getattr(found, kind)[outcome] if gain.id == name)


@pytest.mark.parametrize(
    ("test", "outcome"), [("dxa_hip", "hip_10y"), ("walk", "falls_12m"), ("ctx", "mof_10y")]
)
def test_gains_agree_with_nested_simulation(test: str, outcome: str) -> None:
    found = MODEL.value_of_information(WOMAN)
    number = OUTCOMES.index(outcome)
    features = next(e.features for e in examinations(SCHEMA) if e.id == test)
    share = explained_by_nesting([SCHEMA.column[name] for name in features], number)
    reach = MODEL.spread(MODEL.z_scores(WOMAN))[1]
    fixed = reach.members[:, number] ** 2 + reach.rounding[:, number] ** 2
    after = np.sqrt(fixed + (1 - share) * reach.missing[:, number] ** 2).sum()
    expected = 1 - after / reach.combined()[:, number].sum()
    assert narrowing(found, "examinations", outcome, test) == pytest.approx(expected, abs=0.06)


def test_bone_density_decides_osteoporosis() -> None:
    found = MODEL.value_of_information(WOMAN)
    best = found.best("osteoporosis")
    assert best is not None
    assert (best.id, best.decides, best.features) == ("dxa", True, ("fn_t", "th_t", "ls_t"))
    assert found.groups["osteoporosis"][0].id == "bmd"
    open_site = next(gain for gain in found.examinations["osteoporosis"] if gain.id == "dxa_spine")
    assert not open_site.decides
    assert 0 < open_site.narrowing < 1


def test_the_last_missing_site_decides() -> None:
    best = MODEL.value_of_information({**WOMAN, "fn_t": -1.5, "th_t": -1.4}).best("osteoporosis")
    assert best is not None
    assert (best.id, best.decides) == ("dxa_spine", True)


def test_walking_helps_falls_and_says_nothing_of_bone() -> None:
    found = MODEL.value_of_information(WOMAN)
    best = found.best("falls_12m")
    assert best is not None
    assert best.id in ("walk", "tug")
    assert narrowing(found, "examinations", "osteoporosis", "walk") < 0.03
    assert narrowing(found, "groups", "falls_12m", "bmd") < 0.03


def test_a_group_is_worth_at_least_about_its_tests() -> None:
    found = MODEL.value_of_information(WOMAN)
    assert (
        narrowing(found, "groups", "falls_12m", "sensor")
        > narrowing(found, "examinations", "falls_12m", "walk") - 0.05
    )


def test_what_is_known_is_not_proposed() -> None:
    found = MODEL.value_of_information({**WOMAN, "ctx": 0.4, "gait_speed": 1.0})
    ids = {gain.id for gain in found.examinations["mof_10y"]}
    assert not ids & {"ctx", "body_size", "prior_fracture", "age", "sex"}
    walk = next(gain for gain in found.examinations["mof_10y"] if gain.id == "walk")
    assert "gait_speed" not in walk.features


def test_gains_are_ranked_and_shares() -> None:
    found = MODEL.value_of_information(WOMAN)
    for table in (found.groups, found.examinations):
        for gains in table.values():
            undecided = [gain.narrowing for gain in gains if not gain.decides]
            assert undecided == sorted(undecided, reverse=True)
            assert all(0 <= gain.narrowing <= 1 for gain in gains)


def test_none_helps_is_an_answer() -> None:
    ids = [feature.id for feature in SCHEMA.inputs]
    z = MODEL.imputer.draws(np.full(len(ids), np.nan), 1, np.random.default_rng(4))
    values = dict(zip(ids, unstandardise(SCHEMA, z)[0].tolist(), strict=True)) | {"scanner_generation": 1.0}
    assert MODEL.value_of_information(values).best("mof_10y") is None
    del values["rs2228570"]
    found = MODEL.value_of_information(values)
    assert found.best("mof_10y") is None
    assert [gain.id for gain in found.examinations["mof_10y"]] == ["genotype"]
    assert found.examinations["mof_10y"][0].narrowing < NOTICEABLE


def test_same_case_same_gains() -> None:
    assert MODEL.value_of_information(WOMAN) == MODEL.value_of_information(WOMAN)
