"""Over time: real change only beyond measurement error, the strip where it may be error, words for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.station import Station
from osteogait.web.therapist.trend import BOTTOM, FIRST, KEYS, SPPB, TOP, Trend, trends


class Reader:
    """As much of a call as trends need."""

    def __init__(self, station: Station) -> None:
        self.station, self.lang = station, "en"


@pytest.fixture
def person(station: Station) -> str:
    return station.store.add_person(birth_year=1950, sex="female")


def _visit(
    station: Station, person: str, days_ago: int, key: str, value: float, unit: str, **more: Any
) -> None:
    test = more.get("test", "walk")
    started = datetime.now(UTC) - timedelta(days=days_ago)
    visit = station.store.add_visit(person, started=started, battery="full", by="x")
    document = {
        "usable": more.get("usable", True),
        "flags": [],
        "measures": {key: {"value": value, "unit": unit}},
    }
    station.trials.add(
        visit, test, more.get("protocol", test), variant=more.get("variant"), by="x",
        state=more.get("state", "accepted"), measures=document | {"protocol": more.get("protocol", test)},
    )  # fmt: skip


def _trend(station: Station, person: str) -> Trend:
    (found,) = trends(Reader(station), person)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(0.80, 0.94, "better"), (0.94, 0.80, "worse"), (0.80, 0.92, "same"), (0.80, 0.80, "same")],
)
def test_walking_speed_changes_beyond_0_13_only(
    station: Station, person: str, before: float, after: float, verdict: str
) -> None:
    _visit(station, person, 30, "walking_speed", before, "m/s")
    _visit(station, person, 1, "walking_speed", after, "m/s")
    found = _trend(station, person)
    assert found.verdict == verdict
    assert [dot.value for dot in found.dots] == [f"{before:.2f}", f"{after:.2f}"]
    assert found.rule is not None
    assert found.rule.limit == 0.13


def test_less_time_is_better(station: Station, person: str) -> None:
    for ago, value in ((30, 15.0), (1, 11.0)):
        _visit(station, person, ago, "tug_total", value, "s", test="timed_up_and_go")
    assert _trend(station, person).verdict == "better"


def test_without_a_published_limit_nothing_is_judged(station: Station, person: str) -> None:
    for ago, value in ((30, 20.0), (1, 9.0)):
        _visit(station, person, ago, "total_time", value, "s", test="chair_stand_5x")
    found = _trend(station, person)
    assert (found.verdict, found.strip, found.rule) == ("unknown", None, None)


def test_sway_is_judged_in_its_own_condition(station: Station, person: str) -> None:
    for ago, value in ((30, 0.10), (1, 0.17)):
        _visit(station, person, ago, "rms", value, "m/s2", test="quiet_stance", variant="open_firm")
    found = _trend(station, person)
    assert found.verdict == "worse"
    assert found.rule is not None
    assert found.rule.by == "ratio"


def test_the_strip_lies_around_the_visit_before(station: Station, person: str) -> None:
    for ago, value in ((60, 0.6), (30, 0.8), (1, 0.85)):
        _visit(station, person, ago, "walking_speed", value, "m/s")
    found = _trend(station, person)
    assert found.strip is not None
    top, height = found.strip
    middle = found.dots[1].y
    assert top < middle < top + height
    assert middle == pytest.approx(top + height / 2, abs=0.2)
    assert all(TOP <= dot.y <= BOTTOM for dot in found.dots)
    assert top <= found.dots[2].y <= top + height
    assert [dot.x for dot in found.dots] == sorted(dot.x for dot in found.dots)


def test_one_visit_is_a_dot_in_the_middle(station: Station, person: str) -> None:
    _visit(station, person, 1, "walking_speed", 0.9, "m/s")
    found = _trend(station, person)
    assert (found.verdict, found.dots[0].x, found.strip) == ("one", 50.0, None)


@pytest.mark.parametrize("more", [{"state": "rejected"}, {"state": "repeated"}, {"usable": False}])
def test_what_does_not_count_is_not_in_the_picture(
    station: Station, person: str, more: dict[str, Any]
) -> None:
    _visit(station, person, 1, "walking_speed", 0.9, "m/s", **more)
    assert trends(Reader(station), person) == []  # type: ignore[arg-type]


def test_a_value_of_zero_cannot_be_compared_by_share(station: Station, person: str) -> None:
    for ago, value in ((30, 0.0), (1, 11.0)):
        _visit(station, person, ago, "tug_total", value, "s", test="timed_up_and_go")
    found = _trend(station, person)
    assert (found.verdict, found.strip) == ("unknown", None)


def test_every_measure_that_is_followed_has_its_place() -> None:
    assert {SPPB, *(key for keys in KEYS.values() for key in keys)} == set(FIRST)


def test_the_page_names_source_and_people_of_the_limit(
    visitors: Visitors, station: Station, person: str
) -> None:
    _visit(station, person, 30, "walking_speed", 0.8, "m/s")
    _visit(station, person, 1, "walking_speed", 1.0, "m/s")
    therapist: Visitor = visitors.signed_in(Role.THERAPIST)
    for path in (f"/people/{person}", f"/people/{person}/trend"):
        page = therapist.get(path).text
        assert "Caronni 2024" in page
        assert "n = 109" in page
        assert "Real improvement" in page
    therapist.post("/language", {"lang": "zh", "back": "/people"})
    page = therapist.get(f"/people/{person}/trend").text
    assert "确有改善" in page
    assert "患神经系统疾病的老年人" in page


def _battery(station: Station, person: str, days_ago: int, chair_s: float) -> None:
    """A whole SPPB: 4 + 4 + the points of the chair."""
    held = {"hold_time": (10.0, "s")}
    parts = {
        "sppb_side_by_side": held, "sppb_semi_tandem": held, "sppb_tandem": held,
        "sppb_walk_1": {"sppb_gait_time": (4.0, "s")}, "sppb_chair": {"total_time": (chair_s, "s")},
    }  # fmt: skip
    started = datetime.now(UTC) - timedelta(days=days_ago)
    visit = station.store.add_visit(person, started=started, battery="sppb", by="x")
    for test, values in parts.items():
        measures = {key: {"value": value, "unit": unit} for key, (value, unit) in values.items()}
        document = {"protocol": "sppb", "usable": True, "flags": [], "measures": measures}
        station.trials.add(visit, test, "sppb", state="accepted", by="x", measures=document)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "points"),
    [
        (12.0, 11.0, "felt_better", ["11", "12"]),
        (11.0, 17.0, "felt_worse", ["12", "9"]),
        (12.0, 13.0, "unknown", ["11", "11"]),
    ],
)
def test_the_points_of_the_battery_are_followed(
    station: Station, person: str, before: float, after: float, verdict: str, points: list[str]
) -> None:
    _battery(station, person, 30, before)
    _battery(station, person, 1, after)
    found = trends(Reader(station), person)[0]  # type: ignore[arg-type]
    assert (found.key, found.verdict, found.strip) == ("sppb", verdict, None)
    assert [dot.value for dot in found.dots] == points


def test_the_page_names_the_points(station: Station, person: str, visitors: Visitors) -> None:
    _battery(station, person, 1, 11.0)
    page = visitors.signed_in(Role.THERAPIST).get(f"/people/{person}/trend").text
    assert "SPPB, points of 12" in page
    assert "Short Physical Performance Battery" in page
