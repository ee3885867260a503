"""The audit chain: every change to a row that was written is found."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from osteogait.errors import StoreError
from osteogait.storage import audit as module
from osteogait.storage.audit import FIRST, Audit
from osteogait.storage.store import Store

COLUMNS = (
    "boot_id",
    "monotonic_ns",
    "utc",
    "synchronised",
    "actor",
    "action",
    "object",
    "details",
    "previous",
    "sha256",
)


@pytest.fixture
def chain(opened: Store) -> Audit:
    audit = Audit(opened)
    for number in range(8):
        audit.add("mei", "view", f"person:{number}", note=f"步行 {number}")
    return audit


def _run(store: Store, sql: str) -> None:
    with sqlite3.connect(store.path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        assert database.execute(sql).rowcount > 0
    database.close()


def test_an_untouched_chain_is_whole(chain: Audit) -> None:
    verdict = chain.verify()
    assert (verdict.ok, verdict.rows, verdict.first_bad) == (True, 8, None)
    assert verdict.head == chain.head() != FIRST


def test_an_empty_chain_is_whole(opened: Store) -> None:
    assert Audit(opened).verify().ok
    assert Audit(opened).head() == FIRST


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", [1, 4, 8])
def test_an_edited_row_is_named(chain: Audit, opened: Store, column: str, row: int) -> None:
    value = "12345" if column == "monotonic_ns" else "0" if column == "synchronised" else f"'{'f' * 64}'"
    before = chain.rows(None, None)[8 - row]
    if str(getattr(before, column)) in (value, "False"):
        value = "1"
    _run(opened, f"UPDATE audit SET {column} = {value} WHERE seq = {row}")  # noqa: S608
    verdict = chain.verify()
    assert (verdict.ok, verdict.first_bad) == (False, row)


@pytest.mark.parametrize("row", [1, 4, 7])
def test_a_deleted_row_is_found(chain: Audit, opened: Store, row: int) -> None:
    _run(opened, f"DELETE FROM audit WHERE seq = {row}")  # noqa: S608
    assert not chain.verify().ok


def test_swapped_rows_are_found(chain: Audit, opened: Store) -> None:
    for sql in (
        "UPDATE audit SET seq = 99 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 5",
        "UPDATE audit SET seq = 5 WHERE seq = 99",
    ):
        _run(opened, sql)
    assert chain.verify().first_bad == 3


def test_a_row_put_in_is_found(chain: Audit, opened: Store) -> None:
    _run(opened, "UPDATE audit SET seq = seq + 100 WHERE seq > 4")
    _run(
        opened,
        "INSERT INTO audit SELECT 5, boot_id, monotonic_ns, utc, synchronised, 'eve', action, object, details,"
        " previous, sha256 FROM audit WHERE seq = 4",
    )
    _run(opened, "UPDATE audit SET seq = seq - 99 WHERE seq > 100")
    assert chain.verify().first_bad == 5


def test_a_tail_cut_off_shows_against_a_head_kept_elsewhere(chain: Audit, opened: Store) -> None:
    kept = chain.head()
    _run(opened, "DELETE FROM audit WHERE seq > 5")
    assert chain.verify().ok
    assert chain.head() != kept
    assert not chain.contains(kept)
    assert chain.contains(chain.head())
    assert chain.contains(FIRST)


@pytest.mark.parametrize("bad", [None, 1, 3, 8])
def test_a_long_chain_is_gone_through_some_rows_at_a_time(
    chain: Audit, opened: Store, monkeypatch: pytest.MonkeyPatch, bad: int | None
) -> None:
    if bad is not None:
        _run(opened, f"UPDATE audit SET details = '{{}}' WHERE seq = {bad}")  # noqa: S608
    for size in (1, 3, 8, 9):
        monkeypatch.setattr(module, "AT_A_TIME", size)
        verdict = chain.verify()
        assert (verdict.ok, verdict.rows, verdict.first_bad) == (bad is None, 8, bad)


def test_two_who_write_at_once_make_one_chain(chain: Audit) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: chain.add("bo", "view", f"person:{number}"), range(40)))
    verdict = chain.verify()
    assert (verdict.ok, verdict.rows) == (True, 48)


def test_the_clock_is_a_label_and_its_state_is_told(
    chain: Audit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "timesync").mkdir()
    monkeypatch.setattr(module, "SYNCHRONISED", tmp_path / "timesync" / "synchronized")
    chain.add("box", "clock", "box", seconds=-3600)
    (tmp_path / "timesync" / "synchronized").touch()
    chain.add("box", "clock", "box", seconds=3600)
    monkeypatch.setattr(module, "SYNCHRONISED", tmp_path / "elsewhere" / "synchronized")
    chain.add("box", "view", "audit")
    assert [event.synchronised for event in chain.rows(3, None)] == [None, True, False]
    assert chain.verify().ok


def test_an_event_stands_or_falls_with_what_it_tells(chain: Audit, opened: Store) -> None:
    def both() -> None:
        with opened.transaction():
            chain.add("mei", "create", "person:x")
            opened.add_visit("nobody")

    with pytest.raises(StoreError):
        both()
    assert chain.verify().rows == 8


def test_the_chain_goes_on_after_a_restart(chain: Audit, opened: Store) -> None:
    head = chain.head()
    with Store.open(opened.path) as later:
        Audit(later).add("bo", "view", "person:1")
        assert Audit(later).rows(1, None)[0].previous == head
        verdict = Audit(later).verify()
    assert (verdict.ok, verdict.rows) == (True, 9)
    assert chain.verify() == verdict, "who had it open sees the same"


def test_an_action_that_there_is_not_is_refused(chain: Audit) -> None:
    with pytest.raises(ValueError, match="no action"):
        chain.add("mei", "looked", "person:1")


def test_rows_come_newest_first_and_in_pages(chain: Audit) -> None:
    assert [event.seq for event in chain.rows(3, None)] == [8, 7, 6]
    assert [event.seq for event in chain.rows(3, 6)] == [5, 4, 3]
