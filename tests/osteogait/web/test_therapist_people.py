"""Finding and adding people: what is typed is checked at its field, what is shown is written down in the audit."""

from __future__ import annotations

from typing import Any

import pytest
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.web.station import Station

GOOD = {
    "birth_year": "1950",
    "sex": "male",
    "height": "171",
    "weight": "70.5",
    "name": "Li Lei",
    "clinic_id": "77",
}


@pytest.fixture
def therapist(visitors: Visitors) -> Visitor:
    return visitors.signed_in(Role.THERAPIST)


def _actions(station: Station) -> list[tuple[str, str]]:
    return [(row.action, row.object.partition(":")[0]) for row in station.audit.rows(50, None)]


def test_the_start_page_shows_who_was_here_today(therapist: Visitor, known: Any) -> None:
    page = therapist.get("/people").text
    assert "Wang Xiulan" in page
    assert "C-1001" in page
    assert f"/people/{known.person}" in page


@pytest.mark.parametrize("wanted", ["wang", "Xiulan", "C-10"])
def test_a_search_finds_by_part_of_the_name_or_the_number(
    therapist: Visitor, known: Any, other: Any, wanted: str
) -> None:
    part = therapist.get("/people/found", params={"q": wanted}).text
    assert "Wang Xiulan" in part
    assert "Zhao Guiying" not in part


def test_a_search_finds_by_the_mark_of_somebody_without_a_name(therapist: Visitor, station: Station) -> None:
    person = station.store.add_person(birth_year=1950, sex="male")
    assert f"/people/{person}" in therapist.get("/people/found", params={"q": person[:6].upper()}).text


def test_a_search_in_vain_leads_on(therapist: Visitor, known: Any) -> None:
    part = therapist.get("/people/found", params={"q": "nobody"}).text
    assert "/people/new" in part


def test_every_list_and_search_is_in_the_audit(therapist: Visitor, known: Any, station: Station) -> None:
    therapist.get("/people")
    therapist.get("/people/found", params={"q": "wang"})
    assert _actions(station).count(("view", "people")) >= 2
    assert "wang" not in "".join(str(row) for row in station.audit.rows(50, None)).casefold()


def test_a_new_person_goes_on_to_consent(therapist: Visitor, station: Station) -> None:
    therapist.get("/people/new")
    answer = therapist.post("/people/new", GOOD)
    person = station.identities.by_clinic_id("77")
    assert person is not None
    assert answer.url.path == f"/people/{person}/consent"
    found = station.store.person(person)
    assert found is not None
    assert (found.birth_year, found.sex) == (1950, "male")
    values = {value.variable: (value.value, value.unit) for value in station.store.values_of(person)}
    assert values == {"height": (171.0, "cm"), "weight": (70.5, "kg")}
    assert ("create", "person") in _actions(station)


def test_birth_year_and_sex_are_enough(therapist: Visitor, station: Station) -> None:
    therapist.get("/people/new")
    answer = therapist.post("/people/new", {"birth_year": "１９５０", "sex": "female"})
    assert answer.url.path.endswith("/consent")
    (person,) = station.store.people()
    assert station.identities.get(person.id) is None
    assert station.store.visits_of(person.id) == ()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("birth_year", "48", "four digits"),
        ("birth_year", "1850", "four digits"),
        ("birth_year", "²²²²", "four digits"),
        ("sex", "", "choose one"),
        ("height", "16", "only 100 to 220"),
        ("height", "1,71", "digits"),
        ("weight", "NaN", "digits"),
        ("name", "x" * 300, "200 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    therapist: Visitor, station: Station, field: str, typed: str, said: str
) -> None:
    therapist.get("/people/new")
    answer = therapist.post("/people/new", GOOD | {field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Li Lei" in answer.text or field == "name"
    assert station.store.people() == ()


def test_a_clinic_number_that_somebody_has_leads_to_them(
    therapist: Visitor, known: Any, station: Station
) -> None:
    therapist.get("/people/new")
    answer = therapist.post("/people/new", GOOD | {"clinic_id": "C-1001"})
    assert answer.status_code == 422
    assert f"/people/{known.person}" in answer.text
    assert len(station.store.people()) == 1


def test_details_change_what_was_typed_and_keep_the_earlier_value(
    therapist: Visitor, known: Any, station: Station
) -> None:
    where = f"/people/{known.person}/details"
    therapist.get(where)
    therapist.post(where, {"name": "Wang Xiulan", "clinic_id": "C-1001", "height": "156", "weight": ""})
    therapist.post(where, {"name": "Wang Xiu Lan", "clinic_id": "C-9", "height": "155", "weight": ""})
    assert [value.value for value in station.store.values_of(known.person, "height")] == [156.0, 155.0]
    identity = station.identities.get(known.person)
    assert identity is not None
    assert (identity.name, identity.clinic_id) == ("Wang Xiu Lan", "C-9")
    assert 'value="155"' in therapist.get(where).text


def test_names_are_shown_as_text_and_never_as_markup(therapist: Visitor, station: Station) -> None:
    therapist.get("/people/new")
    therapist.post("/people/new", GOOD | {"name": "<b>'\"&Li</b>"})
    page = therapist.get("/people").text
    assert "<b>'" not in page
    assert "&lt;b&gt;" in page


def test_a_person_page_knows_what_is_next(therapist: Visitor, known: Any, station: Station) -> None:
    page = therapist.get(f"/people/{known.person}")
    assert "Go on with today" in page.text
    station.consents.withdraw(known.person, "test", "x")
    station.store.close_visit(known.visit)
    assert "Ask for consent" in therapist.get(f"/people/{known.person}").text
    assert ("view", "person") in _actions(station)


def test_a_slip_opens_the_kiosk_once_and_bears_no_name(
    therapist: Visitor, known: Any, station: Station
) -> None:
    therapist.get(f"/people/{known.person}")
    page = therapist.post(f"/people/{known.person}/slip").text
    code = page.partition('slip-code">')[2].partition("<")[0]
    slip = page.partition('<section class="slip">')[2].partition("</section>")[0]
    assert "Wang" not in slip
    assert "data:image/svg+xml" in slip
    assert station.slips.use(code) == known.person
    assert station.slips.use(code) is None


def test_the_room_speaks_chinese(therapist: Visitor, known: Any) -> None:
    therapist.get("/people")
    therapist.post("/language", {"lang": "zh", "back": "/people"})
    for path in ("/people", "/people/new", f"/people/{known.person}", f"/people/{known.person}/consent"):
        page = therapist.get(path).text
        assert 'lang="zh-Hans"' in page
        assert "New person" not in page
        assert "Visits" not in page
