"""Sessions: a token is good once, for its role, while somebody is there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from osteogait.clinic.roles import Role
from osteogait.storage.access_tables import SessionRow
from osteogait.storage.accounts import Account, Accounts
from osteogait.storage.sessions import Session, Sessions
from osteogait.storage.settings import Settings
from osteogait.storage.store import Store
from osteogait.storage.tables import now

PASSWORD = "a sentence nobody uses"  # noqa: S105 - of tests alone


@pytest.fixture
def sessions(opened: Store) -> Sessions:
    return Sessions(opened)


@pytest.fixture
def mei(opened: Store) -> Account:
    return Accounts(opened).add("mei", "Mei", Role.OWNER, PASSWORD, "test")


def _ago(store: Store, **gone: float) -> None:
    """Every session's last touch lies so far back."""
    with store.session() as session:
        session.execute(update(SessionRow).values(last_seen=now() - timedelta(**gone)))


def _begun(store: Store, **gone: float) -> None:
    with store.session() as session:
        session.execute(update(SessionRow).values(created=now() - timedelta(**gone)))


def _clock_says(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    for module in ("sessions", "moment"):
        monkeypatch.setattr(f"osteogait.storage.{module}.now", lambda: moment)


def _found(sessions: Sessions, token: str) -> Session:
    found = sessions.find(token)
    assert found is not None
    return found


def test_a_token_finds_its_session_and_lies_nowhere(sessions: Sessions, opened: Store, mei: Account) -> None:
    token, begun = sessions.begin(mei, mei.role, "staff")
    assert _found(sessions, token) == begun
    assert (begun.account_id, begun.role, begun.locked) == (mei.id, Role.OWNER, False)
    assert sessions.find(token + "x") is None
    assert sessions.find("") is None
    held = b"".join(path.read_bytes() for path in opened.path.parent.iterdir())
    assert token.encode() not in held


def test_no_two_sessions_share_anything_secret(sessions: Sessions, mei: Account) -> None:
    made = [sessions.begin(mei, mei.role, "staff") for _ in range(20)]
    assert len({token for token, _ in made}) == len({one.csrf for _, one in made}) == 20
    assert min(len(token) for token, _ in made) >= 43, "256 bits"


def test_staff_who_did_nothing_find_the_screen_locked(
    sessions: Sessions, opened: Store, mei: Account
) -> None:
    token, _ = sessions.begin(mei, mei.role, "staff")
    _ago(opened, seconds=119)
    assert not _found(sessions, token).locked
    _ago(opened, seconds=121)
    assert _found(sessions, token).locked
    sessions.touch(_found(sessions, token))
    assert _found(sessions, token).locked, "a touch does not unlock"


def test_unlocking_gives_a_new_token_and_the_old_is_dead(sessions: Sessions, mei: Account) -> None:
    token, begun = sessions.begin(mei, mei.role, "staff")
    sessions.lock(begun)
    fresh = sessions.unlock(begun)
    assert sessions.find(token) is None
    assert not _found(sessions, fresh).locked
    assert _found(sessions, fresh).id == begun.id


def test_a_guest_who_did_nothing_is_gone(sessions: Sessions, opened: Store, somebody: str) -> None:
    visit = opened.add_visit(somebody)
    token, begun = sessions.begin(None, Role.GUEST, "kiosk", somebody, visit)
    assert (begun.person, begun.visit) == (somebody, visit)
    _ago(opened, seconds=59)
    assert sessions.find(token) is not None
    _ago(opened, seconds=61)
    assert sessions.find(token) is None
    _ago(opened, seconds=0)
    assert sessions.find(token) is None


def test_the_times_are_the_administrators(sessions: Sessions, opened: Store, mei: Account) -> None:
    Settings(opened).put("lock_after_s", 300, mei.id)
    token, _ = sessions.begin(mei, mei.role, "staff")
    _ago(opened, seconds=299)
    assert not _found(sessions, token).locked


def test_a_touch_is_written_now_and_then(
    sessions: Sessions, mei: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = sessions.begin(mei, mei.role, "staff")
    before = _found(sessions, token)
    _clock_says(monkeypatch, before.last_seen + timedelta(seconds=0.9))
    sessions.touch(before)
    assert _found(sessions, token).last_seen == before.last_seen
    later = before.last_seen + timedelta(seconds=1.1)
    _clock_says(monkeypatch, later)
    sessions.touch(before)
    assert _found(sessions, token).last_seen == later


@pytest.mark.parametrize("hours", [-1, -24])
def test_a_clock_set_back_keeps_no_session_open(
    sessions: Sessions, opened: Store, mei: Account, somebody: str, hours: int
) -> None:
    token, _ = sessions.begin(mei, mei.role, "staff")
    guest, _ = sessions.begin(None, Role.GUEST, "kiosk", somebody, opened.add_visit(somebody))
    _ago(opened, hours=hours)  # the last touch lies in a time to come
    assert _found(sessions, token).locked
    assert sessions.find(guest) is None
    _begun(opened, hours=-13)
    assert sessions.find(token) is None


def test_a_working_day_ends_every_session_but_another_programs(
    sessions: Sessions, opened: Store, mei: Account
) -> None:
    robot = Accounts(opened).add("robot", "Robot", Role.SERVICE, PASSWORD, mei.id)
    token, _ = sessions.begin(mei, mei.role, "staff")
    service, _ = sessions.begin(robot, Role.SERVICE, "service")
    _begun(opened, hours=12, seconds=1)
    _ago(opened, hours=12)
    assert sessions.find(token) is None
    assert _found(sessions, service).role is Role.SERVICE


def test_ended_means_ended(sessions: Sessions, mei: Account) -> None:
    token, begun = sessions.begin(mei, mei.role, "staff")
    other, _ = sessions.begin(mei, mei.role, "staff")
    sessions.end(begun)
    assert sessions.find(token) is None
    assert sessions.find(other) is not None
    sessions.end_all(mei.id)
    assert sessions.find(other) is None


def test_another_role_or_an_account_off_ends_it_at_once(
    sessions: Sessions, opened: Store, mei: Account
) -> None:
    accounts = Accounts(opened)
    bo = accounts.add("bo", "Bo", Role.CLINICIAN, PASSWORD, mei.id)
    token, _ = sessions.begin(bo, bo.role, "staff")
    accounts.set_role(bo.id, Role.THERAPIST)
    assert sessions.find(token) is None
    token, _ = sessions.begin(bo, Role.THERAPIST, "staff")
    accounts.set_active(bo.id, False)
    assert sessions.find(token) is None


def test_old_sessions_do_not_pile_up(sessions: Sessions, opened: Store, mei: Account) -> None:
    for _ in range(5):
        sessions.begin(mei, mei.role, "staff")
    _begun(opened, days=3)
    token, _ = sessions.begin(mei, mei.role, "staff")
    with opened.session() as session:
        assert session.query(SessionRow).count() == 1
    assert sessions.find(token) is not None
