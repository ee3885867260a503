"""Consent: purpose by purpose, in the person's language, taken back at any time; without it no test."""

from __future__ import annotations

from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.station import Station


@pytest.fixture
def therapist(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.THERAPIST)


@pytest.fixture
def person(station: Station) -> str:
    return station.store.add_person(birth_year=1950, sex="male")


def test_only_the_tests_are_ticked_beforehand(therapist: Visitor, person: str) -> None:
    page = therapist.get(f"/people/{person}/consent").text
    assert page.count("checked") == 1
    assert 'value="test" checked' in page


def test_what_is_ticked_is_kept_with_text_language_and_signer(
    therapist: Visitor, person: str, station: Station
) -> None:
    where = f"/people/{person}/consent"
    therapist.get(where)
    answer = therapist.post(where, {"purpose": ["test", "research"], "signer": "李雷", "text_lang": "zh"})
    assert answer.url.path == f"/people/{person}/tests"
    held = station.consents.of(person)
    assert set(held) == {"test", "research"}
    assert (held["test"].lang, held["test"].signer, held["test"].text_version) == ("zh", "李雷", "1")
    assert "consent" in [row.action for row in station.audit.rows(5, None)]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"purpose": "test", "signer": " "}, "who agrees"), ({"signer": "Li"}, "Nothing is ticked")],
)
def test_without_a_signer_or_a_purpose_nothing_is_kept(
    therapist: Visitor, person: str, station: Station, fields: dict[str, str], said: str
) -> None:
    therapist.get(f"/people/{person}/consent")
    answer = therapist.post(f"/people/{person}/consent", fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert station.consents.of(person) == {}


def test_the_text_is_shown_in_the_language_of_the_person(therapist: Visitor, person: str) -> None:
    page = therapist.get(f"/people/{person}/consent", params={"text": "zh"}).text
    assert "我同意用腰部传感器" in page
    assert "Choose" not in page or "Consent" in page


def test_taken_back_no_test_can_begin(therapist: Visitor, known: Any, station: Station) -> None:
    therapist.get(f"/people/{known.person}/consent")
    therapist.post(f"/people/{known.person}/consent/back", {"purpose": "test"})
    assert station.consents.held(known.person) == frozenset()
    assert therapist.get(f"/people/{known.person}/tests").status_code == 403
    therapist.get(f"/visits/{known.visit}/tests/walk")
    answer = therapist.post(f"/visits/{known.visit}/tests/walk/start")
    assert answer.status_code == 422
    assert "consent" in answer.text
    assert station.screening.current is None


def test_an_unknown_purpose_is_refused(therapist: Visitor, known: Any, station: Station) -> None:
    therapist.get(f"/people/{known.person}/consent")
    assert therapist.post(f"/people/{known.person}/consent/back", {"purpose": "all"}).status_code == 404
    therapist.get(f"/people/{known.person}/consent")
    therapist.post(f"/people/{known.person}/consent", {"purpose": ["all", "cloud"], "signer": "W"})
    assert station.consents.held(known.person) == {"test", "cloud"}
