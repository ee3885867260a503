"""The watch over writes of requests sees what it is for."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from audited_writes import watched

from osteogait.storage.audit import Audit
from osteogait.storage.settings import Settings
from osteogait.storage.store import Store
from osteogait.web.station import Station


@pytest.fixture(autouse=True)
def every_write_is_in_the_audit() -> None:
    """Here some are left out on purpose."""


def _as_a_request(work: Callable[[], object]) -> None:
    """In a thread named like those in which requests are answered."""
    thread = Thread(target=work, name="AnyIO worker thread")
    thread.start()
    thread.join(60)


def _silent(store: Store) -> None:
    store.add_person(birth_year=1950, sex="male")


def _told(store: Store) -> None:
    with store.transaction():
        _silent(store)
        Audit(store).add("mei", "create", "person:x")


def _told_too_late(store: Store) -> None:
    _silent(store)
    Audit(store).add("mei", "create", "person:x")


@pytest.mark.parametrize(
    ("work", "without"),
    [
        (_silent, ["people"]),
        (_told, []),
        (_told_too_late, ["people"]),
        (lambda store: Settings(store).put("country", "CN", "mei"), ["settings"]),
        (lambda store: Settings(store).put("seat_height_cm", "45", "mei"), []),
        (lambda store: store.people(), []),
    ],
)
def test_a_write_without_its_row_is_seen(
    station: Station, work: Callable[[Store], object], without: list[str]
) -> None:
    with watched() as seen:
        _as_a_request(lambda: work(station.store))
    assert seen == without
