"""Accounts: who is let in, who has to wait, what of a password is kept."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from time import process_time

import pytest
from sqlalchemy import update

from osteogait.clinic import passwords
from osteogait.clinic.roles import Role
from osteogait.errors import CaseError, NotPermitted, StoreError
from osteogait.storage.access_tables import FailureRow
from osteogait.storage.accounts import FREE_TRIES, LONGEST_WAIT_S, PIN_TRIES, Account, Accounts
from osteogait.storage.moment import now
from osteogait.storage.store import Store

PASSWORD = "a sentence nobody uses"  # noqa: S105 - of tests alone
HERE = "192.0.2.7"


@pytest.fixture
def accounts(opened: Store) -> Accounts:
    return Accounts(opened)


@pytest.fixture
def mei(accounts: Accounts) -> Account:
    return accounts.add("Mei", "  梅  Mei ", Role.THERAPIST, PASSWORD, "test")


def _refused(*calls: Callable[[], object]) -> set[str]:
    codes = set()
    for call in calls:
        with pytest.raises((CaseError, NotPermitted, StoreError)) as error:
            call()
        codes.add(error.value.code)
    return codes


def _later(store: Store, **gone: float) -> None:
    with store.session() as session:
        session.execute(update(FailureRow).values(last=now() - timedelta(**gone)))


def test_an_account_comes_back_as_it_was_made(accounts: Accounts, mei: Account) -> None:
    assert (mei.name, mei.display, mei.role, mei.active, mei.has_pin) == (
        "mei",
        "梅 Mei",
        Role.THERAPIST,
        True,
        False,
    )
    assert accounts.get(mei.id) == accounts.by_name("MEI") == mei
    assert accounts.all() == (mei,)
    assert accounts.get("nobody") is accounts.by_name("nobody") is None


@pytest.mark.parametrize("name", ["", "m", "-mei", "m ei", "梅梅", "m" * 33, "mei\n", "m/ei"])
def test_a_name_that_cannot_be_typed_is_refused(accounts: Accounts, name: str) -> None:
    assert _refused(lambda: accounts.add(name, "Mei", Role.THERAPIST, PASSWORD, "test")) == {"account_name"}


def test_what_is_wrong_with_an_account_is_said(accounts: Accounts, mei: Account) -> None:
    assert _refused(
        lambda: accounts.add("mei", "Other", Role.CLINICIAN, PASSWORD, "test"),
        lambda: accounts.add("bo", " ", Role.CLINICIAN, PASSWORD, "test"),
        lambda: accounts.add("bo", "Bo", Role.CLINICIAN, "short", "test"),
        lambda: accounts.set_pin(mei.id, "123"),
        lambda: accounts.set_pin("nobody", "2580"),
    ) == {"account_taken", "account_display", "password_rules", "pin_rules", "store_no_account"}
    assert accounts.all() == (mei,)


def test_of_several_who_begin_at_once_one_becomes_the_owner(accounts: Accounts) -> None:
    begin = threading.Barrier(6)

    def become(number: int) -> str:
        begin.wait(60)
        try:
            return accounts.add_first(f"boss{number}", "Boss", Role.OWNER, PASSWORD, "box").name
        except NotPermitted as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        became = list(pool.map(become, range(6)))
    (owner,) = accounts.all()
    assert sorted(became) == sorted([owner.name, *["box_has_owner"] * 5])


def test_a_password_made_of_the_owners_name_is_refused(accounts: Accounts, mei: Account) -> None:
    assert _refused(
        lambda: accounts.add("wangwei", "Wang Wei", Role.CLINICIAN, "WangWei2026", "test"),
        lambda: accounts.set_password(mei.id, "梅mei梅mei梅mei1"),
    ) == {"password_obvious"}


def test_a_right_code_forgets_the_wrong_ones_before_it(accounts: Accounts) -> None:
    for _ in range(5):
        accounts.failed("kiosk:1")
    assert accounts.must_wait_s("kiosk:1") > 0
    accounts.succeeded("kiosk:1")
    assert accounts.must_wait_s("kiosk:1") == 0


def test_a_clock_set_back_makes_nobody_wait_for_days(accounts: Accounts, opened: Store, mei: Account) -> None:
    for _ in range(6):
        accounts.check_password("mei", "wrong", HERE)
        _later(opened, seconds=1000)
    _later(opened, days=-2)  # wrong tries of a time to come
    assert accounts.must_wait_s(HERE) == 0
    assert accounts.check_password("mei", PASSWORD, HERE) == mei


def test_nothing_typed_is_in_the_file(accounts: Accounts, opened: Store, mei: Account) -> None:
    accounts.set_pin(mei.id, "258013")
    accounts.check_password("never-there", "a wrong one typed", HERE)
    accounts.check_pin(mei.id, "777777")
    held = b"".join(path.read_bytes() for path in opened.path.parent.iterdir())
    for secret in (PASSWORD, "258013", "a wrong one typed", "never-there", HERE, "777777"):
        assert secret.encode() not in held
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in held


def test_only_the_right_password_of_an_active_account_opens(accounts: Accounts, mei: Account) -> None:
    accounts.add("boss", "Boss", Role.OWNER, PASSWORD, "test")
    assert accounts.check_password("MEI", PASSWORD, HERE) == mei
    assert accounts.check_password("mei", PASSWORD + " ", HERE) is None
    assert accounts.check_password("nobody", PASSWORD, HERE) is None
    accounts.set_active(mei.id, False)
    assert accounts.check_password("mei", PASSWORD, HERE) is None


def test_after_five_wrong_tries_name_and_address_wait(
    accounts: Accounts, opened: Store, mei: Account
) -> None:
    for _ in range(5):
        assert accounts.check_password("mei", "wrong", HERE) is None
    assert _refused(
        lambda: accounts.check_password("mei", PASSWORD, "203.0.113.9"),
        lambda: accounts.check_password("bo", PASSWORD, HERE),
    ) == {"try_later"}
    assert accounts.check_password("bo", "wrong", "203.0.113.9") is None, (
        "another name from elsewhere is free"
    )
    _later(opened, seconds=16)
    assert accounts.check_password("mei", PASSWORD, HERE) == mei
    assert accounts.must_wait_s(HERE) == 0


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(accounts: Accounts, opened: Store, mei: Account) -> None:
    waits = []
    for _ in range(12):
        accounts.check_password("mei", "wrong", HERE)
        waits.append(accounts.must_wait_s(HERE))
        _later(opened, seconds=LONGEST_WAIT_S + 1)
    assert waits[:4] == [0] * 4
    assert [round(wait, -1) for wait in waits[4:8]] == [20, 30, 60, 120]
    assert max(waits) <= LONGEST_WAIT_S + 1


def test_mistakes_of_long_ago_no_longer_count(accounts: Accounts, opened: Store, mei: Account) -> None:
    for _ in range(4):
        accounts.check_password("mei", "wrong", HERE)
    _later(opened, hours=25)
    accounts.check_password("mei", "wrong", HERE)
    assert accounts.must_wait_s(HERE) == 0


def test_many_tries_at_once_are_many_tries(accounts: Accounts, mei: Account) -> None:
    def guess(number: int) -> str:
        try:
            accounts.check_password("mei", f"guess {number}", HERE)
        except NotPermitted as wait:
            return wait.code
        return "checked"

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(24)))
    assert said.count("checked") == 5


def test_a_pin_has_five_tries_also_at_once(accounts: Accounts, mei: Account) -> None:
    accounts.set_pin(mei.id, "2580")
    assert accounts.check_pin(mei.id, "2580")

    def guess(number: int) -> str:
        try:
            return str(accounts.check_pin(mei.id, f"{number:04d}"))
        except NotPermitted as spent:
            return spent.code

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(1000, 1020)))
    assert said.count("False") == PIN_TRIES
    assert _refused(lambda: accounts.check_pin(mei.id, "2580")) == {"pin_spent"}
    assert accounts.check_password("mei", PASSWORD, HERE) is not None
    assert accounts.check_pin(mei.id, "2580")


def test_no_pin_opens_nothing(accounts: Accounts, mei: Account) -> None:
    assert not accounts.check_pin(mei.id, "")
    assert not accounts.check_pin("nobody", "2580")


def test_another_password_takes_the_pin_along(accounts: Accounts, mei: Account) -> None:
    accounts.set_pin(mei.id, "2580")
    accounts.set_password(mei.id, "another sentence here")
    found = accounts.get(mei.id)
    assert found is not None
    assert not found.has_pin
    assert accounts.check_password("mei", PASSWORD, HERE) is None
    assert accounts.check_password("mei", "another sentence here", HERE) is not None


def test_a_cheaper_hash_is_replaced_at_the_next_sign_in(
    accounts: Accounts, opened: Store, mei: Account
) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with sqlite3.connect(opened.path) as database:
        database.execute("UPDATE accounts SET password = ?", (weak,))
    assert accounts.check_password("mei", PASSWORD, HERE) is not None
    ((kept,),) = database.execute("SELECT password FROM accounts").fetchall()
    database.close()
    assert "m=19456,t=2" in kept
    assert accounts.check_password("mei", PASSWORD, HERE) is not None


def test_an_unknown_name_costs_as_much_as_a_known_one(accounts: Accounts, mei: Account) -> None:
    took: dict[str, list[float]] = {"mei": [], "nobody": []}
    passwords.nobodys.cache_clear()
    accounts.check_password("warm", "x", "warm")
    for turn in range(4):
        for name, times in took.items():
            begun = process_time()
            accounts.check_password(name, "x" * 12, f"{name}{turn}")
            times.append(process_time() - begun)
    assert 0.5 < min(took["mei"]) / min(took["nobody"]) < 2.0


def test_two_hashes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    kept, threads = passwords.hashed(PASSWORD), set()

    class Counting:
        def verify(self, hash_: str, secret: str) -> bool:
            nonlocal running, most
            with lock:
                running, most = running + 1, max(most, running + 1)
                threads.add(threading.get_ident())
            threading.Event().wait(0.01)
            with lock:
                running -= 1
            return True

    monkeypatch.setattr(passwords, "_hasher", Counting)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: passwords.matches(PASSWORD, kept), range(16)))
    assert most == len(threads) == 2, "each thread keeps the memory of a hash"


def test_a_crowd_at_the_door_is_sent_away_and_not_counted(accounts: Accounts, mei: Account) -> None:
    accounts.set_pin(mei.id, "2580")
    with ExitStack() as crowd:
        for _ in range(passwords.MOST_WAITING):
            crowd.enter_context(passwords.place())
        for _ in range(FREE_TRIES + 1):
            assert _refused(
                lambda: accounts.check_password("mei", PASSWORD, HERE),
                lambda: accounts.check_pin(mei.id, "2580"),
            ) == {"try_later"}
    assert accounts.check_password("mei", PASSWORD, HERE) == accounts.get(mei.id)
    assert accounts.check_pin(mei.id, "2580")
