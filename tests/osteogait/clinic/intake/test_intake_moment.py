"""Times need a zone; a clinic's zone is assumed only where the clinic set one, and the row says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteogait.clinic.intake.moment import clinic_zone, in_its_zone, iso_from_hl7, read_moment
from osteogait.clinic.intake.reason import RowRefused
from osteogait.errors import Rejected

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


def test_a_time_with_zone_is_taken_as_written() -> None:
    moment = read_moment("2026-01-05T07:40:30+08:00", None, NOW)
    assert moment.at == datetime(2026, 1, 4, 23, 40, 30, tzinfo=UTC)
    assert not moment.day_only
    assert not moment.warnings
    assert read_moment("2026-01-05 07:40Z", None, NOW).at.hour == 7


def test_without_zone_it_is_refused_unless_the_clinic_has_one() -> None:
    with pytest.raises(RowRefused) as refused:
        read_moment("2026-01-05T07:40", None, NOW)
    assert refused.value.said.reason == "no-zone"
    moment = read_moment("2026-01-05T07:40", clinic_zone("Asia/Shanghai"), NOW)
    assert moment.at == datetime(2026, 1, 4, 23, 40, tzinfo=UTC)
    assert [said.reason for said in moment.warnings] == ["assumed-zone"]


@pytest.mark.parametrize(
    "text", ["2026-01-05T07:40+08:00", "2026-01-05T23:40-05:00", "2026-01-05T00:10+13:45"]
)
def test_the_day_of_a_value_is_that_of_the_place_where_it_was_taken(text: str) -> None:
    moment = read_moment(text, None, NOW)
    assert in_its_zone(moment.at, moment.notes or {}).isoformat()[:16] == text[:16]


@pytest.mark.parametrize("notes", [{}, {"zone": "of the clinic"}, {"zone": None}])
def test_without_a_written_zone_it_is_the_day_of_this_box(notes: dict[str, object]) -> None:
    assert in_its_zone(NOW, notes) == NOW
    assert in_its_zone(NOW, notes).utcoffset() == NOW.astimezone().utcoffset()


def test_a_day_alone_says_that_it_is_one() -> None:
    moment = read_moment("2025-12-29", clinic_zone("+08:00"), NOW)
    assert moment.day_only
    assert moment.at == datetime(2025, 12, 29, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "05.01.2026",
        "2026/01/05",
        "2026-13-01T00:00Z",
        "2026-02-30",
        "2026-01-05T25:00Z",
        "0000-01-01",
        "2026-01",
        "２０２６-01-05T07:40Z",
        "2026-01-05T07:40+15:00",
        "2026-01-05T07:40+08:75",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
        "46027",
    ],
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_moment(text, clinic_zone("Asia/Shanghai"), NOW)
    assert refused.value.said.reason == "bad-time"


def test_neither_in_the_future_nor_before_birth() -> None:
    for text, word in (("2026-01-10T12:01Z", "future"), ("1954-12-31T12:00Z", "birth")):
        with pytest.raises(RowRefused) as refused:
            read_moment(text, None, NOW, 1955)
        assert word in refused.value.said.message("en")
    assert read_moment("1955-01-01T00:00Z", None, NOW, 1955).at.year == 1955


def test_hl7_times() -> None:
    assert iso_from_hl7("20260105074030+0800") == "2026-01-05T07:40:30+0800"
    assert iso_from_hl7("202601050740") == "2026-01-05T07:40"
    assert iso_from_hl7("20260105") == "2026-01-05"
    assert iso_from_hl7("2026") == "2026"


@pytest.mark.parametrize("name", ["Asia/Nowhere", "../etc/passwd", "+25:00", "/etc/localtime"])
def test_an_unknown_zone_of_the_clinic_is_rejected(name: str) -> None:
    with pytest.raises(Rejected):
        clinic_zone(name)


@given(
    st.text(max_size=40) | st.from_regex(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?", fullmatch=True)
)
def test_any_text_is_a_time_in_the_past_or_refused(text: str) -> None:
    try:
        moment = read_moment(text, clinic_zone("+08:00"), NOW)
    except RowRefused:
        return
    assert moment.at <= NOW or (moment.day_only and moment.at - NOW <= timedelta(hours=12))
    assert moment.at.tzinfo is UTC
