"""Anchors: what they measure, that the cohort meets them, and that a damaged parameter is seen."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteofusion.lab import anchors, cohort_report
from osteofusion.lab.anchor import Anchor, drifted
from osteofusion.lab.anchors import all_anchors
from osteofusion.lab.cohort import FACTS_FILE, Cohort
from osteofusion.lab.cohort_report import drift_words, extremes
from osteofusion.lab.hazards import Hazards, Shape
from osteofusion.lab.relations import _drawn
from osteofusion.schema import load_schema

SCHEMA = load_schema()


def anchor(published: float, regenerated: float, tolerance: float, measure: str) -> Anchor:
    return Anchor("family", "cell", published, regenerated, tolerance, measure, "source", "p")


@pytest.mark.parametrize(
    ("published", "regenerated", "tolerance", "measure", "met"),
    [
        (2.0, 2.29, 0.15, "ratio", True),
        (2.0, 1.69, 0.15, "ratio", False),
        (0.31, 0.35, 0.05, "points", True),
        (0.31, 0.37, 0.05, "points", False),
        (0.1, 0.05, 0.25, "form", True),  # printed 0.1 may be anything from 0.05 to 0.15
        (0.1, 0.03, 0.25, "form", False),
        (6.3, 8.0, 0.25, "form", False),
        (0.0, 0.0, 0.0, "points", True),
        (3.0, 30.0, 0.0, "told", True),
    ],
)
def test_the_verdict_of_an_anchor(
    published: float, regenerated: float, tolerance: float, measure: str, met: bool
) -> None:
    assert anchor(published, regenerated, tolerance, measure).met is met


def missed_words(anchors: Sequence[Anchor]) -> list[str]:
    return [drift_words(one.to_json()) for one in drifted(anchors)]


def test_a_drifted_anchor_is_told_with_cell_value_and_target() -> None:
    words = missed_words([anchor(2.0, 3.0, 0.15, "ratio"), anchor(2.0, 2.0, 0.15, "ratio")])
    assert words == ["drifted: family, cell: 3 regenerated, 2 published, off by +0.500, allowed 0.15 (ratio)"]


def test_order_counts_only_what_is_clearly_apart_in_one_line() -> None:
    published = np.array([[1.0, 2.0], [3.0, 3.2]])
    assert anchors._reversed(np.array([[1.0, 2.0], [3.0, 2.9]]), published) == 0
    assert anchors._reversed(np.array([[2.0, 1.0], [3.0, 3.2]]), published) == 1


def test_the_one_scale_makes_the_worst_cell_best() -> None:
    published = np.array([[1.0, 2.0, 4.0]])
    found = published * np.array([[2.0, 2.5, 3.0]])
    scaled = np.log(found / anchors._scale(found, published) / published)
    assert abs(scaled).max() == pytest.approx(np.log(3.0 / 2.0) / 2, abs=0.06)


@pytest.mark.realdata
def test_every_anchor_is_met(real_cohort: Cohort) -> None:
    found = all_anchors(real_cohort)
    assert len(found) > 200
    assert missed_words(found) == []


@pytest.mark.realdata
def test_drawn_values_follow_their_parents(real_cohort: Cohort) -> None:
    assert missed_words(list(_drawn(real_cohort))) == []


def with_hazards(cohort: Cohort, hazards: Hazards) -> Cohort:
    return replace(
        cohort, facts=cohort.facts | {"hazards": [hazards.to_json(), *cohort.facts["hazards"][1:]]}
    )


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("cause", "name", "by", "family"),
    [
        ("hip", "fn_t", 1.3, "gradient of bone density"),
        ("hip", "fn_t", 1.3, "form of the UK table"),
        ("hip", "glucocorticoids", 1.6, "marginal hazard ratio"),
        ("other", "prior_fracture", 0.5, "single risk factor without bone density"),
    ],
)
def test_a_damaged_ratio_is_seen(real_cohort: Cohort, cause: str, name: str, by: float, family: str) -> None:
    centre = real_cohort.hazards[0]
    ratio = {key: dict(table) for key, table in centre.ratio.items()}
    ratio[cause][name] *= by
    missed = drifted(all_anchors(with_hazards(real_cohort, replace(centre, ratio=ratio))))
    assert family in {item.family for item in missed}


@pytest.mark.realdata
def test_a_gradient_without_its_age_shape_is_seen(real_cohort: Cohort) -> None:
    centre = real_cohort.hazards[0]
    shape = {cause: dict(table) for cause, table in centre.shape.items()}
    shape["hip"]["fn_t"] = Shape(np.array([65.0]), np.array([1.0]), np.array([1.0]))
    missed = drifted(all_anchors(with_hazards(real_cohort, replace(centre, shape=shape))))
    assert "hip at 85" in {item.cell for item in missed}


@pytest.mark.realdata
def test_a_level_that_slips_is_seen(real_cohort: Cohort) -> None:
    centre = real_cohort.hazards[0]
    base = {cause: table + (0.3 if cause == "death" else 0.0) for cause, table in centre.base.items()}
    missed = drifted(all_anchors(with_hazards(real_cohort, replace(centre, base=base))))
    assert "ten-year death" in {item.family for item in missed}


@pytest.mark.realdata
def test_far_ends_are_sane(real_cohort: Cohort) -> None:
    found = {
        (row["age"], row["t"]): row for row in extremes(real_cohort.hazards[0], real_cohort.reference[1])
    }
    hip, mof = found[89, -4.0]["women all"]
    assert 40 < hip < 75, "death competes at 89, and the sum of all factors is held"
    assert hip < mof < 85
    assert found[50, -1.0]["women none"][0] < 0.3


@pytest.mark.realdata
def test_the_stage_fails_on_a_damaged_parameter(
    real_cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters: dict[str, Any] = copy.deepcopy(real_cohort.parameters)
    parameters["means_by_decade"]["gait_speed"]["women"][2] = 1.2
    damaged = replace(real_cohort, parameters=parameters)
    (tmp_path / FACTS_FILE).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(cohort_report, "build_cohort", lambda *_: None)
    monkeypatch.setattr(cohort_report, "read_cohort", lambda *_: damaged)
    monkeypatch.setattr(
        cohort_report, "check", lambda c, _: {"anchors": [a.to_json() for a in all_anchors(c)]}
    )
    said: list[str] = []
    assert cohort_report.cohort_stage(tmp_path, tmp_path, None, SCHEMA, 7, said.append) == 1
    assert any("mean of gait_speed, women 70s" in line and "1.2 published" in line for line in said)
    written = json.loads((tmp_path / FACTS_FILE).read_text(encoding="utf-8"))
    assert drift_words(next(item for item in written["anchors"] if not item["met"])) in said
