"""What a guest reads after a movement that could not be measured."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from gaitsignal.words import codes
from osteogait.errors import DeviceNotFound, OsteogaitError
from osteogait.screening.outcome import Outcome
from osteogait.web.call import Call
from osteogait.web.kiosk.once_more import AS_SHOWN, KEEP_STILL, MOVEMENT, SENSOR, STILL, once_more

CALL = cast(Call, SimpleNamespace(say=lambda text, **_: text))


def after(*found: str, error: OsteogaitError | None = None) -> str:
    flags = [{"code": code, "severity": "reject"} for code in found]
    return once_more(CALL, Outcome(None, {"flags": flags, "usable": False}, error))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (("timed_no_rest",), STILL),
        (("not_still",), STILL),
        (("too_few_rises",), AS_SHOWN),
        (("timed_no_rest", "too_few_rises"), AS_SHOWN),
        (("gap_long",), SENSOR),
        ((), SENSOR),
    ],
)
def test_the_gate_in_plain_words(found: tuple[str, ...], said: str) -> None:
    assert after(*found) == said


def test_a_sensor_that_is_gone_is_a_matter_of_the_staff() -> None:
    assert after("too_few_rises", error=DeviceNotFound("sensor_silent", sensor="A", seconds=20)) == SENSOR


def test_every_code_is_one_of_the_gates() -> None:
    assert set(codes()) >= KEEP_STILL | MOVEMENT
    assert not KEEP_STILL & MOVEMENT
