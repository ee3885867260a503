"""Reports from the queue to the signature: read, commented, overridden, signed, amended; never overwritten."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from visitors import PASSWORD, Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.station import Station
from osteogait.words import sentence

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def clinician(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.CLINICIAN)


def actions(station: Station) -> list[tuple[str, str]]:
    return [(row.action, row.object) for row in station.audit.rows(None, None)]


def sign(clinician: Visitor, result: str, **fields: str) -> Any:
    clinician.get(f"/results/{result}")
    return clinician.post(f"/results/{result}/sign", {"read": "yes", "password": PASSWORD, **fields})


def test_the_queue_holds_what_nobody_signed(clinician: Visitor, known: Any, other: Any) -> None:
    page = clinician.get("/reports").text
    assert "Wang Xiulan" in page
    assert "Zhao Guiying" in page
    sign(clinician, known.result)
    page = clinician.get("/reports").text
    assert "Wang Xiulan" not in page
    assert "Zhao Guiying" in page


def test_a_long_queue_comes_page_by_page(
    clinician: Visitor, known: Any, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osteogait.web.clinician import reports

    monkeypatch.setattr(reports, "SHOWN", 2)
    result = station.store.result(known.result)
    assert result is not None
    for _ in range(2):
        station.store.add_result(station.store.add_visit(known.person), result.assessment)
    first, second = clinician.get("/reports").text, clinician.get("/reports?page=2").text
    found = [re.findall(r"/results/([0-9a-f-]{36})", page) for page in (first, second)]
    assert [len(one) for one in found] == [2, 1]
    assert found[1] == [known.result]
    assert clinician.get("/reports?page=-1").text.count("report-line") == 2


def test_a_report_shows_answers_reasons_and_the_notice_in_full(
    clinician: Visitor, known: Any, station: Station
) -> None:
    page = clinician.get(f"/results/{known.result}").text
    result = station.store.result(known.result)
    assert result is not None
    for text in (
        "Preliminary", "Major osteoporotic fracture, 10 years", "What moved each estimate", "OSTA",
        "Missing tests that would help most", "is research software. It is not a medical device", result.sha256,
    ):  # fmt: skip
        assert text in page
    assert ("view", f"result:{known.result}") in actions(station)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_made_at_the_station_is_read_in_both_languages(
    clinician: Visitor, known: Any, station: Station, lang: str
) -> None:
    clinician.get("/reports")
    made = clinician.post(f"/visits/{known.visit}/assess")
    clinician.post("/language", {"lang": lang, "back": "/"})
    page = clinician.get(made.url.path).text
    assert ("What moved each estimate" in page) == (lang == "en")
    assert ("本软件不能诊断骨质疏松症" in page) == (lang == "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_with_a_number_says_in_full_what_the_number_is(
    clinician: Visitor, known: Any, lang: str
) -> None:
    clinician.get("/reports")
    clinician.post("/language", {"lang": lang, "back": "/"})
    for path in (
        "/reports", f"/people/{known.person}/reports", f"/results/{known.result}",
        f"/results/{known.result}/what-if", f"/trials/{known.trial}/signal",
    ):  # fmt: skip
        assert sentence("notice", lang, {}) in html.unescape(clinician.get(path).text), path


def test_signing_needs_the_password_again(clinician: Visitor, known: Any, station: Station) -> None:
    result = station.store.result(known.result)
    assert result is not None
    answer = sign(clinician, known.result, password="not the password")  # noqa: S106
    assert answer.status_code == 422
    assert "The report is not signed" in answer.text
    assert station.signatures.state(result) == "preliminary"
    assert "Final" in sign(clinician, known.result).text
    assert station.signatures.state(result) == "final"
    assert ("sign", f"result:{known.result}") in actions(station)


def test_a_pin_will_do_where_one_is_set(visitors: Visitors, known: Any, station: Station) -> None:
    station.accounts.set_pin(visitors.account(Role.CLINICIAN).id, "2580")
    clinician = visitors.signed_in(Role.CLINICIAN)
    clinician.get(f"/results/{known.result}")
    refused = clinician.post(f"/results/{known.result}/sign", {"read": "yes", "pin": "0000"})
    assert refused.status_code == 422
    clinician.post(f"/results/{known.result}/sign", {"read": "yes", "pin": "2580"})
    result = station.store.result(known.result)
    assert result is not None
    assert station.signatures.state(result) == "final"


def test_nobody_signs_unread(clinician: Visitor, known: Any, station: Station) -> None:
    clinician.get(f"/results/{known.result}")
    answer = clinician.post(f"/results/{known.result}/sign", {"password": PASSWORD})
    assert answer.status_code == 422
    assert station.signatures.of(known.result) == ()


def test_comment_and_override_stand_beside_the_number(
    clinician: Visitor, known: Any, station: Station
) -> None:
    clinician.get(f"/results/{known.result}")
    clinician.post(f"/results/{known.result}/comment", {"comment": SCRIPT})
    fields = {"outcome": "hip_10y", "conclusion": "higher", "reason": f"falls every week {SCRIPT}"}
    page = clinician.post(f"/results/{known.result}/override", fields).text
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "Hip fracture: I judge it higher than the estimate" in page
    assert "falls every week" in page.partition("What moved each estimate")[0]  # beside the numbers
    assert "falls every week" in page.partition("Judgement and signature")[2]
    assert [act.kind for act in station.signatures.of(known.result)] == ["comment", "override"]


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "hip_10y", "conclusion": "higher", "reason": ""},
        {"outcome": "hip_10y", "conclusion": "?", "reason": "because"},
        {"outcome": "?", "conclusion": "higher", "reason": "because"},
    ],
)
def test_an_override_without_its_parts_is_refused(
    clinician: Visitor, known: Any, station: Station, fields: dict[str, str]
) -> None:
    clinician.get(f"/results/{known.result}")
    assert clinician.post(f"/results/{known.result}/override", fields).status_code == 422
    assert station.signatures.of(known.result) == ()


def test_a_signed_report_is_amended_by_a_new_version(
    clinician: Visitor, known: Any, station: Station
) -> None:
    before = station.store.result(known.result)
    assert before is not None
    sign(clinician, known.result)
    refused = clinician.post(f"/results/{known.result}/comment", {"comment": "too late"})
    assert refused.status_code == 422
    answer = clinician.post(f"/results/{known.result}/again")
    newer = answer.url.path.rsplit("/", 1)[1]
    assert newer != known.result
    made = station.store.result(newer)
    assert made is not None
    assert made.supersedes == known.result
    assert station.store.result(known.result) == before
    assert "There is a newer version" in clinician.get(f"/results/{known.result}").text
    assert "Final, amended" in sign(clinician, newer).text


def test_a_replaced_report_is_neither_signed_nor_replaced_again(
    clinician: Visitor, known: Any, station: Station
) -> None:
    clinician.get(f"/results/{known.result}")
    clinician.post(f"/results/{known.result}/again")
    assert "A newer version of this report is there" in sign(clinician, known.result).text
    assert station.signatures.of(known.result) == ()
    assert clinician.post(f"/results/{known.result}/again").status_code == 422
    assert len(station.store.results_of(known.person)) == 2


def test_all_reports_of_a_person(clinician: Visitor, known: Any) -> None:
    clinician.get(f"/results/{known.result}")
    clinician.post(f"/results/{known.result}/again")
    page = clinician.get(f"/people/{known.person}/reports").text
    assert "Replaced" in page
    assert len(set(re.findall(r"/results/([0-9a-f-]{36})", page))) == 2


def test_without_consent_no_report_is_made(clinician: Visitor, known: Any, station: Station) -> None:
    station.consents.withdraw(known.person, "test", "t")
    clinician.get("/reports")
    assert clinician.post(f"/visits/{known.visit}/assess").status_code == 403
    assert len(station.store.results_of(known.person)) == 1


def test_what_if_says_what_it_is_not(clinician: Visitor, known: Any) -> None:
    part = clinician.get(f"/results/{known.result}/what-if").text
    assert "This is not the effect of a treatment." in part
    assert "Weight" in part
    assert "Glucocorticoid" not in part
    changed = clinician.get(f"/results/{known.result}/what-if", params={"weight": "70"}).text
    assert "Back to this person" in changed


@pytest.mark.parametrize(
    "query", [{"weight": "abc"}, {"weight": "nan"}, {"weight": "900"}, {"glucocorticoids": "0"}]
)
def test_what_if_refuses_what_is_no_question(clinician: Visitor, known: Any, query: dict[str, str]) -> None:
    assert clinician.get(f"/results/{known.result}/what-if", params=query).status_code == 422


def test_a_trial_without_a_recording_has_no_picture(clinician: Visitor, known: Any) -> None:
    assert clinician.get(f"/trials/{known.trial}/signal.svg").status_code == 404


def test_reading_changes_nothing(clinician: Visitor, known: Any, station: Station) -> None:
    before = station.store.results_of(known.person), station.store.values_of(known.person)
    for path in (
        "/reports",
        f"/results/{known.result}",
        f"/results/{known.result}/what-if",
        f"/people/{known.person}/values",
    ):
        assert clinician.get(path).status_code == 200
    assert (station.store.results_of(known.person), station.store.values_of(known.person)) == before


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.ADMINISTRATOR])
def test_other_roles_are_refused(visitors: Visitors, known: Any, role: Role) -> None:
    visitor = visitors.signed_in(role)
    for path in ("/reports", f"/results/{known.result}", f"/people/{known.person}/values", "/uploads"):
        assert visitor.get(path).status_code == 403
