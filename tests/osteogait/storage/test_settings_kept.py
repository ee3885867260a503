"""A choice is asked of the store once a second at most, and yet a change is seen at once, and never one that failed."""

from __future__ import annotations

import pytest

from osteogait.storage import settings as module
from osteogait.storage.settings import KEPT_S, Settings
from osteogait.storage.store import Store


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_many_questions_are_one(opened: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    read = opened.read
    monkeypatch.setattr(opened, "read", lambda query: asked.append(query) or read(query))
    assert [Settings(opened).get("zone", "UTC") for _ in range(50)] == ["UTC"] * 50
    assert len(asked) == 1
    clock.now_s += KEPT_S
    assert Settings(opened).get("zone", "UTC") == "UTC"
    assert len(asked) == 2


def test_a_change_is_seen_at_once_by_everybody(opened: Store, clock: Clock) -> None:
    one, other = Settings(opened), Settings(opened)
    assert (one.get("zone", "UTC"), other.get("zone", "UTC")) == ("UTC", "UTC")
    one.put("zone", "Asia/Shanghai", "mei")
    assert other.get("zone", "UTC") == "Asia/Shanghai"
    other.put("zone", None, "mei")
    assert one.get("zone", "UTC") is None


def test_a_change_inside_a_transaction_counts_inside_and_after_it(opened: Store, clock: Clock) -> None:
    settings = Settings(opened)
    settings.put("seat", 45, "mei")
    assert settings.get("seat", 0) == 45
    with opened.transaction():
        settings.put("seat", 50, "mei")
        assert settings.get("seat", 0) == 50
    assert settings.get("seat", 0) == 50


def test_a_change_that_was_taken_back_never_was(opened: Store, clock: Clock) -> None:
    settings = Settings(opened)
    settings.put("seat", 45, "mei")

    def broken_off() -> None:
        with opened.transaction():
            settings.put("seat", 50, "mei")
            assert settings.get("seat", 0) == 50
            raise LookupError

    with pytest.raises(LookupError):
        broken_off()
    assert settings.get("seat", 0) == 45


def test_what_another_program_chose_is_seen_within_a_second(opened: Store, clock: Clock) -> None:
    settings = Settings(opened)
    assert settings.get("seat", 40) == 40
    with Store.open(opened.path) as other:
        Settings(other).put("seat", 50, "mei")
    assert settings.get("seat", 40) == 40
    clock.now_s += KEPT_S
    assert settings.get("seat", 40) == 50
