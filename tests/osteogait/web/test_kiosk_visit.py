"""A visit to the kiosk from the first touch to the wiped screen, with a slip and without, in both languages."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update
from visitors import Visitor, Visitors

from osteogait.clinic.roles import Role
from osteogait.screening.battery import all_tests
from osteogait.screening.phase import Phase
from osteogait.storage.access_tables import FailureRow, SessionRow
from osteogait.storage.moment import now
from osteogait.storage.tables import VisitRow
from osteogait.web.kiosk.pace import MOST, WITHIN_S, Pace
from osteogait.web.kiosk.steps import SARC_F, Number, Question, questions, sarc_f
from osteogait.web.kiosk.sweeping import GONE_S
from osteogait.web.station import Station

PATIENCE_S = 60.0
NUMBERS = {"height": "158", "weight": "57"}
YEAR = str(datetime.now(UTC).year - 74)
CHANCE = re.compile(r"\d+(?:\.\d+)?\s*%|\d+ of 100|100 人中")


@pytest.fixture
def station(station: Station, monkeypatch: pytest.MonkeyPatch) -> Station:
    """With a simulated person who moves twenty times as fast as in life."""
    monkeypatch.setenv("OSTEOGAIT_SIMULATED_SPEED", "20")
    station.example = True
    return station


@pytest.fixture
def guest(visitors: Visitors) -> Visitor:
    visitors.account(Role.OWNER)
    visitor = visitors.stranger()
    visitor.get("/kiosk")
    return visitor


def arrive(guest: Visitor, sex: str = "female", year: str = YEAR) -> Any:
    guest.get("/kiosk/about")
    return guest.post("/kiosk/about", {"sex": sex, "year": year})


def agree(guest: Visitor, sex: str = "female") -> Any:
    assert arrive(guest, sex).url.path == "/kiosk/consent"
    return guest.post("/kiosk/consent", {"agree": "yes"})


def reply(one: Question | Number, points: str) -> dict[str, str]:
    if isinstance(one, Number):
        return {"number": NUMBERS[one.key]}
    return {"answer": points if one in SARC_F else "no"}


def answer_all(guest: Visitor, sex: str = "female", points: str = "0") -> Any:
    """Strength, no movements, body and risks."""
    page = None
    for number, one in enumerate(questions(sex), start=1):
        page = guest.post(f"/kiosk/questions/{number}", reply(one, points))
        assert page.status_code == 200, page.text
        if number == len(SARC_F):
            assert page.url.path == "/kiosk/tests"
            page = guest.post("/kiosk/tests", {"without": "yes"})
            assert page.url.path == f"/kiosk/questions/{number + 1}"
    assert page is not None
    assert page.url.path == "/kiosk/result"
    return page


def to_result(guest: Visitor) -> Any:
    page = guest.post("/kiosk/result")
    assert page.url.path == "/kiosk/result"
    assert "kiosk-result" in page.text
    return page


def _until_judged(station: Station) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        live = station.screening.current
        assert live is not None
        if live.phase in (Phase.REVIEW, Phase.FAILED):
            assert live.error is None
            return
        time.sleep(0.05)
    pytest.fail("the simulated test did not end by itself")


def _text(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_whole_visit_with_every_movement(guest: Visitor, station: Station) -> None:
    page = agree(guest)
    asked = questions("female")
    for one in SARC_F:
        page = guest.post(page.url.path, reply(one, "0"))
    assert page.url.path == "/kiosk/tests"
    page = guest.post("/kiosk/tests")
    done = []
    while "/kiosk/tests/" in page.url.path:
        where = page.url.path
        assert "data-busy" in guest.post(f"{where}/start").text
        _until_judged(station)
        assert "/accept" in guest.get(where).text
        page = guest.post(f"{where}/accept")
        done.append(where.rpartition("/")[2])
    assert done == ["chair_stand_5x", "walk", "quiet_stance"]
    for number, later in enumerate(asked[len(SARC_F) :], start=len(SARC_F) + 1):
        assert page.url.path == f"/kiosk/questions/{number}"
        page = guest.post(page.url.path, reply(later, "0"))
    assert "That was the last question" in page.text
    said = _text(to_result(guest).text)
    assert "Walking" in said
    assert "metres a second" in said
    assert "Getting up" in said
    assert "do not speak of weak muscles (0 of 10 points)" in said
    (person,) = station.store.people()
    (visit,) = station.store.visits_of(person.id)
    assert [one.state for one in station.trials.of_visit(visit.id)] == ["accepted"] * 3
    (result,) = station.store.results_of(person.id)
    assert station.signatures.state(result) == "preliminary"
    assert station.identities.get(person.id) is None


def test_with_a_slip_the_visit_is_of_whoever_it_was_made_for(
    guest: Visitor, known: Any, station: Station
) -> None:
    code = station.slips.make(known.person, "test")
    guest.get("/kiosk/code")
    page = guest.post("/kiosk/code", {"code": f"{code[:4].lower()} {code[4:]}"})
    assert page.url.path == "/kiosk/consent"
    assert "Wang" not in page.text
    guest.post("/kiosk/consent", {"agree": "yes"})
    answer_all(guest)
    to_result(guest)
    assert len(station.store.visits_of(known.person)) == 2
    assert len(station.store.results_of(known.person)) == 2
    again = guest.post("/kiosk/leave")
    assert again.url.path == "/kiosk/goodbye"
    guest.get("/kiosk/code")
    assert guest.post("/kiosk/code", {"code": code}).status_code == 422


def test_a_no_leaves_nothing_of_a_stranger(guest: Visitor, station: Station) -> None:
    arrive(guest)
    assert guest.post("/kiosk/consent", {"agree": "no"}).url.path == "/kiosk/goodbye"
    assert [one.id for one in station.store.people() if one.erased is None] == []
    assert guest.client.get("/kiosk/questions/1", follow_redirects=False).status_code == 303


def test_a_no_takes_nothing_from_whoever_staff_know(guest: Visitor, known: Any, station: Station) -> None:
    unnamed = station.store.add_person(birth_year=1950, sex="male")
    for person in (known.person, unnamed):
        guest.get("/kiosk/code")
        guest.post("/kiosk/code", {"code": station.slips.make(person, "test")})
        guest.post("/kiosk/consent", {"agree": "no"})
        found = station.store.person(person)
        assert found is not None
        assert found.erased is None
    assert station.store.results_of(known.person)


def test_wrong_codes_have_to_wait_and_are_in_the_audit(guest: Visitor, known: Any, station: Station) -> None:
    code = station.slips.make(known.person, "test")
    guest.get("/kiosk/code")
    codes = [guest.post("/kiosk/code", {"code": f"WRONG{n:03}"}).status_code for n in range(8)]
    assert codes[:4] == [422] * 4
    assert codes[-1] == 403
    refused = guest.post("/kiosk/code", {"code": code})
    assert refused.status_code == 403
    assert "kiosk-problem" in refused.text
    assert sum(row.object == "slip" for row in station.audit.rows(None, None)) == codes.count(422)
    with station.store.session() as session:
        session.execute(update(FailureRow).values(last=now() - timedelta(hours=1)))
    assert guest.post("/kiosk/code", {"code": code}).url.path == "/kiosk/consent"
    guest.post("/kiosk/leave")
    guest.get("/kiosk/code")
    assert guest.post("/kiosk/code", {"code": "WRONG999"}).status_code == 422, "a right code ends the count"
    code = station.slips.make(known.person, "test")
    assert guest.post("/kiosk/code", {"code": code}).url.path == "/kiosk/consent"


@pytest.mark.parametrize("age", [39, 18, 106, 200])
def test_who_is_not_of_the_ages_is_sent_to_the_staff(guest: Visitor, station: Station, age: int) -> None:
    year = datetime.now(UTC).year - age
    page = arrive(guest, year=str(year))
    assert page.status_code == 422
    assert "40 and older" in page.text
    for wrong in ("", "１９５０", "nineteen", "-1950", "1950.0"):
        assert arrive(guest, year=wrong).status_code == 422
    assert arrive(guest, sex="").status_code == 422
    assert station.store.people() == ()


def test_women_are_asked_one_question_more(guest: Visitor) -> None:
    women, men = questions("female"), questions("male")
    assert [one.key for one in women if one not in men] == ["postmenopausal"]
    agree(guest, "male")
    assert f"1 of {len(men)}" in guest.get("/kiosk/questions/1").text
    assert guest.get(f"/kiosk/questions/{len(women)}").status_code == 404
    for odd in ("0", "-1", "１", "1e1", "99"):
        assert guest.get(f"/kiosk/questions/{odd}").status_code == 404


def test_going_back_keeps_the_answer_and_the_last_one_counts(guest: Visitor, station: Station) -> None:
    agree(guest)
    guest.post("/kiosk/questions/1", {"answer": "2"})
    assert 'value="2" aria-pressed="true"' in guest.get("/kiosk/questions/1").text
    guest.post("/kiosk/questions/1", {"answer": "1"})
    page = guest.get("/kiosk/questions/1").text
    assert 'value="1" aria-pressed="true"' in page
    assert page.count("aria-pressed") == 1
    assert 'value=""' in guest.get("/kiosk/questions/6").text, "nobody's height is guessed"
    guest.post("/kiosk/questions/6", {"number": "158"})
    assert 'value="158"' in guest.get("/kiosk/questions/6").text
    (person,) = station.store.people()
    kept = [one.value for one in station.store.values_of(person.id, "sarc_f_strength")]
    assert kept == [2.0, 1.0]


def test_who_does_not_know_after_all_has_not_said_it(guest: Visitor, station: Station) -> None:
    agree(guest)
    guest.post("/kiosk/questions/6", {"number": "158"})
    assert guest.post("/kiosk/questions/6", {"skip": "yes"}).url.path == "/kiosk/questions/7"
    assert 'value=""' in guest.get("/kiosk/questions/6").text
    (person,) = station.store.people()
    (height,) = station.store.values_of(person.id, "height")
    assert height.withdrawn is not None


def test_touching_twice_does_everything_once(guest: Visitor, station: Station) -> None:
    agree(guest)
    for _ in range(2):
        guest.post("/kiosk/questions/1", {"answer": "1"})
        guest.post("/kiosk/consent", {"agree": "yes"})
    assert guest.post("/kiosk/tests/walk/skip").url.path == "/kiosk/tests/quiet_stance"
    assert guest.post("/kiosk/tests/walk/skip").url.path == "/kiosk/tests/quiet_stance"
    assert guest.post("/kiosk/tests/walk/accept").url.path == "/kiosk/tests/quiet_stance"
    answer_all(guest, points="1")
    for _ in range(2):
        to_result(guest)
    (person,) = station.store.people()
    (visit,) = station.store.visits_of(person.id)
    assert sorted(one.test for one in station.trials.of_visit(visit.id)) == [
        "chair_stand_5x",
        "quiet_stance",
        "walk",
    ]
    assert len(station.store.values_of(person.id, "sarc_f_strength")) == 1
    assert len(station.store.results_of(person.id)) == 1
    assert sum(row.action == "consent" for row in station.audit.rows(None, None)) == 1


def test_what_is_corrected_after_the_result_makes_another(guest: Visitor, station: Station) -> None:
    agree(guest)
    answer_all(guest)
    to_result(guest)
    guest.post("/kiosk/questions/1", {"answer": "2"})
    assert "2 of 10 points" in _text(to_result(guest).text)
    assert len(station.store.results_of(station.store.people()[0].id)) == 2


def test_onward_finds_what_is_not_done(guest: Visitor, station: Station) -> None:
    arrive(guest)
    assert guest.get("/kiosk/onward").url.path == "/kiosk/consent"
    guest.post("/kiosk/consent", {"agree": "yes"})
    assert guest.get("/kiosk/onward").url.path == "/kiosk/questions/1"
    for number in range(1, 6):
        guest.post(f"/kiosk/questions/{number}", {"answer": "0"})
    assert guest.get("/kiosk/onward").url.path == "/kiosk/tests"
    guest.post("/kiosk/tests/chair_stand_5x/skip")
    assert guest.post("/kiosk/tests").url.path == "/kiosk/tests/walk"
    guest.post("/kiosk/tests", {"without": "yes"})
    assert guest.get("/kiosk/onward").url.path == "/kiosk/questions/6"
    station.settings.put("kiosk_tests", [], "test")
    assert guest.get("/kiosk/tests").url.path == "/kiosk/questions/6"


def test_who_leaves_before_agreeing_is_not_kept(guest: Visitor, station: Station) -> None:
    arrive(guest)
    guest.post("/kiosk/leave")
    arrive(guest)
    arrive(guest)
    assert len([one for one in station.store.people() if one.erased is None]) == 1
    guest.post("/kiosk/consent", {"agree": "yes"})
    guest.post("/kiosk/leave")
    assert len([one for one in station.store.people() if one.erased is None]) == 1


def test_who_walked_away_before_agreeing_is_swept_up(guest: Visitor, known: Any, station: Station) -> None:
    """Also where no browser told the box: the power was cut, or the tablet fell."""
    agree(guest)
    agreed = station.store.people()[-1].id
    slip = station.slips.make(station.store.add_person(birth_year=1950, sex="male"), "test")
    for way in ({"code": slip}, {"sex": "female", "year": YEAR}):
        guest.client.cookies.clear()
        place = "/kiosk/code" if "code" in way else "/kiosk/about"
        guest.get(place)
        assert guest.post(place, way).url.path == "/kiosk/consent"
    before = {one.id for one in station.store.people()}
    stranger = station.store.people()[-1].id
    guest.client.cookies.clear()
    arrive(guest)
    assert before < {one.id for one in station.store.people()}, "they may still be there"
    with station.store.session() as session:
        session.execute(update(VisitRow).values(started=now() - timedelta(seconds=GONE_S + 1)))
    guest.client.cookies.clear()
    arrive(guest)
    left = {one.id for one in station.store.people()}
    assert stranger not in left
    assert {agreed, known.person} < left
    assert before - left == {stranger}


def test_strangers_are_begun_at_a_human_pace(guest: Visitor, station: Station) -> None:
    codes = [arrive(guest).status_code for _ in range(MOST + 3)]
    assert codes == [200] * MOST + [429] * 3
    page = arrive(guest)
    assert re.search(r"\b([2-9]|10) minutes", page.text), "what is left of the ten, however long this took"
    assert "kiosk-problem" in page.text
    assert len(station.store.people()) == 1, "each stranger took the place of the one before"
    pace = Pace(clock := Clock())
    assert [pace.wait_s("a") for _ in range(MOST + 1)] == [0] * MOST + [601]
    assert pace.wait_s("b") == 0
    clock.now += WITHIN_S
    assert pace.wait_s("a") == 0


@pytest.mark.parametrize("wrong", [{}, {"answer": "3"}, {"answer": "yes"}, {"answer": "１"}])
def test_an_answer_that_is_none_is_asked_again(
    guest: Visitor, wrong: dict[str, str], station: Station
) -> None:
    agree(guest)
    assert "choose one answer" in guest.post("/kiosk/questions/1", wrong).text
    for number in ("", "119", "211", "1.6e2", "一百六十", "１６０"):
        assert guest.post("/kiosk/questions/6", {"number": number}).status_code == 422
    assert station.store.values_of(station.store.people()[0].id) == ()


def test_points_of_the_questionnaire() -> None:
    keys = [one.key for one in SARC_F]
    assert sarc_f(dict.fromkeys(keys, "0")) == 0
    assert sarc_f(dict.fromkeys(keys, "2")) == 10
    assert sarc_f(dict(zip(keys, "00112", strict=True))) == 4
    assert sarc_f(dict.fromkeys(keys[:4], "2")) is None
    assert all(isinstance(one, Question) and len(one.options) == 3 for one in SARC_F)


def test_many_points_are_to_be_looked_at(guest: Visitor) -> None:
    agree(guest)
    answer_all(guest, points="1")
    said = _text(to_result(guest).text)
    assert "speak of weak muscles (5 of 10 points)" in said
    assert "please have this looked at" in said


def test_the_result_is_the_same_in_both_languages(guest: Visitor) -> None:
    agree(guest)
    answer_all(guest, points="1")
    english = to_result(guest).text
    guest.post("/language", {"lang": "zh", "back": "/kiosk/result"})
    chinese = guest.get("/kiosk/result").text
    assert 'lang="zh-Hans"' in chinese
    numbers = [
        re.findall(r"-?\d+(?:\.\d+)?", _text(one.split("kiosk-result")[1])) for one in (english, chinese)
    ]
    assert sorted(numbers[0]) == sorted(numbers[1])
    assert len(numbers[0]) >= 3
    assert english.count("kiosk-finding") == chinese.count("kiosk-finding")
    assert english.count("kiosk-finding watch") == chinese.count("kiosk-finding watch")


def test_chances_of_a_fracture_are_shown_only_where_that_was_set(guest: Visitor, station: Station) -> None:
    agree(guest)
    answer_all(guest)
    page = to_result(guest).text
    assert not CHANCE.search(_text(page))
    told, _, notice = _text(page).partition("For your doctor")
    assert "fracture" not in told
    assert "How likely a broken bone is" in told, "a doctor looks at it first"
    assert "It is not a medical device" in notice
    station.settings.put("kiosk_shows_fracture", True, "test")
    shown = _text(guest.get("/kiosk/result").text)
    assert CHANCE.search(shown)
    assert "How likely a broken bone is" not in shown
    (person,) = station.store.people()
    assert f"under {person.id[:6].upper()}" in shown, "staff find the visit by it"


def test_after_the_wipe_nothing_opens_again(guest: Visitor, station: Station) -> None:
    agree(guest)
    answer_all(guest)
    to_result(guest)
    seen = [path for path in dict.fromkeys(guest.seen) if "/kiosk/" in path]
    cookie = guest.client.cookies["osteogait_session"]
    answer = guest.post("/kiosk/leave", follow_redirects=False)
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    guest.client.cookies.set("osteogait_session", cookie)
    for path in seen:
        again = guest.client.get(path, follow_redirects=False)
        open_to_all = any(path.endswith(one) for one in ("/about", "/code", "/start"))
        assert again.status_code == (200 if open_to_all else 303), path
    assert all(visit.closed is not None for visit in station.store.visits_of(station.store.people()[0].id))


def test_whoever_walks_away_is_wiped_after_a_minute(guest: Visitor, station: Station) -> None:
    agree(guest)
    with station.store.session() as session:
        session.execute(update(SessionRow).values(last_seen=now() - timedelta(seconds=61)))
    answer = guest.client.get("/kiosk/questions/1", follow_redirects=False)
    assert answer.status_code == 303


def test_without_consent_nothing_is_asked_and_nothing_measured(guest: Visitor, station: Station) -> None:
    arrive(guest)
    assert guest.post("/kiosk/questions/1", {"answer": "0"}).status_code == 403
    assert guest.post("/kiosk/tests/walk/start").status_code in (403, 422)
    assert guest.post("/kiosk/result").status_code == 403
    assert station.screening.current is None
    assert station.store.values_of(station.store.people()[0].id) == ()


def test_balance_is_offered_only_where_staff_stand_by(guest: Visitor, station: Station) -> None:
    balance = next(one.id for one in all_tests() if not one.alone_ok)
    station.settings.put("kiosk_tests", [balance, "walk"], "test")
    agree(guest)
    assert guest.get(f"/kiosk/tests/{balance}").status_code == 404
    assert guest.get("/kiosk/tests/walk").status_code == 200
    station.settings.put("staff_present", True, "test")
    page = guest.get(f"/kiosk/tests/{balance}")
    assert page.status_code == 200
    assert "Ask somebody to stand beside you" in page.text
    assert "Somebody must stand beside you" in guest.post(f"/kiosk/tests/{balance}/start").text
    assert station.screening.current is None
    assert "Ask somebody to stand beside you" not in guest.get("/kiosk/tests/walk").text
    assert guest.post(f"/kiosk/tests/{balance}/start", {"beside": "yes"}).status_code == 200
    assert station.screening.current is not None
