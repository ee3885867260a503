"""What the tests found, in words: the range with its source, rules met or not, real change, what is missing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.screening.findings import Finding, findings
from osteogait.web.language import translations
from osteogait.web.station import Station
from osteogait.web.therapist.found import Told, told

ENGLISH = re.compile(r"\b(the|of|and|with|from|for|not|than|usual|walk|files|measurement|people|limit|age)\b")
"""Words of a sentence; names of journals and rule sets have none of them."""


class Reader:
    """As much of a call as words need."""

    def __init__(self, station: Station, lang: str) -> None:
        self.station, self.lang = station, lang

    def say(self, text: str, **fields: object) -> str:
        said = translations(self.lang).gettext(text)
        return said % fields if fields else said


@pytest.fixture
def person(station: Station) -> str:
    return station.store.add_person(birth_year=datetime.now(UTC).year - 72, sex="female")


def _visit(station: Station, person: str, days_ago: int, *tests: tuple[str, str, str, float, str]) -> str:
    started = datetime.now(UTC) - timedelta(days=days_ago)
    visit = station.store.add_visit(person, started=started, battery="full", by="x")
    for test, protocol, key, value, unit in tests:
        document: dict[str, Any] = {
            "protocol": protocol,
            "usable": True,
            "flags": [],
            "measures": {key: {"value": value, "unit": unit}},
        }
        station.trials.add(visit, test, protocol, state="accepted", by="x", measures=document)
    return visit


def _told(station: Station, visit: str, lang: str = "en") -> list[Told]:
    return [told(Reader(station, lang), one) for one in findings(station, visit)]  # type: ignore[arg-type]


def test_a_walking_speed_beside_its_norm_and_rules(station: Station, person: str) -> None:
    (one,) = _told(station, _visit(station, person, 1, ("walk", "walk", "walking_speed", 0.93, "m/s")))
    assert (one.title, one.text, one.unit) == ("Walking speed", "0.93", "m/s")
    assert one.range is not None
    assert one.range.low < one.range.mid < one.range.high
    assert one.range.of_people
    assert "NHANES" in one.range.source
    assert "n = " in one.range.source
    assert {kind for kind, _ in one.said} == {"warn", "good"}
    assert one.change is None


@pytest.mark.parametrize(
    ("before", "after", "kind", "words"),
    [
        (0.70, 0.93, "good", "Really better"),
        (0.93, 0.70, "warn", "Really worse"),
        (0.90, 0.93, "plain", "no change beyond measurement error"),
    ],
)
def test_change_since_the_visit_before(
    station: Station, person: str, before: float, after: float, kind: str, words: str
) -> None:
    _visit(station, person, 90, ("walk", "walk", "walking_speed", before, "m/s"))
    (one,) = _told(station, _visit(station, person, 1, ("walk", "walk", "walking_speed", after, "m/s")))
    assert one.change is not None
    assert one.change[0] == kind
    assert words in one.change[1]
    assert f"{before:.2f} m/s" in one.change[1]
    assert "Caronni" in one.change_source


def test_less_time_is_better_and_the_stopwatch_is_named(station: Station, person: str) -> None:
    tug = ("timed_up_and_go", "timed_up_and_go", "tug_total")
    _visit(station, person, 90, (*tug, 15.0, "s"))
    (one,) = _told(station, _visit(station, person, 1, (*tug, 10.0, "s")))
    assert one.change is not None
    assert one.change[0] == "good"
    assert any("stopwatch" in note for note in one.notes)
    assert one.range is not None
    assert (
        not one.range.of_people
    )  # Bohannon 2006 gives an interval of the mean: no range to be drawn as usual


def test_without_a_limit_of_error_the_change_is_told_and_not_judged(station: Station, person: str) -> None:
    chair = ("chair_stand_5x", "chair_stand_5x", "total_time")
    _visit(station, person, 90, (*chair, 20.0, "s"))
    (one,) = _told(station, _visit(station, person, 1, (*chair, 10.0, "s")))
    assert one.change is not None
    assert one.change[0] == "plain"
    assert "not judged" in one.change[1]
    assert one.change_source == ""


def test_a_score_that_lacks_a_part_says_which(station: Station, person: str) -> None:
    visit = _visit(station, person, 1, ("sppb_chair", "sppb", "total_time", 12.0, "s"))
    (one,) = [item for item in _told(station, visit) if "SPPB" in item.title]
    assert (one.value, one.text) == (None, "–")
    assert any("Walking 4 metres" in note for note in one.notes)


def test_everything_is_said_in_chinese(station: Station, person: str) -> None:
    _visit(station, person, 90, ("walk", "walk", "walking_speed", 0.7, "m/s"))
    (one,) = _told(station, _visit(station, person, 1, ("walk", "walk", "walking_speed", 0.93, "m/s")), "zh")
    assert one.title == "步行速度"
    assert one.change is not None
    assert "确有改善" in one.change[1]
    assert all("：" in text for _, text in one.said)


def test_a_rule_is_told_with_its_value_and_limit_met_or_not(station: Station, person: str) -> None:
    visit = _visit(station, person, 1, ("walk", "walk", "walking_speed", 0.93, "m/s"))
    (one,) = _told(station, visit)
    assert one.said == (
        ("warn", "AWGS 2019, low performance: yes (0.93 m/s; limit: below 1 m/s)"),
        ("good", "T/GCM 0007-2018, slow gait: no (0.93 m/s; limit: below 0.8 m/s)"),
    )
    (one,) = _told(station, visit, "zh")
    assert one.said[0][1] == "AWGS 2019，躯体功能下降：是（0.93 m/s；界值：低于 1 m/s）"
    assert not any(word in one.said[0][1] for word in ("limit", "yes"))


def test_an_age_without_a_limit_is_said(station: Station) -> None:
    young = station.store.add_person(birth_year=datetime.now(UTC).year - 50, sex="male")
    (one,) = _told(
        station, _visit(station, young, 1, ("chair_stand_30s", "chair_stand_30s", "repetitions", 9, "1"))
    )
    assert one.said == (("plain", "CDC STEADI gives no limit for this age."),)


def test_the_points_of_each_part_are_told(station: Station, person: str) -> None:
    visit = _visit(station, person, 1, ("sppb_chair", "sppb", "total_time", 12.0, "s"))
    whole = next(one for one in _told(station, visit) if "SPPB" in one.title)
    assert whole.parts == (("Balance", "–"), ("Gait speed", "–"), ("Chair stands", "3"))


def test_seconds_are_shown_as_the_rules_round_them(station: Station, person: str) -> None:
    (one,) = _told(
        station, _visit(station, person, 1, ("chair_stand_5x", "chair_stand_5x", "total_time", 11.995, "s"))
    )
    assert one.text == "12.00"
    assert "yes (12.00 s" in one.said[0][1]


def test_a_ratio_is_no_count(station: Station, person: str) -> None:
    ratio = Finding("romberg_rms", "quiet_stance_closed", "Sway, eyes closed over open", 1.5, "1")
    assert told(Reader(station, "en"), ratio).text == "1.50"  # type: ignore[arg-type]


def test_no_english_sentence_stands_in_the_chinese_page(station: Station, person: str) -> None:
    _visit(station, person, 90, ("walk", "walk", "walking_speed", 0.7, "m/s"))
    visit = _visit(
        station, person, 1,
        ("walk", "walk", "walking_speed", 0.75, "m/s"),
        ("timed_up_and_go", "timed_up_and_go", "tug_total", 13.0, "s"),
        ("chair_stand_5x", "chair_stand_5x", "total_time", 13.0, "s"),
        ("chair_stand_30s", "chair_stand_30s", "repetitions", 9, "1"),
        ("quiet_stance", "quiet_stance", "rms", 0.10, "m/s2"),
    )  # fmt: skip
    for one in _told(station, visit, "zh"):
        texts = [
            one.title,
            one.test,
            *(text for _, text in one.said),
            *one.others,
            *one.notes,
            one.change_source,
        ]
        texts += [] if one.range is None else [one.range.words, one.range.source]
        for text in texts:
            assert not ENGLISH.search(text), text


@pytest.mark.parametrize(
    ("before", "kind", "words"), [(17.0, "good", "Better than"), (11.0, "warn", "Worse than")]
)
def test_a_change_of_points_that_matters_is_told_with_its_source(
    station: Station, person: str, before: float, kind: str, words: str
) -> None:
    held = [
        (f"sppb_{name}", "sppb", "hold_time", 10.0, "s") for name in ("side_by_side", "semi_tandem", "tandem")
    ]
    whole = [*held, ("sppb_walk_1", "sppb", "sppb_gait_time", 4.0, "s")]
    _visit(station, person, 90, *whole, ("sppb_chair", "sppb", "total_time", before, "s"))
    visit = _visit(station, person, 1, *whole, ("sppb_chair", "sppb", "total_time", 13.0, "s"))
    points = next(one for one in _told(station, visit) if "SPPB" in one.title)
    assert points.change is not None
    assert points.change[0] == kind
    assert words in points.change[1]
    assert "Perera 2006" in points.change[1]


def test_the_result_says_first_what_is_beyond_a_limit(
    station: Station, person: str, visitors: Visitors
) -> None:
    slow = _visit(station, person, 1, ("walk", "walk", "walking_speed", 0.7, "m/s"))
    fine = _visit(station, person, 0, ("walk", "walk", "walking_speed", 1.2, "m/s"))
    therapist = visitors.signed_in(Role.THERAPIST)
    page = therapist.get(f"/visits/{slow}/result").text
    assert "Walking speed" in page.partition("Beyond a limit of a rule:")[2].partition("</div>")[0]
    page = therapist.get(f"/visits/{fine}/result").text
    assert "Beyond a limit" not in page
    assert "No limit of a rule is reached." in page
