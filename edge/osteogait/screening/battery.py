"""Batteries of tests, and the tests they are made of, from batteries.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from osteogait.errors import UsageError
from osteogait.screening.test_guide import BATTERY_TITLES, GUIDES, Guide

CUSTOM = "custom"
LONGEST_S = 60.0
"""A held test that nobody ended by then was forgotten."""
RISING = ("risen", "counted")
"""How tests end in which somebody stands up from a chair."""


@dataclass(frozen=True, slots=True)
class TestItem:
    """One test of a battery; the words are sentences to translate.

    protocol, part, variant   what it is measured by; stance, eyes, side or number of the try
    stop        how it ends by itself: held, counted, walked, seated, risen
    seconds     how long it is held or counted; None: as long as the person takes, at most `longest_s`
    alone_ok    may be done without anybody standing by
    needs       chair, walkway, wall
    """

    __test__ = False  # else pytest takes it for tests

    id: str
    protocol: str
    variant: str | None
    part: str | None
    stop: str
    seconds: float | None
    rises: int | None
    distance_m: float | None
    longest_s: float
    alone_ok: bool
    needs: tuple[str, ...]
    drawing: str
    guide: Guide

    @property
    def title(self) -> str:
        """What the test is called."""
        return self.guide.title

    @property
    def what(self) -> str:
        """What it shows."""
        return self.guide.what

    @property
    def how(self) -> tuple[str, ...]:
        """What to do, step by step."""
        return self.guide.how

    @property
    def safety(self) -> str:
        """What keeps the person from harm."""
        return self.guide.safety

    @property
    def say(self) -> str:
        """What is spoken to the person."""
        return self.guide.say


@dataclass(frozen=True, slots=True)
class Battery:
    """Tests in the order they are done."""

    id: str
    title: str
    tests: tuple[TestItem, ...]

    @property
    def text(self) -> str:
        """As a visit keeps it: the name, or the chosen tests."""
        return f"{CUSTOM}:{','.join(test.id for test in self.tests)}" if self.id == CUSTOM else self.id


def battery(name: str) -> Battery:
    """The battery `quick`, `steadi`, `sppb`, `full`, or `custom:walk,timed_up_and_go`; UsageError for any other."""
    known = _content()["batteries"]
    if name.startswith(f"{CUSTOM}:"):
        return custom(part for part in name.partition(":")[2].split(",") if part)
    if name not in known:
        raise UsageError("screening_no_battery", battery=name, known=", ".join(known))
    return Battery(name, BATTERY_TITLES[name], tuple(test(one) for one in known[name]))


def custom(tests: Iterable[str]) -> Battery:
    """The chosen tests, each once, in the order given; UsageError for none or an unknown one."""
    chosen = tuple(test(one) for one in dict.fromkeys(tests))
    if not chosen:
        raise UsageError("screening_no_tests")
    return Battery(CUSTOM, BATTERY_TITLES[CUSTOM], chosen)


def batteries() -> tuple[Battery, ...]:
    """Every battery with a name of its own."""
    return tuple(battery(name) for name in _content()["batteries"])


def all_tests() -> tuple[TestItem, ...]:
    """Every test there is."""
    return tuple(test(name) for name in _content()["tests"])


@cache
def test(name: str) -> TestItem:
    """The test of that name; UsageError when there is none."""
    found = _content()["tests"].get(name)
    if found is None:
        raise UsageError("screening_no_test", test=name[:40])
    return TestItem(
        id=name,
        protocol=found["protocol"],
        variant=found.get("variant"),
        part=found.get("part"),
        stop=found["stop"],
        seconds=found.get("seconds"),
        rises=found.get("rises"),
        distance_m=found.get("distance_m"),
        longest_s=float(found.get("longest_s", LONGEST_S)),
        alone_ok=bool(found.get("alone", False)),
        needs=tuple(found["needs"]),
        drawing=found["drawing"],
        guide=GUIDES[found.get("guide", name)],
    )


@cache
def _content() -> dict[str, Any]:
    from gaitsignal.yaml_text import parse

    text = files("osteogait.screening").joinpath("batteries.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = parse(text)
    return content
