"""Rule sets: exact borders, decimal rounding, verdicts that name their rule, and silence where nothing is known."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gaitsignal.measures.chair_power import chair_power_w
from gaitsignal.protocols.sppb import SppbParts, compose
from gaitsignal.scoring.rounding import hundredths
from gaitsignal.scoring.rule_set import RULE_SETS, rule_set, value_name
from gaitsignal.scoring.sppb_points import balance_points, chair_points, walk_points
from gaitsignal.scoring.verdict import Verdict, judge

# side by side, semi-tandem, tandem, 4 m, chair -> balance, gait, chair; the public vectors
SPPB_VECTORS = [
    ((10, 10, 10, 4.81, 11.19), (4, 4, 4)),
    ((10, 10, 9.99, 4.82, 11.20), (3, 3, 3)),
    ((10, 10, 2.99, 6.20, 13.69), (2, 3, 3)),
    ((10, 10, 3.00, 6.21, 13.70), (3, 2, 2)),
    ((10, 9.99, None, 8.70, 16.69), (1, 2, 2)),
    ((9.99, None, None, 8.71, 16.70), (0, 1, 1)),
    ((10, 10, 10, None, 60.01), (4, 0, 0)),
    ((10, 10, 10, 4.815, 60.0), (4, 3, 1)),
]


def verdict(
    name: str, item: str, sex: str | None = None, age: float | None = None, **values: float
) -> Verdict:
    return next(v for v in judge(name, values, sex, age) if v.item == item)


def _score(times: tuple[float | None, ...]) -> tuple[int | None, int | None, int | None]:
    sbs, semi, tandem, walked, chair = ("unable" if time is None else float(time) for time in times)
    stances = {"side_by_side": sbs, "semi_tandem": semi, "tandem": tandem}
    score = compose(SppbParts(stances, (walked,), chair))
    return score.balance, score.gait, score.chair


@pytest.mark.parametrize(("times", "points"), SPPB_VECTORS)
def test_sppb_vectors(times: tuple[float | None, ...], points: tuple[int, int, int]) -> None:
    assert _score(times) == points


@pytest.mark.realdata
def test_every_vector_of_the_oracle(shared: Path) -> None:
    rules: dict[str, Any] = json.loads((shared / "oracle" / "scoring_rules.json").read_text(encoding="utf-8"))
    for vector in rules["sppb"]["vectors"]:
        times = tuple(vector["in"][key] for key in ("sbs", "semi", "tandem", "gait4m", "chair"))
        points = _score(times)
        assert points == (vector["balance"], vector["gait"], vector["chair_pts"]), vector
        assert sum(point for point in points if point is not None) == vector["total"]
    for vector in rules["cdc_steadi"]["vectors"]:
        sex = {"M": "male", "F": "female"}[vector["sex"]]
        said = verdict("steadi", "stands_below_average", sex, vector["age"], stands_30s=vector["reps"])
        assert said.met is vector["below"], vector
    table = rules["cdc_steadi"]["chair_stand_30s_below_average"]
    for short, sex in (("M", "male"), ("F", "female")):
        for ages, limit in table[short].items():
            for age in map(int, ages.split("-")):
                for reps, below in ((limit - 1, True), (limit, False)):
                    assert verdict("steadi", "stands_below_average", sex, age, stands_30s=reps).met is below
    for vector in rules["sts_power"]["vectors"]:
        seconds, rises = (vector["t5"], 5) if "t5" in vector else (30.0, vector["n30"])
        watts = chair_power_w(vector["m"], vector["H"], vector["Hc"], seconds, rises)
        assert watts == pytest.approx(vector["P_W"], rel=1e-12)
        assert watts / vector["m"] == pytest.approx(vector["P_W_kg"], rel=1e-12)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(4.815, "4.82"), (4.805, "4.81"), (2.675, "2.68"), (1.005, "1.01"), (4.8149999, "4.81"), (0, "0.00")],
)
def test_halves_go_up_in_decimal(seconds: float, shown: str) -> None:
    assert hundredths(seconds) == Decimal(shown)


@pytest.mark.parametrize("seconds", [-0.01, float("nan"), float("inf")])
def test_what_is_no_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="no time"):
        hundredths(seconds)


def test_three_metres_have_their_own_table() -> None:
    assert [walk_points(t, 3.0) for t in (3.61, 3.62, 4.65, 4.66, 6.52, 6.53)] == [4, 3, 3, 2, 2, 1]
    with pytest.raises(ValueError, match="3 and 4 m"):
        walk_points(5.0, 6.0)


def test_points_never_grow_with_time() -> None:
    for points in (chair_points, walk_points):
        scores = [points(hundredth / 100.0) for hundredth in range(200, 7000, 3)]
        assert scores == sorted(scores, reverse=True)


def test_a_stance_that_was_not_needed_may_be_absent() -> None:
    assert balance_points({"side_by_side": 4.0}) == 0
    assert balance_points({"side_by_side": 10.0, "semi_tandem": "unable"}) == 1
    assert balance_points({"side_by_side": 10.0, "semi_tandem": 10.0}) is None
    assert balance_points({}) is None


@pytest.mark.parametrize(
    ("name", "item", "key", "met", "unmet", "sex"),
    [
        ("awgs2019", "low_strength", "grip", 27.99, 28.0, "male"),
        ("awgs2019", "low_strength", "grip", 17.99, 18.0, "female"),
        ("awgs2019", "low_performance", "gait_speed_6m", 0.999, 1.0, None),
        ("awgs2019", "low_performance", "sppb", 9, 10, None),
        ("awgs2019", "low_performance", "chair_stand_5x", 11.995, 11.99, None),
        ("awgs2019", "possible_sarcopenia", "grip", 17.0, 18.0, "female"),
        ("awgs2019", "low_muscle_mass", "asm_bia", 5.69, 5.7, "female"),
        ("awgs2019", "case_finding", "calf", 33.9, 34.0, "male"),
        ("ewgsop2", "low_strength", "grip", 15.9, 16.0, "female"),
        ("ewgsop2", "low_strength", "chair_stand_5x", 15.01, 15.0, None),
        ("ewgsop2", "low_performance", "gait_speed", 0.8, 0.801, None),
        ("ewgsop2", "low_performance", "sppb", 8, 9, None),
        ("ewgsop2", "low_performance", "tug", 20.0, 19.99, None),
        ("ewgsop2", "low_performance", "walk_400m", 360.0, 359.9, None),
        ("steadi", "tug_at_risk", "tug", 12.0, 11.99, None),
        ("steadi", "balance_at_risk", "tandem", 9.99, 9.995, None),
        ("china2018", "balance_impaired", "one_leg_open", 9.99, 10.0, None),
        ("china2018", "balance_impaired", "bbs", 44, 45, None),
        ("china2018", "high_fall_risk", "one_leg_open", 4.99, 5.0, None),
        ("china2018", "slow_gait", "gait_speed", 0.79, 0.8, None),
        ("china2018", "one_leg_closed_not_normal", "one_leg_closed", 14.99, 15.0, None),
    ],
)
def test_borders_of_every_rule(
    name: str, item: str, key: str, met: float, unmet: float, sex: str | None
) -> None:
    assert verdict(name, item, sex, **{key: met}).met is True
    assert verdict(name, item, sex, **{key: unmet}).met is False


def test_a_verdict_names_its_rule_and_what_decided_it() -> None:
    said = verdict("awgs2019", "low_performance", gait_speed_6m=1.1, chair_stand_5x=12.304)
    assert said.met is True
    assert (said.rule_set, said.version) == ("awgs2019", "2019")
    assert "Chen 2020" in said.citation
    assert said.because == ("chair_stand_5x 12.30 s >= 12 s",)
    assert said.missing == ("sppb",)


def test_what_was_compared_is_told_met_or_not() -> None:
    said = verdict("awgs2019", "low_performance", gait_speed_6m=1.1, chair_stand_5x=12.304)
    assert [(c.value, c.comparison, c.limit, c.met) for c in said.comparisons] == [
        ("gait_speed_6m", "below", 1.0, False),
        ("chair_stand_5x", "at_least", 12, True),
    ]
    assert isinstance(said.comparisons[1].limit, int)  # printed as the rule writes it
    assert verdict("awgs2019", "possible_sarcopenia", chair_stand_5x=13.0).comparisons == ()


def test_values_bear_the_names_people_know() -> None:
    said = verdict("awgs2019", "possible_sarcopenia", chair_stand_5x=13.0)
    assert "（五次坐立 13.00 s >= 12 s）" in said.message("zh")
    assert "(five chair stands 13.00 s >= 12 s)" in said.message("en")
    for name in RULE_SETS:
        assert all(value_name(value, lang) for value in rule_set(name).values for lang in ("en", "zh"))


def test_a_rule_set_lists_the_values_it_uses() -> None:
    assert rule_set("steadi").values == {"tug", "tandem", "stands_30s"}
    assert rule_set("sppb").values == frozenset()


@pytest.mark.parametrize(
    ("name", "item", "values", "person", "reason"),
    [
        ("awgs2025", "low_performance", {}, {}, "not_a_criterion"),
        ("awgs2025", "low_strength", {}, {}, "cut_off_not_verified"),
        ("awgs2019", "low_strength", {"grip": 20.0}, {}, "sex_unknown"),
        ("awgs2019", "possible_sarcopenia", {"grip": 20.0}, {}, "sex_unknown"),
        ("awgs2019", "low_performance", {}, {}, "no_value"),
        (
            "steadi",
            "stands_below_average",
            {"stands_30s": 9},
            {"sex": "female", "age": 59},
            "age_not_covered",
        ),
        (
            "steadi",
            "stands_below_average",
            {"stands_30s": 9},
            {"sex": "female", "age": 95},
            "age_not_covered",
        ),
        ("steadi", "stands_below_average", {"stands_30s": 9}, {"sex": "female"}, "age_not_covered"),
    ],
)
def test_silence_has_its_reason(
    name: str, item: str, values: dict[str, float], person: dict[str, Any], reason: str
) -> None:
    said = verdict(name, item, **person, **values)
    assert said.met is None
    assert said.reason == reason


def test_ages_count_in_whole_years() -> None:
    assert verdict("steadi", "stands_below_average", "male", 64.9, stands_30s=13).met is True
    assert verdict("steadi", "stands_below_average", "male", 65.0, stands_30s=13).met is False


def test_what_no_rule_uses_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule for 'height'"):
        judge("steadi", {"height": 1.6})
    with pytest.raises(ValueError, match="tug is nan"):
        judge("steadi", {"tug": float("nan")})
    with pytest.raises(ValueError, match="gives points"):
        judge("sppb", {})
    with pytest.raises(ValueError, match="no rule set 'who'"):
        judge("who", {})


@pytest.mark.parametrize("name", RULE_SETS)
def test_every_rule_set_says_what_it_is(name: str) -> None:
    rules = rule_set(name)
    assert rules.id == name
    assert rules.version
    assert rules.citation
    assert set(rules.title) == {"en", "zh"}
    assert any("\u4e00" <= letter <= "\u9fff" for letter in rules.title["zh"])
    assert rules.short
    assert rules.version in rules.short
    for criterion in rules.rules.get("criteria", ()):
        assert rules.brief(criterion["item"], "en") != rules.brief(criterion["item"], "zh")


@pytest.mark.parametrize("name", [name for name in RULE_SETS if name != "sppb"])
def test_every_verdict_speaks_two_languages(name: str) -> None:
    for said in judge(name, {}):
        assert said.title["en"] in said.message("en")
        assert rule_set(name).title["en"] in said.message("en")
        assert said.title["zh"] in said.message("zh")


def test_a_met_verdict_shows_the_value_and_its_limit() -> None:
    said = verdict("china2018", "slow_gait", gait_speed=0.78412345)
    assert said.because == ("gait_speed 0.784 m/s < 0.8 m/s",)
    assert "0.784" in said.message("zh")
    assert verdict("china2018", "slow_gait", gait_speed=0.79999).because == (
        "gait_speed 0.79999 m/s < 0.8 m/s",
    )
    assert verdict("steadi", "tug_at_risk", tug=11.0).message("en").startswith("Timed up and go")
