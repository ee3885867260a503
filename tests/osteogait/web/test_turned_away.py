"""Whoever may not pass is sent where they can go on: staff to the door, a guest of the kiosk to its first page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update
from visitors import Visitors

from osteogait.clinic.roles import Role
from osteogait.errors import StoreError
from osteogait.storage.tables import ResultRow
from osteogait.web.app import places
from osteogait.web.place import GUESTS

OF_GUESTS = [place for place in places() if place.roles == GUESTS]


def _path(path: str) -> str:
    return re.sub(r"{\w+}", "1", path)


def test_a_guest_whose_visit_has_ended_begins_anew_wherever_they_touch(visitors: Visitors) -> None:
    visitors.account(Role.OWNER)
    guest = visitors.stranger()
    assert len(OF_GUESTS) > 10
    for place in OF_GUESTS:
        for method in place.methods:
            answer = guest.client.request(method, _path(place.path), follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk"), place.path


@pytest.mark.parametrize("path", ["/kiosk/code", "/kiosk/about"])
def test_a_page_of_the_kiosk_that_is_too_old_begins_anew(visitors: Visitors, path: str) -> None:
    visitors.account(Role.OWNER)
    answer = visitors.stranger().client.post(path, data={"csrf": "of another start"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk")


def test_the_language_of_a_kiosk_page_that_is_too_old_begins_anew(visitors: Visitors) -> None:
    visitors.account(Role.OWNER)
    client = visitors.stranger().client
    came = {"referer": "http://localhost/kiosk/start"}
    answer = client.post("/language", data={"lang": "zh"}, headers=came, follow_redirects=False)
    assert answer.headers["location"] == "/kiosk"
    assert client.post("/language", data={"lang": "zh"}, follow_redirects=False).status_code == 403


@pytest.mark.parametrize("path", ["/kiosk/nothing/here", "/kiosk/%00", "/kiosk/questions"])
def test_what_there_is_not_at_the_kiosk_is_said_in_its_own_frame(visitors: Visitors, path: str) -> None:
    visitors.account(Role.OWNER)
    answer = visitors.stranger().get(path)
    assert answer.status_code == 404
    assert 'class="kiosk"' in answer.text
    assert 'href="/kiosk"' in answer.text
    assert "/sign-in" not in answer.text


def test_a_body_too_large_at_the_kiosk_is_said_in_its_own_frame(visitors: Visitors) -> None:
    answer = visitors.stranger().client.post("/kiosk/about", data={"year": "9" * 300_000})
    assert answer.status_code == 413
    assert 'class="kiosk"' in answer.text


def test_staff_are_sent_to_the_door(visitors: Visitors) -> None:
    visitors.account(Role.OWNER)
    visitor = visitors.stranger()
    assert visitor.get("/people?q=x").url.path == "/sign-in"
    assert visitor.client.post("/lock", follow_redirects=False).status_code == 403
    assert visitor.client.get("/api/people").status_code == 401


def test_a_program_is_told_in_a_sentence_not_on_a_page(visitors: Visitors, known: Any) -> None:
    program = visitors.service()
    _alter(visitors, known)
    answer = program.client.get(f"/api/results/{known.result}")
    assert answer.status_code == 503
    assert "not as it was stored" in answer.text
    assert "<" not in answer.text


def test_a_result_that_was_changed_on_the_disk_is_said_and_not_shown(visitors: Visitors, known: Any) -> None:
    clinician = visitors.signed_in(Role.CLINICIAN)
    _alter(visitors, known)
    answer = clinician.get(f"/results/{known.result}")
    assert answer.status_code == 503
    assert "not as it was stored" in answer.text
    assert "<main" in answer.text


def test_a_store_that_is_held_by_another_program_is_said_in_either_language(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinician = visitors.signed_in(Role.CLINICIAN)

    def busy(token: str) -> None:
        raise StoreError("store_busy", path="x", reason="locked")

    monkeypatch.setattr(visitors.station.sessions, "find", busy)
    said = {clinician.get("/people", headers={"accept-language": lang}).text for lang in ("en", "zh")}
    assert len(said) == 2
    assert clinician.get("/people").status_code == 503


def _alter(visitors: Visitors, known: Any) -> None:
    with visitors.station.store.session() as session:
        session.execute(update(ResultRow).where(ResultRow.id == known.result).values(assessment="{}"))
