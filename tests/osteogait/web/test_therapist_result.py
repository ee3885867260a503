"""The result of a visit and its report; and the made-up person on whom everything can be tried."""

from __future__ import annotations

import time
from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.example import EARLIER, SETTING, add_example
from osteogait.web.station import Station

MOST_S = 10.0
"""Of this process alone; 0.8 s on a quick computer."""


@pytest.fixture
def example(station: Station, visitors: Visitors) -> str:
    return add_example(station, visitors.account(Role.OWNER), "en")


@pytest.fixture
def visit(station: Station, example: str) -> str:
    return station.store.visits_of(example)[-1].id


@pytest.fixture
def therapist(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.THERAPIST)


def test_the_example_person_is_whole_and_marked(
    station: Station, visitors: Visitors, therapist: Visitor
) -> None:
    begun = time.process_time()
    person = add_example(station, visitors.account(Role.OWNER), "zh")
    assert time.process_time() - begun < MOST_S
    identity = station.identities.get(person)
    assert identity is not None
    assert identity.name.startswith("示例")
    assert station.settings.get(SETTING, None) == person
    trials = station.trials.of_person(person)
    assert len(trials) == 2 * len(EARLIER)
    assert all(one.usable and one.state == "accepted" for one in trials)
    assert station.audit.verify().ok
    assert "example, made up" in therapist.get("/people").text
    assert "example, made up" in therapist.get(f"/people/{person}").text


def test_the_values_of_the_example_are_those_of_the_case(station: Station, example: str) -> None:
    held = {value.variable: value.value for value in station.store.values_of(example)}
    assert held["fn_t"] == -2.1
    assert held["prior_fracture"] == 1.0
    assert held["parent_hip_fracture"] == 0.0
    assert held["vit_d25oh"] == pytest.approx(19 * 2.496, rel=1e-3)


def test_the_result_shows_each_test_with_its_verdict_and_signal(
    therapist: Visitor, visit: str, station: Station
) -> None:
    page = therapist.get(f"/visits/{visit}/result").text
    assert "Walking speed" in page
    assert "Usable" in page
    for trial in station.trials.of_visit(visit):
        shown = therapist.get(f"/visits/{visit}/tries/{trial.id}/signal")
        assert "signal.svg" in shown.text
        picture = therapist.get(f"/visits/{visit}/tries/{trial.id}/signal.svg")
        assert picture.text.startswith("<svg")


def test_a_try_of_another_visit_is_unknown(therapist: Visitor, visit: str, known: Any) -> None:
    assert therapist.get(f"/visits/{visit}/tries/{known.trial}/signal").status_code == 404
    assert therapist.get(f"/visits/{known.visit}/tries/{known.trial}/signal.svg").status_code == 404


def test_the_report_says_what_was_found_and_what_to_do(therapist: Visitor, visit: str) -> None:
    page = therapist.get(f"/visits/{visit}/report").text
    assert "Your bones" in page
    assert "not a medical device" in page
    assert "not yet signed" in page
    therapist.post("/language", {"lang": "zh", "back": "/people"})
    page = therapist.get(f"/visits/{visit}/report").text
    assert "双能X线" in page
    assert "Your bones" not in page


def test_a_new_test_makes_the_report_old_and_working_out_again_replaces_it(
    therapist: Visitor, visit: str, example: str, station: Station
) -> None:
    (first,) = station.store.results_of(example)
    done = station.trials.of_visit(visit)[-1]
    station.trials.add(
        visit,
        done.test,
        done.protocol,
        state="accepted",
        by="x",
        recording=done.recording_id,
        measures=done.measures,
    )
    assert "Tests were added" in therapist.get(f"/visits/{visit}/result").text
    answer = therapist.post(f"/visits/{visit}/work-out")
    assert answer.url.path == f"/visits/{visit}/report"
    assert station.store.results_of(example)[-1].supersedes == first.id
    assert "Tests were added" not in therapist.get(f"/visits/{visit}/result").text


def test_without_consent_nothing_is_worked_out(
    therapist: Visitor, visit: str, example: str, station: Station
) -> None:
    therapist.get(f"/visits/{visit}/result")
    station.consents.withdraw(example, "test", "x")
    assert therapist.post(f"/visits/{visit}/work-out").status_code == 403
    assert len(station.store.results_of(example)) == 1


def test_the_report_is_printed_in_either_language_and_that_is_written_down(
    therapist: Visitor, visit: str, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = printed_pages(station, monkeypatch)
    for lang, tag in (("zh", "zh-Hans"), ("en", "en")):
        answer = therapist.get(f"/visits/{visit}/report.pdf", params={"lang": lang})
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("inline")
        assert f'lang="{tag}"' in pages[-1]
    assert therapist.get(f"/visits/{visit}/report.pdf", params={"lang": "fr"}).status_code == 404
    assert [row.action for row in station.audit.rows(5, None)].count("print") == 2


def test_what_a_clinician_judged_otherwise_reaches_the_persons_page(
    therapist: Visitor,
    visitors: Visitors,
    visit: str,
    example: str,
    station: Station,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (result,) = station.store.results_of(example)
    before = therapist.get(f"/visits/{visit}/report").text
    clinician = visitors.signed_in(Role.CLINICIAN)
    clinician.get(f"/results/{result.id}")
    fields = {"outcome": "mof_10y", "conclusion": "not_usable", "reason": "A new hip since then."}
    assert clinician.post(f"/results/{result.id}/override", fields).status_code == 200
    assert therapist.get(f"/visits/{visit}/report").text != before
    pages, head = printed_pages(station, monkeypatch), station.audit.head()
    therapist.get(f"/visits/{visit}/report.pdf")
    assert head in pages[-1], "on paper, it tells later whether rows are missing"
    assert "A new hip since then." in pages[-1]
    assert result.sha256[:16] in pages[-1]


def printed_pages(station: Station, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is given to the printer from now on."""
    pages: list[str] = []

    class Printer:
        def pdf(self, html: str) -> bytes:
            pages.append(html)
            return b"%PDF-1.7"

        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(station, "_pdf", Printer())
    return pages


def test_a_visit_without_a_report_has_none_to_show(therapist: Visitor, station: Station, known: Any) -> None:
    visit = station.store.add_visit(known.person, battery="quick", by="x")
    assert therapist.get(f"/visits/{visit}/report").status_code == 404
    assert therapist.get(f"/visits/{visit}/result").status_code == 200
