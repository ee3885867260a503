"""What an administrator may choose on the screen stands in the document on settings, with its default and limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteogait.web.entrance.settings import CHOICES, NUMBERS, SECONDS, SWITCHES
from osteogait.web.kiosk.moving import USUAL


@pytest.fixture
def document(repo: Path) -> str:
    return (repo / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_stands_there_with_limits_and_default(document: str, name: str) -> None:
    low, high = SECONDS
    assert f"| `{name}` | s, {low} to {high} | {NUMBERS[name][1]} |" in document


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_stands_there_with_its_default(document: str, name: str) -> None:
    assert f"| `{name}` | yes or no | {'yes' if SWITCHES[name][1] else 'no'} |" in document


@pytest.mark.parametrize("name", [*CHOICES, "zone", "kiosk_tests"])
def test_a_choice_stands_there(document: str, name: str) -> None:
    assert f"| `{name}` |" in document


def test_the_tests_that_a_kiosk_offers_at_first_stand_there(document: str) -> None:
    assert ", ".join(f"`{name}`" for name in USUAL) in document
