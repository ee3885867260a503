"""Every row of the rule table, its borders, and who may not be classed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.assessment.status import BoneEvidence, decide, who_class
from osteogait.assessment.tools import Points, orai, osta, score
from osteogait.clinic.values import Entry


def _person(age=70.0, male=False, postmenopausal=True, sites=(), **scores) -> BoneEvidence:
    return BoneEvidence(age, male, postmenopausal, scores, frozenset(sites))


ALL = {"fn_t": -1.4, "th_t": -0.9, "ls_t": -2.0}

ROWS = [
    # what is known, basis, status
    (_person(fn_t=-2.5), "dxa_rule", "osteoporosis"),
    (_person(fn_t=-2.4, ls_t=-2.6), "dxa_rule", "osteoporosis"),
    (_person(sites=["humerus"], th_t=-2.7), "dxa_rule", "severe_osteoporosis"),
    (_person(sites=["hip"], fn_t=0.5), "fracture_rule", "fracture_criterion"),
    (_person(sites=["vertebra"]), "fracture_rule", "fracture_criterion"),
    (_person(sites=["pelvis"], fn_t=-1.5), "fracture_rule", "fracture_criterion"),
    (_person(sites=["forearm"], fn_t=-1.0), "model", "partial"),
    (_person(sites=["humerus"]), "model", "estimate"),
    (_person(sites=["forearm"], fn_t=-0.2, th_t=0.1, ls_t=-0.4), "dxa_rule", "normal"),
    (_person(**ALL), "dxa_rule", "low_bone_mass"),
    (_person(fn_t=-1.0, th_t=-1.0, ls_t=-1.0), "dxa_rule", "normal"),
    (_person(fn_t=-1.8), "model", "partial"),
    (_person(), "model", "estimate"),
    (_person(radius33_t=-2.6), "dxa_rule", "osteoporosis"),
    (_person(radius33_t=-1.6), "model", "estimate"),
    (_person(age=55, male=True, postmenopausal=None, fn_t=-2.6), "dxa_rule", "osteoporosis"),
    (_person(age=49.9, male=True, postmenopausal=None, fn_t=-2.6), "none", "not_assessed"),
    (_person(age=45, postmenopausal=False, fn_t=-2.6, fn_z=-2.0), "none", "below_expected_for_age"),
    (_person(age=45, postmenopausal=False, ls_z=-1.9, fn_z=-1.0), "none", "within_expected_for_age"),
    (_person(age=45, postmenopausal=None, fn_t=-2.6), "none", "not_assessed"),
    (_person(age=45, postmenopausal=True, fn_t=-2.6), "dxa_rule", "osteoporosis"),
    (_person(age=52, postmenopausal=False, fn_t=-2.6), "none", "not_assessed"),
    (
        _person(age=45, postmenopausal=False, sites=["vertebra"], fn_t=-2.6),
        "fracture_rule",
        "fracture_criterion",
    ),
    (_person(age=45, postmenopausal=False, sites=["humerus"], fn_t=-2.6), "none", "not_assessed"),
]


@pytest.mark.parametrize(("evidence", "basis", "status"), ROWS)
def test_rule_table(evidence: BoneEvidence, basis: str, status: str) -> None:
    answer = decide(evidence, "china2022")
    assert (answer.basis, answer.status) == (basis, status)


def test_the_who_rule_set_knows_no_fracture_route_and_no_radius() -> None:
    assert decide(_person(sites=["hip"], fn_t=0.5), "who1994").basis == "model"
    assert decide(_person(radius33_t=-3.0), "who1994").basis == "model"


def test_partial_dxa_names_its_sites_and_their_class() -> None:
    answer = decide(_person(fn_t=-1.8, th_t=-0.5), "china2022")
    assert answer.sites_measured == ("fn", "th")
    assert (answer.measured_status, answer.site, answer.t_score) == ("low_bone_mass", "fn", -1.8)


def test_menopause_is_never_assumed_silently() -> None:
    assert decide(_person(postmenopausal=None, **ALL), "china2022").flags == ("menopause_assumed",)
    assert "menopause_unknown" in decide(_person(age=48, postmenopausal=None), "china2022").flags


@pytest.mark.parametrize(
    ("t_score", "name"), [(-2.5, "osteoporosis"), (-2.49, "low_bone_mass"), (-1.0, "normal")]
)
def test_who_borders(t_score: float, name: str) -> None:
    assert who_class(t_score) == name


@given(st.dictionaries(st.sampled_from(["fn_t", "th_t", "ls_t"]), st.floats(-6, 3), min_size=1))
def test_a_lower_score_never_gives_a_better_class(scores: dict[str, float]) -> None:
    order = ["normal", "low_bone_mass", "osteoporosis"]
    before, after = (
        decide(_person(**{site: value - drop for site, value in scores.items()}), "china2022")
        for drop in (0.0, 1.0)
    )
    rank = [order.index(a.status if a.status in order else str(a.measured_status)) for a in (before, after)]
    assert rank[1] >= rank[0]


@pytest.mark.parametrize(
    ("age", "weight", "score", "risk"),
    [
        (60, 65, 1, "low"),
        (70, 58, -2, "medium"),
        (75, 45, -6, "high"),
        (65, 60, -1, "medium"),
        (75, 55, -4, "medium"),
    ],
)
def test_osta_vectors(age: float, weight: float, score: int, risk: str) -> None:
    assert (osta(age, weight).score, osta(age, weight).risk_class) == (score, risk)


HEALTHY = {"rheumatoid_arthritis": False, "prior_fracture": False, "hormone_therapy": True}


def entries(**answers: object) -> dict[str, Entry]:
    """Answers as a case holds them."""
    return {
        name: Entry(name, held if isinstance(held, tuple | str) else float(bool(held)), "1", held, None)
        for name, held in answers.items()
    }


@pytest.mark.parametrize(
    ("age", "weight", "low"),
    [
        (45, 70, 0), (54, 69.9, 3), (55, 60, 8), (64.9, 59.9, 14), (65, 70, 9), (74.9, 70, 9), (75, 70, 15),
        (75, 59, 24),
    ],
)  # fmt: skip
def test_orai_vectors(age: float, weight: float, low: int) -> None:
    assert (orai(age, weight, {}).low, orai(age, weight, {}).high) == (low, low + 2)
    never = orai(age, weight, entries(hormone_therapy=False))
    assert (never.low, never.high) == (low + 2, low + 2)
    assert (
        orai(age, weight, entries(hormone_therapy=True)).low == low
    )  # whether she still takes them is not known


@pytest.mark.parametrize(
    ("answers", "low", "high"),
    [
        (HEALTHY | {"black_ancestry": False}, 14, 14),
        (HEALTHY | {"black_ancestry": True, "rheumatoid_arthritis": True, "hormone_therapy": False}, 14, 14),
        (HEALTHY | {"ancestry": "chinese"}, 14, 14),
        (HEALTHY | {"ancestry": "black"}, 9, 9),
        (HEALTHY | {"ancestry": "other"}, 9, 14),
        ({}, 9, 31),
        (
            HEALTHY | {"ancestry": "white", "prior_fracture": True, "fragility_fracture_sites": ("hip", "vertebra")},
            18, 22,
        ),
    ],
)  # fmt: skip
def test_score_vectors(answers: dict[str, object], low: int, high: int) -> None:
    found = score(72, 58, entries(**answers))  # 7 full tens of years; 127.9 lb: 12 full tens
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(("low", "high", "refer"), [(9, 11, True), (8, 8, False), (8, 9, None)])
def test_points_refer_only_where_nothing_hangs_on_what_is_missing(
    low: int, high: int, refer: bool | None
) -> None:
    assert Points(low, high, 9).refer is refer
