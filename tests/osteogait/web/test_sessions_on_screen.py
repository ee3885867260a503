"""Signing in, locking and leaving, as a browser sees it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import update
from visitors import PASSWORD, Visitors

from osteogait.clinic.roles import Role
from osteogait.storage.access_tables import FailureRow, SessionRow
from osteogait.storage.moment import now
from osteogait.web.station import Station

COOKIE = "osteogait_session"


def _later(station: Station, **gone: float) -> None:
    """The last touch, and the beginning, of every session lie so far back."""
    with station.store.session() as session:
        then = now() - timedelta(**gone)
        session.execute(update(SessionRow).values(last_seen=then, created=then))


def test_the_first_run_makes_the_only_account_and_is_then_closed(visitors: Visitors) -> None:
    visitor = visitors.stranger()
    assert visitor.get("/").url.path == "/first-run"
    wrong = {"display": "Li Mei", "name": "mei", "password": PASSWORD, "again": "another sentence here"}
    assert visitor.post("/first-run", wrong).status_code == 422
    assert visitors.station.accounts.all() == ()
    for weak in ("short", "aaaaaaaaaaaa"):
        assert visitor.post("/first-run", wrong | {"password": weak, "again": weak}).status_code == 422
    assert visitor.post("/first-run", wrong | {"again": PASSWORD, "treats": "yes"}).status_code == 200
    (account,) = visitors.station.accounts.all()
    assert account.role is Role.OWNER
    again = visitors.stranger()
    assert again.get("/first-run").url.path == "/sign-in"
    again.post("/first-run", wrong | {"name": "eve", "again": PASSWORD})
    assert len(visitors.station.accounts.all()) == 1


def test_the_cookie_is_for_this_site_and_no_script(visitors: Visitors) -> None:
    visitors.account(Role.THERAPIST)
    visitor = visitors.stranger()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"name": "the-therapist", "password": PASSWORD}, follow_redirects=False)
    (cookie,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE)]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in str(answer.headers)


def test_signing_in_gives_a_new_token_and_kills_the_old(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    old = visitor.client.cookies[COOKIE]
    visitor.get("/sign-in")
    visitor.post("/sign-in", {"name": "the-therapist", "password": PASSWORD})
    assert visitor.client.cookies[COOKIE] != old
    assert visitors.station.sessions.find(old) is None


def test_a_token_brought_along_is_not_taken(visitors: Visitors) -> None:
    visitor = visitors.stranger()
    visitor.client.cookies.set(COOKIE, "chosen-by-somebody-else")
    visitors.account(Role.THERAPIST)
    visitor.get("/sign-in")
    visitor.post("/sign-in", {"name": "the-therapist", "password": PASSWORD})
    assert visitors.station.sessions.find("chosen-by-somebody-else") is None


def test_leaving_kills_the_token(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    old = visitor.client.cookies[COOKIE]
    visitor.get("/my-account")
    visitor.post("/sign-out")
    assert visitors.station.sessions.find(old) is None
    assert visitor.get("/my-account").url.path == "/sign-in"


def test_an_idle_screen_locks_and_opens_with_the_pin_under_a_new_token(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    visitor.get("/my-account")
    visitor.post("/my-account/pin", {"pin": "2580"})
    old = visitor.client.cookies[COOKIE]
    _later(visitors.station, seconds=121)
    locked = visitor.get("/my-account")
    assert locked.url.path == "/locked"
    assert visitor.post("/locked", {"pin": "1111"}).status_code == 403
    assert visitor.post("/locked", {"pin": "2580", "next": "/my-account"}).url.path == "/my-account"
    assert visitor.client.cookies[COOKIE] != old
    assert visitors.station.sessions.find(old) is None


def test_what_a_page_asks_for_by_itself_keeps_no_screen_awake(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)

    def idle_s() -> float:
        session = visitors.station.sessions.find(visitor.client.cookies[COOKIE])
        assert session is not None
        return (now() - session.last_seen).total_seconds()

    _later(visitors.station, seconds=100)
    visitor.get("/live/say/en/walk.wav")
    assert idle_s() >= 100
    visitor.client.head("/notice")  # a page tells in this way that somebody touched it
    assert idle_s() < 60


def test_five_wrong_pins_ask_for_the_password(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    visitor.get("/my-account")
    visitor.post("/my-account/pin", {"pin": "2580"})
    visitor.post("/lock")
    for _ in range(5):
        assert visitor.post("/locked", {"pin": "0001"}).status_code == 403
    spent = visitor.post("/locked", {"pin": "2580"})
    assert spent.status_code == 429
    assert 'name="password"' in spent.text
    assert 'name="pin"' not in spent.text, "now only the password opens"
    opened = visitor.post("/locked", {"password": PASSWORD, "next": "/my-account"})
    assert opened.url.path == "/my-account"


def test_who_forgot_the_pin_uses_the_password(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    visitor.get("/my-account")
    visitor.post("/my-account/pin", {"pin": "2580"})
    locked = visitor.post("/lock")
    assert 'name="pin"' in locked.text
    assert 'name="password"' in locked.text
    assert (
        visitor.post("/locked", {"pin": "", "password": PASSWORD, "next": "/my-account"}).url.path
        == "/my-account"
    )


def test_every_wrong_proof_of_who_one_is_stands_in_the_audit(visitors: Visitors, known: object) -> None:
    visitor = visitors.signed_in(Role.CLINICIAN)
    result = known.result  # type: ignore[attr-defined]
    visitor.get(f"/results/{result}")
    assert visitor.post(f"/results/{result}/sign", {"read": "yes", "password": "wrong"}).status_code == 422
    visitor.get("/my-account")
    assert visitor.post("/my-account/password", {"present": "wrong", "password": PASSWORD}).status_code == 422
    visitor.post("/lock")
    assert visitor.post("/locked", {"password": "wrong"}).status_code == 403
    refused = [event for event in visitors.station.audit.rows(None, None) if event.object == "refused"]
    account = visitors.account(Role.CLINICIAN).id
    assert [(event.actor, event.details) for event in reversed(refused)] == [
        (account, f'{{"way":"{way}"}}') for way in ("sign", "password", "unlock")
    ]


def test_while_locked_nothing_else_opens(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.OWNER)
    visitor.get("/my-account")
    visitor.post("/lock")
    for path in ("/my-account", "/accounts", "/audit", "/settings", "/people"):
        assert visitor.get(path).url.path == "/locked"
    page = visitor.get("/locked").text
    assert "Unlock" in page
    assert not any(f'href="{path}"' in page for path in ("/accounts", "/people", "/my-account"))
    assert visitor.post("/accounts", {"name": "eve"}).url.path == "/locked"


def test_after_a_working_day_everybody_signs_in_again(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.THERAPIST)
    _later(visitors.station, hours=12, seconds=1)
    assert visitor.get("/my-account").url.path == "/sign-in"


def test_the_kiosk_forgets_its_guest_after_a_minute(visitors: Visitors, known: object) -> None:
    guest = visitors.guest(known.person, known.visit)  # type: ignore[attr-defined]
    assert guest.get("/kiosk/consent").status_code == 200
    _later(visitors.station, seconds=61)
    assert guest.client.get("/kiosk/consent", follow_redirects=False).status_code == 303


def test_the_times_can_be_set(visitors: Visitors) -> None:
    visitor = visitors.signed_in(Role.OWNER)
    visitor.get("/settings")
    wanted = {"lock_after_s": "300", "kiosk_lock_after_s": "45", "rule_set": "who1994", "country": "CN"}
    assert visitor.post("/settings", wanted).status_code == 200
    assert visitors.station.settings.get("lock_after_s", 0) == 300
    for bad in ("5", "99999", "x", "１２０", "-60", ""):
        assert visitor.post("/settings", wanted | {"lock_after_s": bad}).status_code == 422
    _later(visitors.station, seconds=250)
    assert visitor.get("/settings").url.path == "/settings"


def test_an_account_switched_off_is_out_at_once(visitors: Visitors) -> None:
    therapist, owner = visitors.signed_in(Role.THERAPIST), visitors.signed_in(Role.OWNER)
    owner.get("/accounts")
    owner.post(f"/accounts/{visitors.account(Role.THERAPIST).id}", {"active": "no"})
    assert therapist.get("/my-account").url.path == "/sign-in"


def test_a_hundred_wrong_tries_get_nowhere(visitors: Visitors) -> None:
    visitors.account(Role.THERAPIST)
    visitor = visitors.stranger()
    visitor.get("/sign-in")
    codes = [
        visitor.post("/sign-in", {"name": "the-therapist", "password": f"wrong {n}"}).status_code
        for n in range(100)
    ]
    assert codes[:5] == [403] * 5
    assert set(codes[5:]) == {429}
    assert visitor.post("/sign-in", {"name": "the-therapist", "password": PASSWORD}).status_code == 429
    with visitors.station.store.session() as session:
        session.execute(update(FailureRow).values(last=now() - timedelta(hours=1)))
    assert visitor.post("/sign-in", {"name": "the-therapist", "password": PASSWORD}).status_code == 200


def test_an_unknown_name_answers_like_a_known_one(visitors: Visitors) -> None:
    visitors.account(Role.THERAPIST)
    visitors.station.accounts.check_password("nobody-at-all", "x", "warm")
    took: dict[str, list[float]] = {"the-therapist": [], "nobody-at-all": []}
    said = set()
    for turn in range(5):
        for name, times in took.items():
            visitor = visitors.stranger()
            visitor.get("/sign-in")
            begun = time.process_time()
            answer = visitor.post("/sign-in", {"name": name, "password": f"wrong {turn}"})
            times.append(time.process_time() - begun)
            said.add(answer.text.replace(name, "").replace(visitor.csrf, ""))
            with visitors.station.store.session() as session:
                session.query(FailureRow).delete()
    assert len({len(text) for text in said}) == 1
    known, unknown = min(took["the-therapist"]), min(took["nobody-at-all"])
    assert 0.5 < known / unknown < 2.0


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(visitors: Visitors, target: str) -> None:
    visitors.account(Role.THERAPIST)
    visitor = visitors.stranger()
    visitor.get("/sign-in")
    fields = {"name": "the-therapist", "password": PASSWORD, "next": target}
    assert visitor.post("/sign-in", fields, follow_redirects=False).headers["location"] == "/"
