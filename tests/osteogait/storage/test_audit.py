"""The audit chain: every change to a row that was written is found."""

from __future__ import annotations

import sqlite3

import pytest

from osteogait.errors import StoreError
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
        "INSERT INTO audit SELECT 5, boot_id, monotonic_ns, utc, synchronised, 'eve', action, object , details, previous, sha256"
        " FROM audit WHERE seq = 4",
    )
    _run(opened, "UPDATE audit SET seq = seq - 99 WHERE seq > 100")
    assert chain.verify().first_bad == 5


def test_a_tail_cut_off_shows_against_a_head_kept_elsewhere(chain: Audit, opened: Store) -> None:
    kept = chain.head()
    _run(opened, "DELETE FROM audit WHERE seq > 5")
    assert chain.verify().ok
    assert chain.head() != kept
    assert kept not in {event.sha256 for event in chain.rows(None, None)}


def test_an_event_stands_or_falls_with_what_it_tells(chain: Audit, opened: Store) -> None:
    def both() -> None:
        with opened.transaction():
            chain.add("mei", "create", "person:x")
            opened.add_visit("nobody")

    with pytest.raises(StoreError):
        both()
    assert chain.verify().rows == 8


def test_an_action_that_there_is_not_is_refused(chain: Audit) -> None:
    with pytest.raises(ValueError, match="no action"):
        chain.add("mei", "looked", "person:1")


def test_rows_come_newest_first_and_in_pages(chain: Audit) -> None:
    assert [event.seq for event in chain.rows(3, None)] == [8, 7, 6]
    assert [event.seq for event in chain.rows(3, 6)] == [5, 4, 3]
