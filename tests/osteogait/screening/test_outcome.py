"""The verdict of a test: the worse of what its measures say and what its session lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from osteogait.acquire.summary import RecordingSummary
from osteogait.screening.outcome import Outcome


@dataclass(frozen=True)
class Session:
    """Of a summary, what an outcome looks at."""

    verdict: str


def outcome(session: str | None, *severities: str, usable: bool = True, code: str = "some_flag") -> Outcome:
    kept: dict[str, Any] = {
        "usable": usable, "flags": [{"code": code, "severity": one} for one in severities],
    }  # fmt: skip
    return Outcome(None if session is None else cast(RecordingSummary, Session(session)), kept)


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (outcome("good"), "good"),
        (outcome("good", "info"), "good"),
        (outcome("good", "warn"), "limited"),
        (outcome("good", "warn", code="simulated_sensor"), "good"),
        (outcome("limited"), "limited"),
        (outcome("limited", "warn"), "limited"),
        (outcome("repeat"), "repeat"),
        (outcome("good", "reject", usable=False), "repeat"),
        (outcome(None), "repeat"),
        (Outcome(None, None), "repeat"),
    ],
)
def test_the_worse_of_measures_and_session_counts(made: Outcome, verdict: str) -> None:
    assert made.verdict == verdict


def test_what_the_radio_lost_cannot_be_used() -> None:
    assert outcome("limited").usable
    assert not outcome("repeat").usable
    assert not outcome("good", usable=False).usable
