"""A clock that was set shows between the two clocks of a machine, and stands in the audit before what came after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from osteogait.storage import audit as audit_module
from osteogait.storage import clocks as module
from osteogait.storage.audit import BOX, Audit
from osteogait.storage.clocks import Clocks, read_clocks, seconds_stepped
from osteogait.storage.store import Store

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
THIS, NEXT = "this-start", "next-start"


def _after(seconds: float, *, set_by_s: float = 0.0, boot: str = THIS) -> Clocks:
    """So many seconds after noon, by a clock that was set by `set_by_s` meanwhile."""
    return Clocks(boot, int(seconds * 1e9), NOON + timedelta(seconds=seconds + set_by_s))


@pytest.mark.parametrize("set_by_s", [-86_400.0, -3600.0, -1.5, 1.5, 3600.0, 86_400.0])
def test_a_step_is_told_to_the_millisecond(set_by_s: float) -> None:
    assert seconds_stepped(_after(10), _after(200, set_by_s=set_by_s)) == set_by_s


@pytest.mark.parametrize("set_by_s", [0.0, 0.4, -0.9])
def test_time_that_passes_is_no_step(set_by_s: float) -> None:
    assert seconds_stepped(_after(10), _after(90_000, set_by_s=set_by_s)) == 0.0


def test_across_a_start_only_a_clock_that_went_back_is_told() -> None:
    assert seconds_stepped(_after(9000), _after(5, set_by_s=20_000, boot=NEXT)) == 0.0
    assert seconds_stepped(_after(9000), _after(5, boot=NEXT)) == -8995.0


def test_both_clocks_are_read_within_milliseconds() -> None:
    earlier, later = read_clocks(), read_clocks()
    assert earlier.boot_id == later.boot_id
    assert later.monotonic_ns >= earlier.monotonic_ns
    assert earlier.utc.tzinfo is UTC


def test_a_reading_that_was_put_aside_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0, 900_000_000, 1_000_000_000, 1_000_400_000])
    monkeypatch.setattr(module, "_running_ns", lambda: next(ticks))
    assert read_clocks().monotonic_ns == 1_000_200_000


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[Clocks]:
    """What the clocks will say at the next events, in order."""
    told: list[Clocks] = []
    following: Iterator[Clocks] = iter(lambda: told.pop(0), None)
    monkeypatch.setattr(audit_module, "read_clocks", lambda: next(following))
    return told


def test_the_audit_tells_of_a_clock_that_was_set(opened: Store, moments: list[Clocks]) -> None:
    chain = Audit(opened)
    moments += [_after(0), _after(60), _after(120, set_by_s=-3600), _after(180, set_by_s=-3600)]
    for number in range(4):
        chain.add("mei", "view", f"person:{number}")
    told = [(event.actor, event.action, event.object) for event in reversed(chain.rows(None, None))]
    assert told[2] == (BOX, "clock", "clock")
    assert [action for _, action, _ in told] == ["view", "view", "clock", "view", "view"]
    event = chain.last("clock")
    assert event is not None
    assert json.loads(event.details) == {"seconds": -3600.0}
    assert chain.verify().ok


def test_a_step_stands_or_falls_with_the_event_that_found_it(opened: Store, moments: list[Clocks]) -> None:
    chain = Audit(opened)
    moments += [_after(0), _after(1, set_by_s=7200), _after(2, set_by_s=7200)]
    chain.add("mei", "view", "person:1")

    def undone() -> None:
        with opened.transaction():
            chain.add("mei", "create", "person:x")
            raise KeyError

    with pytest.raises(KeyError):
        undone()
    assert chain.last("clock") is None
    chain.add("mei", "view", "person:2")
    assert [event.action for event in chain.rows(None, None)] == ["view", "clock", "view"]
